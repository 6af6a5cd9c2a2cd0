// What the scheduling knows of one job: which trades were handed out, to whom, and which have results on disk. The
// trades of a job are a row of numbers; `next` cuts it into those never handed out and those that were, and each of the
// latter is in exactly one chunk that is waiting, running, being stored, or stored.

import { assert } from 'parvi/runtime';
import type { Portfolio } from './portfolio.ts';
import { type ChunkFigures, emptyTotals, type Totals } from './totals.ts';

/** Ends before all trades are priced; `lost`: its controller leaves without having finished it. */
export type EarlyEnd = 'cancelled' | 'failed' | 'lost';

/** `accepting`: the input still comes in. `open`: all trades are known. The others are ends. */
export type JobPhase = 'accepting' | 'open' | 'completed' | EarlyEnd;

/**
 * What a hand-over does to a job. `frozen`: nothing is handed out, results are taken. `sealed`: another controller was
 * told what there is, so nothing changes any more.
 */
export type JobHold = 'none' | 'frozen' | 'sealed';

/** A range of trades handed out as one. Keeps its id when it is handed out again whole. */
export interface Chunk {
  readonly id: number;
  readonly from: number;
  readonly count: number;
  readonly estimateMs: number;
  readonly measured: boolean;
  /** How often this very chunk killed or held up its worker. */
  readonly kills: number;
  /** One of its trades may be a killer: it runs with no other suspect beside it. */
  readonly suspect: boolean;
  /** The worker that had it last and should not get it again while others are there. */
  readonly avoid: string | undefined;
}

export interface RunningChunk extends Chunk {
  readonly worker: string;
  readonly assignedMs: number;
  readonly startedMs: number | undefined;
}

/** A chunk whose results are on their way to the disk. */
export interface StoringChunk extends Chunk {
  readonly worker: string | undefined;
  readonly figures: ChunkFigures;
}

export interface JobSpec {
  readonly id: string;
  /** Prefix of the keys under which costs are learned: what else than the kind of trade decides the cost. */
  readonly costScope: string;
  readonly portfolio: Portfolio;
  /** Share of the grid relative to other jobs. */
  readonly weight: number;
  /** Somebody waits for the answer: goes before all others. */
  readonly interactive: boolean;
  /** Whether trades may be handed out while the input still comes in. */
  readonly eager: boolean;
}

export interface JobState extends JobSpec {
  readonly phase: JobPhase;
  readonly hold: JobHold;
  /** Trades known so far; all of them once the phase is `open`. */
  readonly available: number;
  readonly next: number;
  readonly nextChunk: number;
  readonly waiting: readonly Chunk[];
  readonly running: ReadonlyMap<number, RunningChunk>;
  readonly storing: ReadonlyMap<number, StoringChunk>;
  /** Trades whose results are on disk. */
  readonly stored: number;
  /** Work handed out so far in estimated milliseconds by weight: the job with the least goes next. */
  readonly servedMs: number;
  readonly totals: Totals;
  readonly startedMs: number | undefined;
  readonly endedMs: number | undefined;
  /** Chunks that were handed out again. */
  readonly requeued: number;
  /** Results that came for what was done already. */
  readonly duplicates: number;
}

export function newJob(spec: JobSpec, servedMs: number): JobState {
  return {
    ...spec,
    phase: 'accepting',
    hold: 'none',
    available: 0,
    next: 0,
    nextChunk: 0,
    waiting: [],
    running: new Map(),
    storing: new Map(),
    stored: 0,
    servedMs,
    totals: emptyTotals,
    startedMs: undefined,
    endedMs: undefined,
    requeued: 0,
    duplicates: 0,
  };
}

export const hasEnded = (job: Pick<JobState, 'phase'>): boolean =>
  job.phase !== 'accepting' && job.phase !== 'open';

/** Whether trades could be handed out now, if a worker wanted any. */
export function hasWork(job: JobState, storingMax: number): boolean {
  if (job.hold !== 'none' || job.storing.size >= storingMax) return false;
  if (job.phase === 'open') return job.waiting.length > 0 || job.next < job.available;
  return job.phase === 'accepting' && job.eager && job.next < job.available;
}

/** A chunk without what its last worker made of it. */
export function plainChunk(chunk: Chunk): Chunk {
  const { id, from, count, estimateMs, measured, kills, suspect, avoid } = chunk;
  return { id, from, count, estimateMs, measured, kills, suspect, avoid };
}

/** Trades accepted that have no result on disk yet. */
export const queuedTrades = (job: JobState): number =>
  hasEnded(job) ? 0 : job.available - job.stored;

/** The chunk wherever it is short of stored; undefined for one that is done, was split, or never was. */
export function findChunk(job: JobState, id: number): Chunk | undefined {
  return job.running.get(id) ?? job.waiting.find((chunk) => chunk.id === id);
}

/** The job with a chunk put back to be handed out again before fresh trades. */
export function withWaiting(job: JobState, chunk: Chunk): JobState {
  const running = without(job.running, chunk.id);
  return { ...job, running, waiting: [...job.waiting, chunk], requeued: job.requeued + 1 };
}

/** The job without the chunk among the waiting and running. */
export function withoutChunk(job: JobState, id: number): JobState {
  return {
    ...job,
    running: without(job.running, id),
    waiting: job.waiting.some((chunk) => chunk.id === id)
      ? job.waiting.filter((chunk) => chunk.id !== id)
      : job.waiting,
  };
}

export function without<V>(map: ReadonlyMap<number, V>, key: number): ReadonlyMap<number, V> {
  if (!map.has(key)) return map;
  const copy = new Map(map);
  copy.delete(key);
  return copy;
}

/** Says so when the numbers of a job contradict each other; called by tests at each step. */
export function assertJobAddsUp(job: JobState): void {
  const ranges: Chunk[] = [...job.waiting, ...job.running.values(), ...job.storing.values()];
  const open = ranges.reduce((sum, chunk) => sum + chunk.count, 0);
  assert(
    hasEnded(job) || open + job.stored === job.next,
    `job "${job.id}": ${open} trades in chunks and ${job.stored} stored make ${job.next} handed out`,
  );
  const sorted = ranges.toSorted((a, b) => a.from - b.from);
  for (let i = 1; i < sorted.length; i++) {
    const before = sorted[i - 1] as Chunk;
    const chunk = sorted[i] as Chunk;
    assert(before.from + before.count <= chunk.from, `job "${job.id}": chunks do not overlap`);
  }
  assert(job.totals.priced + job.totals.failed === job.stored, 'each stored trade counts once');
}
