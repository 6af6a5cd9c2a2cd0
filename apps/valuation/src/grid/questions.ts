// Questions of this controller to others, and their answers. An answer comes to the controller's own path, not to that
// of an ask: pages of results are long, and only what goes to known paths takes the stream for long messages.

import type { Cancellable, Timers } from 'parvi/runtime';
import type { Answer, ControllerMessage, JobQuery, Peer } from './protocol.ts';

const answerWaitMs = 5000;

interface Open {
  readonly resolve: (answer: Answer<unknown>) => void;
  readonly timer: Cancellable;
}

export class Questions {
  readonly #timers: Timers;
  readonly #open = new Map<number, Open>();
  #asked = 0;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** Rejects when no answer comes in time. */
  ask(
    other: Pick<Peer<ControllerMessage>, 'tell'>,
    replyTo: Peer<ControllerMessage>,
    query: JobQuery,
  ): Promise<Answer<unknown>> {
    const question = ++this.#asked;
    return new Promise((resolve, reject) => {
      const timer = this.#timers.after(answerWaitMs, () => {
        this.#open.delete(question);
        reject(new Error(`No answer about job "${query.job}" came within ${answerWaitMs} ms`));
      });
      this.#open.set(question, { resolve, timer });
      other.tell({ type: 'jobQuery', query, question, replyTo });
    });
  }

  /** Takes an answer; one that comes too late is dropped. */
  answered({ question, answer }: Extract<ControllerMessage, { type: 'jobAnswer' }>): void {
    const open = this.#open.get(question);
    if (open === undefined) return;
    this.#open.delete(question);
    open.timer.cancel();
    open.resolve(answer);
  }
}
