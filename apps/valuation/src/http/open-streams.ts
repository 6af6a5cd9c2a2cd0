// The event streams that are open: when the controller leaves, they end with a hint to connect again soon.

import type { FastifyReply } from 'fastify';
import type { Timers } from 'parvi';
import { EventStream } from './event-stream.ts';

/** How long the last words may take. */
const leaveMsMax = 300;

export class OpenStreams {
  readonly #timers: Timers;
  readonly #open = new Set<EventStream>();

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  open(reply: FastifyReply): EventStream {
    const stream = new EventStream(reply, this.#timers);
    this.#open.add(stream);
    stream.onClose(() => this.#open.delete(stream));
    return stream;
  }

  /** Ends all streams; resolves when that is sent, or cannot be soon. */
  async leave(): Promise<void> {
    const ends = [...this.#open].map((stream) => stream.leave());
    if (ends.length === 0) return;
    await Promise.race([
      Promise.all(ends),
      new Promise<void>((resolve) => this.#timers.after(leaveMsMax, resolve)),
    ]);
  }
}
