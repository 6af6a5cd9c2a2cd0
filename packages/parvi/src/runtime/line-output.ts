// Lines written to a standard stream without ever holding the event loop: a reader that stalls costs lines, which are
// counted, and one that is gone costs nothing; neither may stop heartbeats or keep a process from exiting.

import { write, writeSync } from 'node:fs';

export interface LineOutput {
  /** Queues the text. What does not fit the limit is dropped and announced in its place once there is room again. */
  write(text: string): void;
  /** Resolves when all that was queued is written, or cannot be. */
  flush(): Promise<void>;
  /** Writes what it can at once; for the moment before the process exits. */
  flushNow(): void;
  /** Whether something is not written yet. */
  readonly isBusy: boolean;
  /** Drops what waits and takes nothing more: a reader that does not read would break a line in two. */
  abandon(): void;
}

/** How bytes leave; replaced in tests. */
export interface ByteDoor {
  write(bytes: Uint8Array, done: (error: Error | null, written: number) => void): void;
  writeSync(bytes: Uint8Array): number;
  /** Calls back when a stream that was full may have room. */
  later(callback: () => void): void;
  /** The text to write in place of what was dropped. */
  droppedText(lines: number): string;
}

const bytesMaxDefault = 8 * 1024 * 1024;

/** Times that an exiting process looks again at a stream that is full. */
const lastTriesMax = 100;

/** The output behind a standard stream, flushed when the process exits. */
export function openLineOutput(
  fd: 1 | 2,
  options: { readonly bytesMax?: number; droppedText(lines: number): string },
): LineOutput {
  const output = lineOutput(
    {
      write: (bytes, done) => write(fd, bytes, 0, bytes.length, null, done),
      writeSync: (bytes) => writeSync(fd, bytes),
      later: (callback) => {
        setTimeout(callback, 20).unref();
      },
      droppedText: options.droppedText,
    },
    options.bytesMax,
  );
  process.once('exit', () => output.flushNow());
  openOutputs.add(output);
  return output;
}

const openOutputs = new Set<LineOutput>();

/** How long a process that ends waits for the readers of its lines. */
const lastFlushMs = 5000;

/**
 * Calls back when every open output has written what it was given, at once where nothing waits, and at the latest after
 * five seconds: what a reader has not taken by then is lost, so that it keeps no process from exiting.
 */
export function flushOutputsThen(callback: () => void): void {
  const waiting = [...openOutputs].filter((output) => output.isBusy);
  if (waiting.length === 0) {
    callback();
    return;
  }
  const limit = setTimeout(() => {
    for (const output of waiting) if (output.isBusy) output.abandon();
    callback();
  }, lastFlushMs);
  void Promise.all(waiting.map((output) => output.flush())).then(() => {
    clearTimeout(limit);
    callback();
  });
}

export function lineOutput(door: ByteDoor, bytesMax = bytesMaxDefault): LineOutput {
  return new QueuedOutput(door, bytesMax);
}

class QueuedOutput implements LineOutput {
  readonly #door: ByteDoor;
  readonly #bytesMax: number;
  #texts: string[] = [];
  #queuedLength = 0;
  #dropped = 0;
  /** What is being written; empty when nothing is. */
  #current: Uint8Array = new Uint8Array(0);
  #inFlight = false;
  #broken = false;
  #waiting: (() => void)[] = [];

  constructor(door: ByteDoor, bytesMax: number) {
    this.#door = door;
    this.#bytesMax = bytesMax;
  }

  write(text: string): void {
    if (this.#broken) return;
    if (this.#queuedLength + text.length > this.#bytesMax) {
      this.#dropped++;
      return;
    }
    this.#texts.push(text);
    this.#queuedLength += text.length;
    if (this.#current.length === 0) this.#startBatch();
  }

  flush(): Promise<void> {
    if (this.#current.length === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  get isBusy(): boolean {
    return this.#current.length > 0;
  }

  abandon(): void {
    this.#giveUp();
  }

  flushNow(): void {
    if (this.#broken) return;
    // A batch on its way was handed to the system already and gets there, or not, without us.
    const waiting = this.#inFlight ? [] : [this.#current];
    let rest: Uint8Array = Buffer.concat([...waiting, this.#takeBatch()]);
    this.#current = new Uint8Array(0);
    for (let tries = 0; rest.length > 0 && tries < lastTriesMax; ) {
      try {
        rest = rest.subarray(this.#door.writeSync(rest));
      } catch (error) {
        if (!isFull(error)) return;
        tries++;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
      }
    }
  }

  #takeBatch(): Uint8Array {
    const dropped = this.#dropped === 0 ? '' : this.#door.droppedText(this.#dropped);
    const batch = Buffer.from(this.#texts.join('') + dropped);
    this.#texts = [];
    this.#queuedLength = 0;
    this.#dropped = 0;
    return batch;
  }

  #startBatch(): void {
    this.#current = this.#takeBatch();
    if (this.#current.length > 0) this.#writeCurrent();
    else this.#settle();
  }

  #writeCurrent(): void {
    this.#inFlight = true;
    this.#door.write(this.#current, (error, written) => {
      this.#inFlight = false;
      if (error === null) this.#current = this.#current.subarray(written);
      if (error !== null && !isFull(error)) this.#giveUp();
      else if (error !== null) this.#door.later(() => this.#writeCurrent());
      else if (this.#current.length > 0) this.#writeCurrent();
      else this.#startBatch();
    });
  }

  #giveUp(): void {
    this.#broken = true;
    this.#current = new Uint8Array(0);
    this.#takeBatch();
    this.#settle();
  }

  #settle(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EAGAIN';
}
