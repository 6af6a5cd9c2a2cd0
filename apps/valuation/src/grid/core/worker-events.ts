// Workers come, tell how they stand, fall silent and go.

import { afterKill, giveBack } from './bisection.ts';
import { chunkKey, type GridEvent } from './controller-state.ts';
import type { JobState, RunningChunk } from './job.ts';
import type { Turn } from './turn.ts';

type Status = Extract<GridEvent, { kind: 'workerStatus' }>;

/**
 * A worker's own word on what it holds. A chunk that was sent a while ago and that it does not have was lost on the
 * way, or its results were: the network promises nothing. It is handed out again.
 */
export function workerStatus(turn: Turn, status: Status): void {
  const known = turn.workers.get(status.worker);
  const holding = new Set(status.holding);
  const held = new Set(holding);
  const missing: [string, RunningChunk][] = [];
  for (const job of turn.jobs.values()) {
    for (const chunk of job.running.values()) {
      if (chunk.worker !== status.worker || holding.has(chunkKey(job.id, chunk.id))) continue;
      if (turn.now - chunk.assignedMs < turn.options.transitMs) {
        held.add(chunkKey(job.id, chunk.id));
      } else missing.push([job.id, chunk]);
    }
  }
  turn.putWorker({
    id: status.worker,
    threads: Math.max(1, status.threads),
    window: status.window,
    reserve: status.reserve ?? false,
    standing: 'active',
    heardMs: turn.now,
    held: known === undefined || !sameSet(known.held, held) ? held : known.held,
  });
  for (const [job, chunk] of missing) giveBack(turn, jobOf(turn, job), chunk, 'lost');
}

function sameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  if (a.size !== b.size) return false;
  for (const key of a) if (!b.has(key)) return false;
  return true;
}

/**
 * The worker may be dead. Its chunks go to others at once: results are taken once whoever sends them, so a worker that
 * comes back costs nothing but time.
 */
export function workerLost(turn: Turn, id: string, gone: boolean): void {
  const worker = turn.workers.get(id);
  if (worker === undefined) return;
  if (gone) turn.removeWorker(id);
  else turn.putWorker({ ...worker, standing: 'silent', held: new Set() });
  for (const [job, chunk, blamed] of chunksOf(turn, id)) {
    if (blamed) afterKill(turn, jobOf(turn, job), chunk, 'worker-lost');
    else giveBack(turn, jobOf(turn, job), chunk, 'worker-lost');
  }
}

/** The worker stops in order: nothing it held is under suspicion. */
export function workerLeft(turn: Turn, id: string): void {
  if (!turn.workers.has(id)) return;
  turn.removeWorker(id);
  for (const [job, chunk] of chunksOf(turn, id)) {
    giveBack(turn, jobOf(turn, job), chunk, 'worker-left');
  }
}

/** Chunks at a worker, and which of them may have killed it: the suspect that was started, else all that were. */
function chunksOf(turn: Turn, worker: string): [string, RunningChunk, boolean][] {
  const found: [string, RunningChunk][] = [];
  for (const job of turn.jobs.values()) {
    for (const chunk of job.running.values()) {
      if (chunk.worker === worker) found.push([job.id, chunk]);
    }
  }
  const started = found.filter(([, chunk]) => chunk.startedMs !== undefined);
  const suspects = started.filter(([, chunk]) => chunk.suspect);
  const blamed = new Set((suspects.length > 0 ? suspects : started).map(([, chunk]) => chunk));
  return found.map(([job, chunk]) => [job, chunk, blamed.has(chunk)]);
}

function jobOf(turn: Turn, id: string): JobState {
  return turn.jobs.get(id) as JobState;
}

/** Ticks that come later than this after the one before mean that this process itself stood still. */
const standstillMs = 1000;

/** Finds workers that have fallen silent. Time in which nobody listened here is not held against them. */
export function silentWorkers(turn: Turn): void {
  const gapMs = turn.now - (turn.tickedMs ?? turn.now);
  turn.tickedMs = turn.now;
  for (const worker of turn.workers.values()) {
    if (worker.standing !== 'active') continue;
    if (gapMs > standstillMs) turn.putWorker({ ...worker, heardMs: worker.heardMs + gapMs });
    const silentMs = turn.now - (turn.workers.get(worker.id)?.heardMs ?? turn.now);
    if (silentMs < turn.options.silenceMs) continue;
    turn.emit({ kind: 'workerSilent', worker: worker.id, silentMs });
    workerLost(turn, worker.id, false);
  }
}
