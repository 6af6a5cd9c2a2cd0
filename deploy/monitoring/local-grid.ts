// A grid of real processes on this machine whose nodes serve management, for Prometheus to scrape.

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Child, freePort, until } from './child.ts';

const entry = fileURLToPath(new URL('../../apps/valuation/bin/valuation.mjs', import.meta.url));

export interface GridNode {
  readonly kind: 'controller' | 'worker';
  readonly process: Child;
  /** Where management listens. */
  readonly target: string;
  /** Where a controller takes jobs. */
  readonly url: string | undefined;
}

export class LocalGrid {
  readonly nodes: GridNode[] = [];
  readonly #host: string;
  readonly #folder: string;
  readonly #seeds: string[] = [];

  constructor(host: string, folder: string) {
    this.#host = host;
    this.#folder = folder;
  }

  /** Resolves when all of them are Up. */
  async start(controllers: number, workers: number): Promise<void> {
    for (let i = 0; i < controllers; i++) {
      this.#seeds.push(`${this.#host}:${await freePort(this.#host, 25_520 + i)}`);
    }
    for (const seed of this.#seeds) await this.#startNode('controller', seed.split(':')[1] ?? '0');
    for (let i = 0; i < workers; i++) await this.addWorker();
    await this.untilUp();
  }

  async addWorker(): Promise<GridNode> {
    return await this.#startNode('worker', '0');
  }

  async untilUp(): Promise<void> {
    const [first] = this.nodes;
    const count = this.nodes.filter(({ process }) => process.isRunning).length;
    await until(`${count} members that are Up`, 60_000, async () => {
      const answer = await fetch(`http://${first?.target}/cluster/members`);
      const { members } = (await answer.json()) as { members: { status: string }[] };
      return members.filter(({ status }) => status === 'Up').length === count || undefined;
    });
  }

  /** Starts pricing the reference trade of a metric so many times. */
  async price(trades: number): Promise<void> {
    const url = this.nodes.find((node) => node.url !== undefined)?.url ?? '';
    const answer = await fetch(`${url}/valQuery?metric=NPV&numTrades=${trades}`);
    if (answer.status !== 202) throw new Error(`The job was not taken: ${await answer.text()}`);
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map(({ process }) => process.stop()));
  }

  async #startNode(kind: GridNode['kind'], port: string): Promise<GridNode> {
    const host = this.#host;
    const number = this.nodes.filter((node) => node.kind === kind).length + 1;
    const management = await freePort(host, 7626 + this.nodes.length);
    const http = kind === 'controller' ? await freePort(host, 7776 + number) : undefined;
    const words = [
      ...['--remote.host', host, '--remote.port', port],
      ...['--cluster.seed-nodes', this.#seeds.join(',')],
      ...['--management.enabled', 'true', '--management.port', String(management)],
      ...(http === undefined
        ? ['--worker.threads', '1']
        : ['--http.host', host, '--http.port', String(http), '--http.page', 'false']),
    ];
    const log = join(this.#folder, `${kind}-${number}.log`);
    const node: GridNode = {
      kind,
      process: new Child(`${kind} ${number}`, log, [process.execPath, entry, kind, ...words]),
      target: `${host}:${management}`,
      url: http === undefined ? undefined : `http://${host}:${http}`,
    };
    this.nodes.push(node);
    await until(`${node.process.name}, whose log is ${log},`, 30_000, async () => {
      if (!node.process.isRunning) throw new Error('its process ended');
      return (await fetch(`http://${node.target}/alive`)).ok || undefined;
    });
    return node;
  }
}
