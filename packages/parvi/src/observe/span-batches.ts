// Spans that have ended and wait to be sent: as bytes outside the heap, so that the collection of garbage, which runs many
// times until then, has nothing to copy.

import type { Cancellable, Timers } from '../runtime/index.ts';
import type { SpanDeliveries } from './span-deliveries.ts';

/** One request's worth. */
export interface SpanBatch {
  readonly body: Uint8Array;
  readonly spans: number;
}

/** Sends a batch and calls back once, with an error when nobody has taken it. */
export type SendBatch = (batch: SpanBatch, done: (error: Error | undefined) => void) => void;

export interface SpanBatchOptions {
  readonly timers: Timers;
  readonly send: SendBatch;
  readonly deliveries: SpanDeliveries;
  /** What stands before and behind the spans of a batch. */
  readonly head: string;
  readonly tail: string;
}

/** How long a span waits for others. */
export const batchDelayMs = 1000;
/** So much is sent at once. */
export const batchBytes = 262_144;
/** Kept while the receiver is slow or away; further spans are dropped. */
export const waitingBytesMax = 4_194_304;

/** One for all: it comes as often as spans do. */
const tooMany = new Error(`${waitingBytesMax / 2 ** 20} MiB of spans are waiting already`);

/** The longest UTF-8 of one UTF-16 unit. */
const bytesOfUnit = 3;

export class SpanBatches {
  readonly #options: SpanBatchOptions;
  readonly #headBytes: number;
  #buffer = Buffer.allocUnsafeSlow(batchBytes);
  #used: number;
  #spans = 0;
  #timer: Cancellable | undefined;
  #isSending = false;
  #idle: (() => void)[] = [];

  constructor(options: SpanBatchOptions) {
    this.#options = options;
    this.#headBytes = this.#buffer.write(options.head, 0);
    this.#used = this.#headBytes;
  }

  add(json: string): void {
    const { deliveries } = this.#options;
    const neededMax = this.#used + json.length * bytesOfUnit + this.#options.tail.length + 1;
    if (neededMax > this.#buffer.length && !this.#grow(neededMax)) {
      deliveries.dropped(1, tooMany);
      return;
    }
    if (this.#spans > 0) this.#buffer[this.#used++] = 0x2c;
    this.#used += this.#buffer.write(json, this.#used);
    this.#spans++;
    if (this.#used >= batchBytes) this.#send();
    else this.#wait();
  }

  /**
   * Sends what waits; resolves when nothing is under way any more. A receiver that takes nothing then is not tried again.
   */
  flush(): Promise<void> {
    this.#send();
    return this.#isSending ? new Promise((resolve) => this.#idle.push(resolve)) : Promise.resolve();
  }

  /** What comes while a request is under way goes with the next. */
  #wait(): void {
    if (this.#isSending) return;
    this.#timer ??= this.#options.timers.after(batchDelayMs, () => this.#send());
  }

  #grow(neededBytes: number): boolean {
    if (neededBytes > waitingBytesMax) return false;
    const size = Math.min(waitingBytesMax, Math.max(neededBytes, this.#buffer.length * 2));
    const grown = Buffer.allocUnsafeSlow(size);
    this.#buffer.copy(grown, 0, 0, this.#used);
    this.#buffer = grown;
    return true;
  }

  #send(): void {
    // One at a time, so that a slow receiver gets few and long ones.
    if (this.#isSending) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#spans === 0) {
      for (const resolve of this.#idle.splice(0)) resolve();
      return;
    }
    const batch = this.#take();
    this.#isSending = true;
    const { send, deliveries } = this.#options;
    send(batch, (error) => {
      if (error === undefined) deliveries.sent(batch.spans);
      else deliveries.dropped(batch.spans, error);
      this.#isSending = false;
      if (error !== undefined && this.#idle.length > 0) this.#dropWaiting(error);
      if (this.#idle.length > 0 || this.#used >= batchBytes) this.#send();
      else if (this.#spans > 0) this.#wait();
    });
  }

  #dropWaiting(cause: Error): void {
    if (this.#spans === 0) return;
    this.#options.deliveries.dropped(this.#spans, cause);
    this.#spans = 0;
    this.#used = this.#headBytes;
  }

  #take(): SpanBatch {
    const { head, tail } = this.#options;
    const end = this.#used + this.#buffer.write(tail, this.#used);
    const batch = { body: this.#buffer.subarray(0, end), spans: this.#spans };
    this.#buffer = Buffer.allocUnsafeSlow(batchBytes);
    this.#used = this.#buffer.write(head, 0);
    this.#spans = 0;
    return batch;
  }
}
