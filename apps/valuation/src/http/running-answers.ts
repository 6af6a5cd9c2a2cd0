// Answers that are still being sent when the server is to stop: whoever reads the results of a last job gets them whole.
// Event streams have no end of their own and are not waited for.

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Timers } from 'parvi';

export class RunningAnswers {
  readonly #running = new Set<ServerResponse>();
  #onGone = (): void => undefined;

  constructor(server: Server) {
    server.on('request', (_request: IncomingMessage, response: ServerResponse) => {
      this.#running.add(response);
      response.once('close', () => {
        this.#running.delete(response);
        this.#onGone();
      });
    });
  }

  /** Resolves when all have been sent, or after so many milliseconds. */
  sent(timers: Timers, msMax: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = timers.after(msMax, resolve);
      this.#onGone = () => {
        if ([...this.#running].some(hasEnd)) return;
        timer.cancel();
        resolve();
      };
      this.#onGone();
    });
  }
}

function hasEnd(response: ServerResponse): boolean {
  return !String(response.getHeader('content-type') ?? '').startsWith('text/event-stream');
}
