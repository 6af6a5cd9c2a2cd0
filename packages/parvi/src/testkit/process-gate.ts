// What makes one of several simulated processes end or stop while the time that they share goes on: everything that its
// runtime would call goes through here.

import type { Cancellable, Runtime } from '../runtime/index.ts';

export class ProcessGate {
  readonly runtime: Runtime;
  #state: 'running' | 'paused' | 'ended' = 'running';
  #waiting: (() => void)[] = [];

  constructor(shared: Runtime) {
    const { clock, random, timers, turns } = shared;
    this.runtime = {
      clock,
      random,
      timers: {
        after: (delayMs, callback): Cancellable => timers.after(delayMs, () => this.#run(callback)),
        every: (intervalMs, callback): Cancellable =>
          timers.every(intervalMs, () => this.#run(callback)),
      },
      turns: {
        soon: (callback) => turns.soon(() => this.#run(callback)),
        later: (callback) => turns.later(() => this.#run(callback)),
      },
    };
  }

  get isPaused(): boolean {
    return this.#state === 'paused';
  }

  /** Nothing of this process happens any more. */
  end(): void {
    this.#state = 'ended';
    this.#waiting = [];
  }

  pause(): void {
    if (this.#state === 'running') this.#state = 'paused';
  }

  /** All that fell due meanwhile happens now, in its order. */
  resume(): void {
    if (this.#state !== 'paused') return;
    this.#state = 'running';
    for (const callback of this.#waiting.splice(0)) this.#run(callback);
  }

  #run(callback: () => void): void {
    if (this.#state === 'running') callback();
    else if (this.#state === 'paused') this.#waiting.push(callback);
  }
}
