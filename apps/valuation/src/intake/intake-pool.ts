// The controller's side of the intake thread: an upload's bytes go in as they arrive, one piece at a time, so that a
// slow disk or a busy thread slows the client down instead of filling memory.

import { Worker } from 'node:worker_threads';
import type { IntakeFormat } from './intake.ts';
import type { FromThread, ToThread } from './intake-messages.ts';
import type { ArrayFields } from './json-array-cutter.ts';
import { type IntakeBatch, IntakeError } from './row-problem.ts';

/** A piece of an upload handed to the thread at once, in bytes. */
const pieceBytes = 256 * 1024;

type Answer = FromThread | { readonly kind: 'gone'; readonly cause: Error };

/** An upload being read. `fields` are those a JSON object gives before its trades. */
export interface Upload {
  readonly fields: ArrayFields;
  readonly batches: AsyncIterable<IntakeBatch>;
}

export class IntakePool {
  #worker: Worker | undefined;
  #next = 1;
  readonly #waiting = new Map<number, (answer: Answer) => void>();

  /**
   * Begins to read an upload.
   *
   * @throws IntakeError when what comes cannot be read; also while iterating.
   */
  async open(body: AsyncIterable<Uint8Array>, format: IntakeFormat): Promise<Upload> {
    const batches = this.#read(body, format);
    const early: IntakeBatch[] = [];
    for (;;) {
      const next = await batches.next();
      if (next.done === true) return { fields: {}, batches: replay(early, batches) };
      early.push(next.value.batch);
      if (next.value.fields !== undefined) {
        return { fields: next.value.fields, batches: replay(early, batches) };
      }
    }
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  async *#read(body: AsyncIterable<Uint8Array>, format: IntakeFormat) {
    const upload = this.#next++;
    this.#post({ kind: 'open', upload, format });
    try {
      for await (const bytes of pieces(body))
        yield await this.#ask({ kind: 'chunk', upload, bytes });
      yield await this.#ask({ kind: 'end', upload });
    } finally {
      this.#waiting.delete(upload);
      this.#post({ kind: 'close', upload });
    }
  }

  async #ask(message: ToThread & { readonly kind: 'chunk' | 'end' }) {
    const answer = await new Promise<Answer>((resolve) => {
      this.#waiting.set(message.upload, resolve);
      this.#post(message);
    });
    if (answer.kind === 'batch') return { batch: answer.batch, fields: answer.fields };
    if (answer.kind === 'gone') throw answer.cause;
    if (answer.code === undefined) throw new Error(`The intake thread failed: ${answer.message}`);
    throw new IntakeError(answer.code, answer.message, answer.row);
  }

  #post(message: ToThread): void {
    this.#worker ??= this.#start();
    const transfer = message.kind === 'chunk' ? [message.bytes.buffer as ArrayBuffer] : [];
    this.#worker.postMessage(message, transfer);
  }

  #start(): Worker {
    const worker = new Worker(new URL('./intake-thread.ts', import.meta.url));
    worker.unref();
    worker.on('message', (message: FromThread) => this.#waiting.get(message.upload)?.(message));
    worker.on('error', (error) => this.#lose(worker, error as Error));
    worker.on('exit', () => this.#lose(worker, new Error('The intake thread ended')));
    return worker;
  }

  /** All uploads under way fail; the next one gets a new thread. */
  #lose(worker: Worker, cause: Error): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    for (const answer of this.#waiting.values()) answer({ kind: 'gone', cause });
    this.#waiting.clear();
  }
}

interface ReadPart {
  readonly batch: IntakeBatch;
}

async function* replay(early: readonly IntakeBatch[], rest: AsyncIterable<ReadPart>) {
  yield* early;
  for await (const { batch } of rest) yield batch;
}

/** Gathers small network reads into pieces worth a message, each in memory of its own. */
async function* pieces(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    parts.push(part);
    bytes += part.length;
    if (bytes < pieceBytes) continue;
    yield joined(parts, bytes);
    parts = [];
    bytes = 0;
  }
  if (bytes > 0) yield joined(parts, bytes);
}

function joined(parts: readonly Uint8Array[], bytes: number): Uint8Array {
  const whole = new Uint8Array(bytes);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
