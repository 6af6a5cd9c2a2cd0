// The controller's side of the intake thread: an upload's bytes go in as they arrive, one piece at a time, so that a
// slow disk or a busy thread slows the client down instead of filling memory.

import { Worker } from 'node:worker_threads';
import type { IntakeFormat } from './intake.ts';
import type { FromThread, ToThread } from './intake-messages.ts';
import { IntakeTurns } from './intake-turns.ts';
import type { ArrayFields } from './json-array-cutter.ts';
import { type IntakeBatch, IntakeError } from './row-problem.ts';

/** Parsed trades are garbage at once; a young generation that fits the cache is collected as fast as a large one. */
const youngMbMax = 8;
/** A piece of an upload handed to the thread at once, in bytes. */
const pieceBytes = 256 * 1024;
/** Pieces at the thread: one that it reads, and two behind it, so that it does not wait for a busy event loop. */
const piecesAtOnce = 3;

type Answer = FromThread | { readonly kind: 'gone'; readonly cause: Error };

/** An upload being read. `fields` are those a JSON object gives before its trades. */
export interface Upload {
  readonly fields: ArrayFields;
  /** The checked trades, to be read once. */
  readonly batches: AsyncIterable<IntakeBatch>;
  /** Lets go of the upload, whether or not it was read to its end; to be called in any case. */
  close(): Promise<void>;
}

export class IntakePool {
  #worker: Worker | undefined;
  #next = 1;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly #turns = new IntakeTurns(piecesAtOnce);

  /**
   * Begins to read an upload.
   *
   * @throws IntakeError when what comes cannot be read; also while iterating.
   */
  async open(body: AsyncIterable<Uint8Array>, format: IntakeFormat): Promise<Upload> {
    const parts = this.#read(body, format);
    const early: IntakeBatch[] = [];
    const close = async (): Promise<void> => {
      await parts.return(undefined);
    };
    for (;;) {
      const next = await parts.next();
      if (next.done === true) return { fields: {}, batches: replay(early, parts), close };
      early.push(next.value.batch);
      const { fields } = next.value;
      if (fields !== undefined) return { fields, batches: replay(early, parts), close };
    }
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  /**
   * While the consumer stores a batch, the thread is at the next one. No more than that, so that memory stays flat
   * however slow the consumer is.
   */
  async *#read(
    body: AsyncIterable<Uint8Array>,
    format: IntakeFormat,
  ): AsyncGenerator<ReadPart, undefined> {
    const upload = this.#next++;
    this.#worker ??= this.#start();
    const worker = this.#worker;
    worker.postMessage({ kind: 'open', upload, format } satisfies ToThread);
    const source = pieces(body);
    let open = true;
    const readOn = async (): Promise<ReadPart | undefined> => {
      const { value: bytes, done } = await source.next();
      if (done === true) return undefined;
      return this.#turns.take(upload, async () =>
        open ? this.#ask(worker, { kind: 'chunk', upload, bytes }) : undefined,
      );
    };
    try {
      let ahead = readOn();
      for (let part = await ahead; part !== undefined; part = await ahead) {
        ahead = readOn();
        // It is awaited, but not at once: until then its failure is nobody's yet.
        ahead.catch(() => undefined);
        yield part;
      }
      yield await this.#ask(worker, { kind: 'end', upload });
    } finally {
      open = false;
      // A piece still at the thread gives its turn back.
      this.#waiting.get(upload)?.({ kind: 'gone', cause: new Error('The upload was let go') });
      this.#waiting.delete(upload);
      worker.postMessage({ kind: 'close', upload } satisfies ToThread);
      // Not waited for: the source may itself be waiting for a client that sends nothing more.
      source.return(undefined).catch(() => undefined);
    }
  }

  #ask(worker: Worker, message: Question): Promise<ReadPart> {
    return new Promise<Answer>((resolve) => {
      if (worker === this.#worker) this.#waiting.set(message.upload, resolve);
      else resolve({ kind: 'gone', cause: new Error('The intake thread of the upload ended') });
      const transfer = message.kind === 'chunk' ? [message.bytes.buffer as ArrayBuffer] : [];
      worker.postMessage(message, transfer);
    }).then(partOf);
  }

  #start(): Worker {
    const worker = new Worker(new URL('./intake-thread.mjs', import.meta.url), {
      resourceLimits: { maxYoungGenerationSizeMb: youngMbMax },
    });
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

type Question = ToThread & { readonly kind: 'chunk' | 'end' };

interface ReadPart {
  readonly batch: IntakeBatch;
  readonly fields: ArrayFields | undefined;
}

function partOf(answer: Answer): ReadPart {
  if (answer.kind === 'batch') return { batch: answer.batch, fields: answer.fields };
  if (answer.kind === 'gone') throw answer.cause;
  if (answer.code === undefined) throw new Error(`The intake thread failed: ${answer.message}`);
  throw new IntakeError(answer.code, answer.message, answer.row);
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
  // Without zeros first: all of it is written over. Not from a pool: it is handed to the thread whole.
  const whole = Buffer.allocUnsafeSlow(bytes);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
