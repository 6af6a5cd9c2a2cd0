// Asks between all pairs of nodes, without end in the background and in bursts when the cluster is calm.

import { type Random, randomInt } from 'parvi/runtime';
import type { NodeProcess } from './node-process.ts';

export class Traffic {
  answered = 0;
  /** Asks between members of a calm cluster that failed. */
  failed = 0;
  readonly #random: Random;
  readonly #lost: string[] = [];
  #nodes: readonly NodeProcess[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(random: Random) {
    this.#random = random;
  }

  /** From now on these talk, ten asks a second. What fails while the cluster changes is no failure. */
  include(nodes: readonly NodeProcess[]): void {
    this.#nodes = [...nodes];
    this.#timer ??= setInterval(() => {
      this.#ask().catch(() => undefined);
    }, 100).unref();
  }

  exclude(node: NodeProcess): void {
    this.#nodes = this.#nodes.filter((one) => one !== node);
  }

  /** So many asks, ten at a time; all must be answered. */
  async burst(count: number): Promise<void> {
    for (let done = 0; done < count; done += 10) {
      const errors = await Promise.all(Array.from({ length: 10 }, () => this.#ask()));
      for (const error of errors) if (error !== undefined) this.#lost.push(error);
    }
    for (const error of this.#lost.splice(0)) {
      this.failed++;
      process.stdout.write(`   ${error}\n`);
    }
  }

  async #ask(): Promise<string | undefined> {
    const from = this.#nodes[randomInt(this.#random, this.#nodes.length)];
    const others = this.#nodes.filter((node) => node !== from);
    const to = others[randomInt(this.#random, Math.max(1, others.length))];
    if (from === undefined || to === undefined) return undefined;
    const record = { text: 'soak', n: '7', x: 0.5, flag: true, list: ['a'], bytes: 'AAEC' };
    const reply = await from.try('ask', {
      to: to.path('echo'),
      value: { cbor: record },
      timeoutMs: 5000,
    });
    if (reply.error === undefined) {
      this.answered++;
      return undefined;
    }
    return `ask from ${from.kind} ${from.host} to ${to.kind} ${to.host}: ${reply.error}`;
  }
}
