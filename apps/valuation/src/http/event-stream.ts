// Server-sent events over a raw response: ids, a retry hint, comments that keep proxies awake, and no piling up
// behind a slow reader, who misses intermediate states but never the newest.

import type { FastifyReply } from 'fastify';
import type { Cancellable, Timers } from 'parvi';

const keepAliveMs = 15_000;
const retryMs = 1000;
/** For a stream that ends since the controller leaves: another one answers at once. */
const leaveRetryMs = 250;

export class EventStream {
  readonly #reply: FastifyReply;
  readonly #keepAlive: Cancellable;
  readonly #onClose: (() => void)[] = [];
  /** The newest event of each kind that could not be written yet. */
  readonly #waiting = new Map<string, string>();
  #blocked = false;
  #open = true;
  #id = 0;

  constructor(reply: FastifyReply, timers: Timers) {
    this.#reply = reply;
    reply.hijack();
    for (const [name, value] of Object.entries(reply.getHeaders())) {
      if (value !== undefined) reply.raw.setHeader(name, value);
    }
    reply.raw.setHeader('content-type', 'text/event-stream; charset=utf-8');
    reply.raw.writeHead(200, {
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    reply.raw.write(`retry: ${retryMs}\n\n`);
    reply.raw.on('drain', () => this.#drain());
    reply.raw.on('close', () => this.#abandon());
    reply.raw.on('error', () => this.#abandon());
    this.#keepAlive = timers.every(keepAliveMs, () => {
      if (!this.#blocked) reply.raw.write(': still here\n\n');
    });
  }

  get open(): boolean {
    return this.#open;
  }

  /**
   * Sends an event. While the reader is slow, only the newest event of each `slot` is kept; events of which none may
   * be missed are given a slot of their own. Without an `id` events are numbered.
   */
  send(
    event: string,
    data: unknown,
    { slot = event, id }: { readonly slot?: string; readonly id?: string } = {},
  ): void {
    if (!this.#open) return;
    const text = `id: ${id ?? ++this.#id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
    if (this.#blocked) {
      this.#waiting.delete(slot);
      this.#waiting.set(slot, text);
      return;
    }
    this.#blocked = !this.#reply.raw.write(text);
  }

  onClose(callback: () => void): void {
    this.#onClose.push(callback);
  }

  /** Ends the stream after what is still to be sent. */
  close(): void {
    if (!this.#open) return;
    for (const text of this.#waiting.values()) this.#reply.raw.write(text);
    this.#reply.raw.end();
    this.#abandon();
  }

  /** Ends the stream with a hint to connect again soon; resolves when all is sent, or nobody listens any more. */
  leave(): Promise<void> {
    if (!this.#open) return Promise.resolve();
    const { raw } = this.#reply;
    const closed = new Promise<void>((resolve) => raw.once('close', resolve));
    for (const text of this.#waiting.values()) raw.write(text);
    raw.end(`: the controller leaves\nretry: ${leaveRetryMs}\n\n`);
    this.#abandon();
    return closed;
  }

  /** Nobody listens any more. */
  #abandon(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#keepAlive.cancel();
    this.#waiting.clear();
    for (const callback of this.#onClose) callback();
  }

  #drain(): void {
    this.#blocked = false;
    for (const [slot, text] of this.#waiting) {
      this.#waiting.delete(slot);
      if (!this.#reply.raw.write(text)) {
        this.#blocked = true;
        return;
      }
    }
  }
}
