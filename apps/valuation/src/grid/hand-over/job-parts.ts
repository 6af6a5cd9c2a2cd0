// A job as stretches of bytes, and how each is read: trades and results as they lie on the spool, their indexes as rows
// of numbers, little endian, made for the piece that is asked for.
//
// In this order: snapshots the other lacks; for a job that goes on its trades and their index (u32 length, u32 kind);
// the reasons of refused rows and their index (f64 row, f64 length); the results; and once the job stands still the index
// of the results (f64 first trade, count, offset, length, failed, worker's position or -1) and the rest as JSON.

import { assert } from 'parvi/runtime';
import { hasEnded, type JobState } from '../core/job.ts';
import type { JobRecord } from '../jobs/job-record.ts';
import type { ResultEntry } from '../storage/result-index.ts';
import type { GivenPart, Piece } from './giving.ts';
import { jobDocumentOf, type NamedWorker } from './job-document.ts';

export const partNames = {
  trades: 'trades',
  tradeIndex: 'trade-index',
  rejected: 'rejected',
  rejectedIndex: 'rejected-index',
  results: 'results',
  resultIndex: 'result-index',
  document: 'document',
} as const;

export const snapshotPart = (hash: string): string => `snapshot ${hash}`;

/** The hash in the name of a part that is a snapshot. */
export const snapshotHash = (part: string): string | undefined =>
  /^snapshot ([0-9a-f]{64})$/.exec(part)?.[1];

export const tradeRowBytes = 8;
export const rejectedRowBytes = 16;
export const resultRowBytes = 48;

type Read = (offset: number, length: number) => Promise<Uint8Array> | Uint8Array;

interface Part extends GivenPart {
  readonly read: Read;
}

export class JobParts {
  readonly #record: JobRecord;
  #parts: readonly Part[];

  /** The parts of a job as they are now, with the snapshots the other lacks. */
  constructor(record: JobRecord, job: JobState, snapshots: ReadonlyMap<string, Uint8Array>) {
    this.#record = record;
    const { rejected } = record;
    this.#parts = [
      ...[...snapshots].map(([hash, bytes]) => ofBytes(snapshotPart(hash), bytes)),
      ...(hasEnded(job) || record.repeated !== undefined ? [] : tradeParts(record)),
      {
        name: partNames.rejected,
        bytes: rejected.bytes,
        read: (offset, length) => rejected.readBytes(offset, length),
      },
      {
        name: partNames.rejectedIndex,
        bytes: rejected.size * rejectedRowBytes,
        read: (offset, length) => rejectedRows(record, offset, length),
      },
      this.#results(),
    ];
  }

  get all(): readonly GivenPart[] {
    return this.#parts.map(({ name, bytes }) => ({ name, bytes }));
  }

  /** Adds what is known once the job stands still. */
  seal(
    job: JobState,
    context: {
      readonly nowMs: number;
      readonly nameWorker: (id: string) => NamedWorker;
    },
  ): void {
    const entries = this.#record.results.entries();
    const places = new Map<string, number>();
    const place = (worker: string): number => {
      const known = places.get(worker);
      if (known !== undefined) return known;
      places.set(worker, places.size);
      return places.size - 1;
    };
    for (const { worker } of entries) if (worker !== undefined) place(worker);
    for (const worker of job.totals.workers.keys()) place(worker);
    const workers = [...places.keys()].map(context.nameWorker);
    const document = jobDocumentOf(this.#record, job, { nowMs: context.nowMs, workers });
    this.#parts = [
      ...this.#parts.slice(0, -1),
      this.#results(),
      {
        name: partNames.resultIndex,
        bytes: entries.length * resultRowBytes,
        read: (offset, length) => resultRows(entries, places, offset, length),
      },
      ofBytes(partNames.document, Buffer.from(JSON.stringify(document))),
    ];
  }

  async read({ part, offset, length }: Piece): Promise<Uint8Array> {
    const found = this.#parts.find(({ name }) => name === part);
    assert(found !== undefined, `a job that is handed over has the part "${part}"`);
    return found.read(offset, length);
  }

  #results(): Part {
    return {
      name: partNames.results,
      bytes: this.#record.resultBytes,
      read: (offset, length) => this.#record.readBlock({ offset, length }),
    };
  }
}

const ofBytes = (name: string, bytes: Uint8Array): Part => ({
  name,
  bytes: bytes.length,
  read: (offset, length) => bytes.subarray(offset, offset + length),
});

function tradeParts(record: JobRecord): Part[] {
  return [
    {
      name: partNames.trades,
      bytes: record.tradeBytes,
      read: (offset, length) => record.readTrades(offset, length),
    },
    {
      name: partNames.tradeIndex,
      bytes: record.portfolio.length * tradeRowBytes,
      read: (offset, length) => tradeRows(record, offset, length),
    },
  ];
}

function tradeRows({ portfolio }: JobRecord, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  const first = offset / tradeRowBytes;
  let start = portfolio.startOf(first);
  for (let at = 0; at < length; at += tradeRowBytes) {
    const index = first + at / tradeRowBytes;
    const end = portfolio.startOf(index + 1);
    view.setUint32(at, end - start, true);
    view.setUint32(at + 4, portfolio.classOf(index), true);
    start = end;
  }
  return bytes;
}

function rejectedRows({ rejected }: JobRecord, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < length; at += rejectedRowBytes) {
    const index = (offset + at) / rejectedRowBytes;
    view.setFloat64(at, rejected.rowAt(index) ?? 0, true);
    view.setFloat64(at + 8, rejected.bytesOf(index), true);
  }
  return bytes;
}

function resultRows(
  entries: readonly ResultEntry[],
  places: ReadonlyMap<string, number>,
  offset: number,
  length: number,
): Uint8Array {
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < length; at += resultRowBytes) {
    const entry = entries[(offset + at) / resultRowBytes] as ResultEntry;
    const place = entry.worker === undefined ? -1 : (places.get(entry.worker) ?? -1);
    const row = [entry.from, entry.count, entry.offset, entry.length, entry.failed, place];
    for (const [i, value] of row.entries()) view.setFloat64(at + 8 * i, value, true);
  }
  return bytes;
}
