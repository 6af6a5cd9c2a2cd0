// The hosts of a run, and what can be done to the network between them.

import { spawnSync } from 'node:child_process';
import { writeFileSync, writeSync } from 'node:fs';

export const hostNumbers = [1, 2, 3, 4, 5] as const;
export type HostNumber = (typeof hostNumbers)[number];

export interface LinkQuality {
  readonly delayMs?: number;
  readonly jitterMs?: number;
  /** Part of the packets that is lost, 0 to 1. */
  readonly loss?: number;
}

type Order =
  | { readonly op: 'cut'; readonly from: readonly number[]; readonly to: readonly number[] }
  | { readonly op: 'heal' }
  | ({ readonly op: 'link' } & LinkQuality);

export class FaultNetwork {
  readonly #prefix: string;
  readonly #switch: number;
  readonly #hostsFile: string;
  readonly #addresses = new Map<HostNumber, string>();

  /** @param hostsFile which every host sees as its `/etc/hosts` */
  constructor(prefix: string, switchDescriptor: number, hostsFile: string) {
    this.#prefix = prefix;
    this.#switch = switchDescriptor;
    this.#hostsFile = hostsFile;
    for (const host of hostNumbers) this.#addresses.set(host, `10.78.0.${host}`);
    this.#writeNames();
  }

  address(host: HostNumber): string {
    return this.#addresses.get(host) ?? '';
  }

  name(host: HostNumber): string {
    return `node${host}.test`;
  }

  /** No packet from the ones reaches the others; the other direction is left alone. */
  cutOneWay(from: readonly HostNumber[], to: readonly HostNumber[]): void {
    this.#order({ op: 'cut', from, to });
  }

  cut(side: readonly HostNumber[], other: readonly HostNumber[]): void {
    this.cutOneWay(side, other);
    this.cutOneWay(other, side);
  }

  heal(): void {
    this.#order({ op: 'heal' });
  }

  link(quality: LinkQuality): void {
    this.#order({ op: 'link', ...quality });
  }

  /** The host gets another address, and its name leads there. */
  move(host: HostNumber, address: string): void {
    const namespace = `${this.#prefix}-${host}`;
    // In this order: with a primary address its secondary ones go as well.
    run('ip', ['-n', namespace, 'addr', 'del', `${this.address(host)}/24`, 'dev', 'eth0']);
    run('ip', ['-n', namespace, 'addr', 'add', `${address}/24`, 'dev', 'eth0']);
    this.#addresses.set(host, address);
    this.#writeNames();
  }

  /** Brings back what earlier cases have changed. */
  reset(): void {
    this.heal();
    this.link({});
    for (const host of hostNumbers) {
      if (this.address(host) !== `10.78.0.${host}`) this.move(host, `10.78.0.${host}`);
    }
  }

  /** Words that run a command on the host, with its names, as the process that was started. */
  wrapper(host: HostNumber): readonly string[] {
    const inside = 'mount --bind "$0" /etc/hosts && exec "$@"';
    const namespace = `--net=/run/netns/${this.#prefix}-${host}`;
    return ['nsenter', namespace, '--', 'unshare', '--mount', 'sh', '-c', inside, this.#hostsFile];
  }

  #order(order: Order): void {
    writeSync(this.#switch, `${JSON.stringify(order)}\n`);
  }

  #writeNames(): void {
    const lines = hostNumbers.map((host) => `${this.address(host)} ${this.name(host)}`);
    writeFileSync(this.#hostsFile, `127.0.0.1 localhost\n${lines.join('\n')}\n`);
  }
}

function run(program: string, words: readonly string[]): void {
  const { status, stderr } = spawnSync(program, words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`"${program} ${words.join(' ')}" failed: ${stderr}`);
}
