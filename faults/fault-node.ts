// One of the five processes, of either kind, as a case sees it: what it said and when, signals sent to it, its end.

import type { Exit, NodeProcess } from '../apps/valuation/test/acceptance/node-process.ts';

export interface Said {
  readonly atMs: number;
  readonly message: string;
}

export interface FaultNode {
  readonly isRunning: boolean;
  /** When it ended, in time of the day. */
  readonly endedAtMs: number | undefined;
  /** All that it wrote. */
  readonly text: string;
  said(part: string): readonly Said[];
  signal(signal: NodeJS.Signals): void;
  /** @throws Error after the time */
  untilExited(timeoutMs: number): Promise<Exit>;
  kill(): Promise<void>;
}

/** A node of the grid. */
export class GridNode implements FaultNode {
  readonly #process: NodeProcess;
  #endedAtMs: number | undefined;

  constructor(process: NodeProcess) {
    this.#process = process;
    void process.exited.then(() => {
      this.#endedAtMs = Date.now();
    });
  }

  get isRunning(): boolean {
    return this.#process.isRunning;
  }

  get endedAtMs(): number | undefined {
    return this.#endedAtMs;
  }

  get text(): string {
    return this.#process.output + this.#process.errors;
  }

  said(part: string): readonly Said[] {
    const entries = this.#process.logged(part);
    return entries.map(({ message, time }) => ({ message, atMs: Date.parse(String(time)) }));
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.signal(signal);
  }

  untilExited(timeoutMs: number): Promise<Exit> {
    return this.#process.untilExited(timeoutMs);
  }

  kill(): Promise<void> {
    return this.#process.kill();
  }
}
