// A Pekko node of the JVM on one of the hosts, a member like any other that has no part in the grid.

import type { Exit } from '../apps/valuation/test/acceptance/node-process.ts';
import { until } from '../apps/valuation/test/acceptance/until.ts';
import type { NodeProcess, StateLine } from '../interop/harness/node-process.ts';
import { configText, startPekko } from '../interop/harness/node-programs.ts';
import type { FaultNode, Said } from './fault-node.ts';

/** What its class path is, for the process that starts the nodes; not set where none can be built. */
export const peerVariable = 'FAULTS_PEER_CLASS_PATH';

export interface PekkoNodeOptions {
  readonly wrapper: readonly string[];
  readonly system: string;
  readonly host: string;
  readonly port: number;
  readonly seeds: readonly string[];
  readonly settings: Readonly<Record<string, unknown>>;
}

const answerMsMax = 5000;

export class PekkoNode implements FaultNode {
  readonly #process: NodeProcess;
  readonly #saidAtMs: number[] = [];
  #endedAtMs: number | undefined;
  #signal: NodeJS.Signals | null = null;

  constructor(options: PekkoNodeOptions) {
    const { wrapper, system, host, port, seeds, settings } = options;
    const all: Readonly<Record<string, unknown>> = {
      'pekko.remote.artery.canonical.hostname': host,
      'pekko.remote.artery.canonical.port': port,
      'pekko.cluster.seed-nodes': seeds.map((seed) => `pekko://${system}@${seed}`),
      'pekko.cluster.retry-unsuccessful-join-after': '2s',
      // It ends itself when it does not listen in time, and five nodes may start at once on few cores.
      'pekko.remote.artery.bind.bind-timeout': '60s',
      ...settings,
    };
    this.#process = startPekko({
      host,
      wrapper,
      system,
      classPath: process.env[peerVariable] ?? '',
      config: configText(all),
    });
    void this.#process.exited.then((end) => {
      this.#endedAtMs = Date.now();
      if (typeof end === 'string') this.#signal = end as NodeJS.Signals;
    });
    void this.#noteTimes();
  }

  get isRunning(): boolean {
    return this.#process.isRunning;
  }

  get endedAtMs(): number | undefined {
    return this.#endedAtMs;
  }

  get text(): string {
    const lines = this.#process.lines.map((line) => JSON.stringify(line));
    return `${lines.join('\n')}\n${this.#process.errorText}`;
  }

  said(part: string): readonly Said[] {
    return this.#process.lines.flatMap(({ message = '' }, i) =>
      message.includes(part) ? [{ message, atMs: this.#saidAtMs[i] ?? Date.now() }] : [],
    );
  }

  /** What it sees of the cluster. @throws Error when it does not answer */
  state(): Promise<StateLine> {
    const { promise: never, reject } = Promise.withResolvers<never>();
    const why = () => reject(this.#process.failure(`no state within ${answerMsMax} ms`));
    const timer = setTimeout(why, answerMsMax);
    return Promise.race([this.#process.state(), never]).finally(() => clearTimeout(timer));
  }

  signal(signal: NodeJS.Signals): void {
    if (this.isRunning) this.#process.signal(signal);
  }

  async untilExited(timeoutMs: number): Promise<Exit> {
    const what = () => this.#process.failure('the end').message;
    await until(what, () => !this.isRunning, { timeoutMs });
    return { code: null, signal: this.#signal };
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.#process.exited;
  }

  /** Its lines have no time of their own. */
  async #noteTimes(): Promise<void> {
    while (this.isRunning) {
      await this.#process.nextLine(500);
      const { lines } = this.#process;
      while (this.#saidAtMs.length < lines.length) this.#saidAtMs.push(Date.now());
    }
  }
}
