// A job on its way here: its bytes go to files and indexes as they come, and make a record when all are there. Nothing
// of it is seen by anybody before that.

import { crc32 } from 'node:zlib';
import { assert } from 'parvi/runtime';
import { hasEnded, type JobState } from '../core/job.ts';
import { repeatedTrade, TradeIndex } from '../core/portfolio.ts';
import { JobRecord } from '../jobs/job-record.ts';
import { RejectedRows } from '../jobs/rejected-rows.ts';
import type { ResultEntry } from '../storage/result-index.ts';
import type { SpoolDisk, SpoolFile } from '../storage/spool.ts';
import { type JobDocument, jobOf, type NamedWorker } from './job-document.ts';
import {
  partNames,
  rejectedRowBytes,
  resultRowBytes,
  snapshotHash,
  tradeRowBytes,
} from './job-parts.ts';
import type { PartSum } from './taking.ts';

interface Files {
  readonly trades: SpoolFile;
  readonly blocks: SpoolFile;
  readonly rejected: SpoolFile;
}

export interface ArrivedJob {
  readonly record: JobRecord;
  readonly job: JobState;
  readonly workers: readonly NamedWorker[];
  /** Snapshots that came along, by hash. */
  readonly snapshots: ReadonlyMap<string, Uint8Array>;
}

/** With the worker's position among those that the document names. */
type ArrivedEntry = Omit<ResultEntry, 'worker'> & { readonly place: number };

export class IncomingJob {
  readonly #files: Files;
  readonly #index = new TradeIndex();
  readonly #rejected: RejectedRows;
  /** The index of the results: its last column is told by the document, which comes after it. */
  readonly #results: ArrivedEntry[] = [];
  /** Parts that are kept in memory: snapshots and the document. */
  readonly #kept = new Map<string, Uint8Array[]>();
  readonly #sums = new Map<string, { bytes: number; sum: number }>();

  static async open(disk: SpoolDisk): Promise<IncomingJob> {
    const files: SpoolFile[] = [];
    try {
      for (let i = 0; i < 3; i++) files.push(await disk.create());
    } catch (error) {
      await Promise.all(files.map((file) => file.close()));
      throw error;
    }
    const [trades, blocks, rejected] = files as [SpoolFile, SpoolFile, SpoolFile];
    return new IncomingJob(disk, { trades, blocks, rejected });
  }

  private constructor(disk: SpoolDisk, files: Files) {
    this.#files = files;
    this.#rejected = new RejectedRows(disk, files.rejected);
  }

  /** Keeps the next bytes of a part; they must not change afterwards. */
  async keep(part: string, bytes: Uint8Array): Promise<void> {
    const known = this.#sums.get(part) ?? { bytes: 0, sum: 0 };
    const sum = crc32(bytes, known.sum);
    this.#sums.set(part, { bytes: known.bytes + bytes.length, sum });
    const { trades, blocks, rejected } = this.#files;
    if (part === partNames.trades) await trades.append(bytes);
    else if (part === partNames.results) await blocks.append(bytes);
    else if (part === partNames.rejected) await rejected.append(bytes);
    else if (part === partNames.tradeIndex) this.#keepTrades(bytes);
    else if (part === partNames.rejectedIndex) this.#keepRejected(bytes);
    else if (part === partNames.resultIndex) this.#keepResults(bytes);
    else {
      const pieces = this.#kept.get(part);
      if (pieces === undefined) this.#kept.set(part, [bytes]);
      else pieces.push(bytes);
    }
  }

  /** Whether what came is what was sent. */
  addsUp(sums: readonly PartSum[]): boolean {
    const given = sums.filter(({ bytes }) => bytes > 0);
    if (given.length !== this.#sums.size) return false;
    return given.every(({ part, bytes, sum }) => {
      const kept = this.#sums.get(part);
      return kept?.bytes === bytes && kept.sum === sum;
    });
  }

  /** The job, which goes on from where it stood. */
  arrive(nowMs: number): ArrivedJob {
    const document = JSON.parse(this.#whole(partNames.document).toString('utf8')) as JobDocument;
    const record = this.#recordOf(document);
    for (const { place, ...entry } of this.#results) {
      record.results.add({ ...entry, worker: document.workers[place]?.id });
    }
    const snapshots = new Map<string, Uint8Array>();
    for (const part of this.#kept.keys()) {
      const hash = snapshotHash(part);
      if (hash !== undefined) snapshots.set(hash, this.#whole(part));
    }
    const { workers } = document;
    return { record, job: jobOf(document, record, nowMs), workers, snapshots };
  }

  async discard(): Promise<void> {
    const { trades, blocks, rejected } = this.#files;
    await Promise.all([trades.close(), blocks.close(), rejected.close()]);
  }

  #recordOf(document: JobDocument): JobRecord {
    const { id, name, pricing, submittedAt, repeated, scheduling } = document;
    const { trades, blocks } = this.#files;
    this.#index.nameClasses(document.classNames);
    const isOver = hasEnded(scheduling);
    if (!isOver && repeated === undefined) {
      assert(this.#index.length === scheduling.available, 'all trades of the job are here');
    }
    const record = JobRecord.restore({
      id,
      name,
      pricing,
      named: Object.keys(pricing.snapshots),
      interactive: false,
      submittedAt,
      repeated:
        repeated === undefined
          ? undefined
          : { ...repeated, line: new Uint8Array(Buffer.from(repeated.line)) },
      index: this.#index,
      // Of a job that has ended only the number of its trades is asked for.
      ...(isOver ? { portfolio: repeatedTrade('', scheduling.available) } : {}),
      trades,
      blocks,
      rejected: this.#rejected,
    });
    const { startedAt, endedAt, endedWallMs, reason, idempotency, moves } = document;
    return Object.assign(record, { startedAt, endedAt, endedWallMs, reason, idempotency, moves });
  }

  #whole(part: string): Buffer {
    return Buffer.concat(this.#kept.get(part) ?? []);
  }

  #keepTrades(bytes: Uint8Array): void {
    const view = viewOf(bytes);
    for (let at = 0; at < bytes.length; at += tradeRowBytes) {
      this.#index.append(view.getUint32(at, true), view.getUint32(at + 4, true));
    }
  }

  #keepRejected(bytes: Uint8Array): void {
    const view = viewOf(bytes);
    for (let at = 0; at < bytes.length; at += rejectedRowBytes) {
      this.#rejected.restore(view.getFloat64(at, true), view.getFloat64(at + 8, true));
    }
  }

  #keepResults(bytes: Uint8Array): void {
    const view = viewOf(bytes);
    for (let at = 0; at < bytes.length; at += resultRowBytes) {
      const column = (number: number): number => view.getFloat64(at + 8 * number, true);
      this.#results.push({
        from: column(0),
        count: column(1),
        offset: column(2),
        length: column(3),
        failed: column(4),
        place: column(5),
      });
    }
  }
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
