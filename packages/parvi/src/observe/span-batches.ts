// Spans that have ended and wait to be sent: as bytes outside the heap, so that the collection of garbage, which runs many
// times until then, has nothing to copy.

import type { Cancellable, Timers } from '../runtime/index.ts';
import { writeVarint } from './otlp-bytes.ts';
import type { SpanDeliveries } from './span-deliveries.ts';

/** One request's worth. */
export interface SpanBatch {
  readonly body: Uint8Array;
  readonly spans: number;
}

/** A span that has ended and can be written as one part of a request. */
export interface EncodedSpan {
  byteLength(): number;
  write(bytes: Uint8Array, at: number): void;
}

/** How sending went: how many spans of a batch were taken, and why not the others. */
export interface SendOutcome {
  readonly taken: number;
  readonly error?: Error;
}

/** Sends a batch and calls back once. Gives what ends the sending without an outcome. */
export type SendBatch = (batch: SpanBatch, done: (outcome: SendOutcome) => void) => () => void;

export interface SpanBatchOptions {
  readonly timers: Timers;
  readonly send: SendBatch;
  readonly deliveries: SpanDeliveries;
  /** What stands before the spans of a batch, which have so many bytes together. */
  head(spansBytes: number): Uint8Array;
  /** What stands before each span, which has so many bytes. */
  readonly spanTag: number;
}

/** How long a span waits for others. */
export const batchDelayMs = 1000;
/** So much is sent at once. */
export const batchBytes = 262_144;
/** Kept while the receiver is slow or away; further spans are dropped. */
export const waitingBytesMax = 4_194_304;

/** Whoever takes longer, tries again for longer or keeps on answering is not waited for. */
export const sendingMsMax = 5000;

/** One for all: it comes as often as spans do. */
const tooMany = new Error(`${waitingBytesMax / 2 ** 20} MiB of spans are waiting already`);

const tooLong = new Error(`the receiver has not answered within ${sendingMsMax} ms`);

/** What a span's tag and length take. */
const prefixBytesMax = 6;

export class SpanBatches {
  readonly #options: SpanBatchOptions;
  #buffer = Buffer.allocUnsafeSlow(batchBytes);
  #used = 0;
  #spans = 0;
  #timer: Cancellable | undefined;
  #isSending = false;
  #idle: (() => void)[] = [];

  constructor(options: SpanBatchOptions) {
    this.#options = options;
  }

  add(span: EncodedSpan): void {
    const { deliveries, spanTag } = this.#options;
    const length = span.byteLength();
    const neededMax = this.#used + prefixBytesMax + length;
    if (neededMax > this.#buffer.length && !this.#grow(neededMax)) {
      deliveries.dropped(1, tooMany);
      return;
    }
    this.#buffer[this.#used] = spanTag;
    const start = writeVarint(this.#buffer, this.#used + 1, length);
    span.write(this.#buffer, start);
    this.#used = start + length;
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
    const { send, deliveries, timers } = this.#options;
    let isOver = false;
    const done = ({ taken, error }: SendOutcome): void => {
      if (isOver) return;
      isOver = true;
      limit.cancel();
      if (taken > 0 || error === undefined) deliveries.sent(taken);
      if (error !== undefined) deliveries.dropped(batch.spans - taken, error);
      this.#goOn(taken === 0 ? error : undefined);
    };
    const limit = timers.after(sendingMsMax, () => {
      abort();
      done({ taken: 0, error: tooLong });
    });
    const abort = send(batch, done);
  }

  /** After a batch that was sent, or has met that error. */
  #goOn(error: Error | undefined): void {
    this.#isSending = false;
    if (error !== undefined && this.#idle.length > 0) this.#dropWaiting(error);
    if (this.#idle.length > 0 || this.#used >= batchBytes) this.#send();
    else if (this.#spans > 0) this.#wait();
  }

  #dropWaiting(cause: Error): void {
    if (this.#spans === 0) return;
    this.#options.deliveries.dropped(this.#spans, cause);
    this.#spans = 0;
    this.#used = 0;
  }

  #take(): SpanBatch {
    const spans = this.#buffer.subarray(0, this.#used);
    const body = Buffer.concat([this.#options.head(spans.length), spans]);
    const batch = { body, spans: this.#spans };
    // One that has grown while the receiver was slow is given back.
    if (this.#buffer.length > batchBytes) this.#buffer = Buffer.allocUnsafeSlow(batchBytes);
    this.#used = 0;
    this.#spans = 0;
    return batch;
  }
}
