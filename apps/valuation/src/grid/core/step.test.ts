import { beforeEach, describe, expect, it } from 'vitest';
import {
  type ControllerState,
  type GridEffect,
  type GridEvent,
  initialState,
} from './controller-state.ts';
import { assertJobAddsUp, type JobState } from './job.ts';
import type { SchedulingOptions } from './options.ts';
import { repeatedTrade } from './portfolio.ts';
import { step } from './step.ts';
import { failedFigures } from './totals.ts';

let state: ControllerState;
let now: number;

/** Eight trades make a chunk: nobody knows yet what they cost. */
const options: Partial<SchedulingOptions> = { firstChunkTrades: 8, silenceMs: 4000 };

beforeEach(() => {
  state = initialState(options);
  now = 0;
});

function dispatch(event: GridEvent): readonly GridEffect[] {
  const turn = step(state, event, now);
  state = turn.state;
  for (const job of state.jobs.values()) assertJobAddsUp(job);
  return turn.effects;
}

function addJob(id: string, trades: number, more: { interactive?: boolean } = {}): void {
  const portfolio = repeatedTrade(id, trades);
  const spec = { id, costScope: 'NPV', portfolio, weight: 1, interactive: false, eager: false };
  dispatch({ kind: 'jobAdded', spec: { ...spec, ...more } });
  dispatch({ kind: 'tradesAppended', job: id, available: trades });
  dispatch({ kind: 'inputEnded', job: id });
}

const status = (worker: string, holding: string[] = [], window = 2): readonly GridEffect[] =>
  dispatch({ kind: 'workerStatus', worker, threads: 1, window, holding });

const started = (worker: string, chunk: number, job = 'a'): void => {
  dispatch({ kind: 'chunkStarted', worker, job, chunk });
};

const done = (worker: string, chunk: number, job = 'a'): readonly GridEffect[] => {
  const count = chunkOf(chunk, job)?.count ?? 0;
  const figures = { ...failedFigures('X', 0), priced: count, busyMs: count };
  return dispatch({ kind: 'chunkDone', worker, job, chunk, figures });
};

const job = (id = 'a'): JobState => state.jobs.get(id) as JobState;
const chunkOf = (chunk: number, id = 'a') =>
  job(id).running.get(chunk) ?? job(id).waiting.find((one) => one.id === chunk);
const runningAt = (worker: string, id = 'a'): number[] =>
  [...job(id).running.values()].filter((one) => one.worker === worker).map((one) => one.id);
const kinds = (effects: readonly GridEffect[]): string[] => effects.map(({ kind }) => kind);

describe('handing out', () => {
  it('gives a worker no more chunks than it asked for, and another for each it answered', () => {
    addJob('a', 1000);
    expect(kinds(status('w1'))).toEqual(['assign', 'assign']);
    expect(status('w1', ['a/0', 'a/1'])).toEqual([]);
    expect(kinds(done('w1', 0))).toEqual(['store', 'assign']);
    expect(runningAt('w1')).toHaveLength(2);
  });

  it('begins with a job only when its input is whole, unless the job is eager', () => {
    status('w1');
    const portfolio = repeatedTrade('a', 100);
    const spec = { id: 'a', costScope: '', portfolio, weight: 1, interactive: false };
    dispatch({ kind: 'jobAdded', spec: { ...spec, eager: false } });
    expect(dispatch({ kind: 'tradesAppended', job: 'a', available: 50 })).toEqual([]);
    expect(kinds(dispatch({ kind: 'inputEnded', job: 'a' }))).toContain('assign');
    dispatch({ kind: 'jobAdded', spec: { ...spec, id: 'b', eager: true } });
    status('w2');
    expect(job('b').next).toBe(0);
    expect(kinds(dispatch({ kind: 'tradesAppended', job: 'b', available: 50 }))).toEqual([]);
    status('w3');
    expect(runningAt('w3', 'b').length).toBeGreaterThan(0);
  });

  it('lets a new job in where the others stand, not before them', () => {
    addJob('a', 1000);
    status('w1', [], 20);
    addJob('b', 1000);
    status('w2', [], 10);
    expect(job('b').next).toBeGreaterThan(0);
    expect(job('a').next).toBeGreaterThan(160);
  });

  it('leaves the reserve alone while workers are there, and for jobs that nobody waits for', () => {
    const reserve = { worker: 'r', threads: 1, window: 1, reserve: true, holding: [] };
    addJob('a', 10);
    dispatch({ kind: 'workerStatus', ...reserve });
    expect(runningAt('r')).toEqual([]);
    addJob('ask', 1, { interactive: true });
    expect(runningAt('r', 'ask')).toEqual([0]);
    status('w1');
    addJob('next', 1, { interactive: true });
    expect(runningAt('r', 'next')).toEqual([]);
  });

  it('holds a job whose results wait for the disk', () => {
    state = initialState({ ...options, storingMax: 2 });
    addJob('a', 1000);
    status('w1', [], 4);
    done('w1', 0);
    expect(kinds(done('w1', 1))).toEqual(['store']);
    expect(kinds(dispatch({ kind: 'chunkStored', job: 'a', chunk: 0 }))).toContain('assign');
  });
});

describe('results', () => {
  it('count once, when they are stored, and end the job with the last', () => {
    addJob('a', 8);
    status('w1');
    done('w1', 0);
    expect(job()).toMatchObject({ stored: 0, phase: 'open' });
    const effects = dispatch({ kind: 'chunkStored', job: 'a', chunk: 0 });
    expect(kinds(effects)).toEqual(['jobChanged', 'jobEnded']);
    expect(job()).toMatchObject({ stored: 8, phase: 'completed', totals: { priced: 8 } });
  });

  it('end the job only when all are stored', () => {
    addJob('a', 16);
    status('w1');
    done('w1', 0);
    done('w1', 1);
    expect(kinds(dispatch({ kind: 'chunkStored', job: 'a', chunk: 1 }))).toEqual(['jobChanged']);
    const effects = dispatch({ kind: 'chunkStored', job: 'a', chunk: 0 });
    expect(kinds(effects)).toEqual(['jobChanged', 'jobEnded']);
  });

  it('that come twice are dropped and counted', () => {
    addJob('a', 1000);
    status('w1');
    done('w1', 0);
    expect(kinds(done('w1', 0))).toContain('duplicateDropped');
    dispatch({ kind: 'chunkStored', job: 'a', chunk: 0 });
    expect(kinds(done('w1', 0))).toContain('duplicateDropped');
    expect(job()).toMatchObject({ stored: 8, duplicates: 2 });
  });

  it('of a worker that was given up count if they come first, and the second worker is told', () => {
    addJob('a', 16);
    status('w1');
    dispatch({ kind: 'workerUnreachable', worker: 'w1' });
    status('w2');
    expect(runningAt('w2')).toEqual([0, 1]);
    const effects = done('w1', 0);
    expect(effects).toContainEqual({ kind: 'withdraw', worker: 'w2', job: 'a', chunk: 0 });
    expect(kinds(effects)).toContain('store');
    expect(kinds(done('w2', 0))).toContain('duplicateDropped');
  });

  it('of a chunk that waits to be handed out again count too', () => {
    addJob('a', 16);
    status('w1');
    dispatch({ kind: 'workerUnreachable', worker: 'w1' });
    expect(job().waiting).toHaveLength(2);
    expect(kinds(done('w1', 1))).toContain('store');
    expect(job().waiting.map(({ id }) => id)).toEqual([0]);
  });

  it('of a chunk that was split are dropped', () => {
    addJob('a', 8);
    status('w1');
    started('w1', 0);
    dispatch({ kind: 'chunkFailed', worker: 'w1', job: 'a', chunk: 0, reason: 'thread-died' });
    expect(kinds(done('w1', 0))).toContain('duplicateDropped');
  });

  it('of a job that was cancelled are left', () => {
    addJob('a', 1000);
    status('w1');
    const effects = dispatch({ kind: 'jobStopped', job: 'a', phase: 'cancelled' });
    expect(kinds(effects)).toEqual(['withdraw', 'withdraw', 'jobEnded']);
    expect(done('w1', 0)).toEqual([]);
    expect(job()).toMatchObject({ phase: 'cancelled', stored: 0 });
  });
});

describe('what the network lost', () => {
  it('is handed out again once the worker says that it does not have it', () => {
    addJob('a', 16);
    status('w1');
    now = 1000;
    expect(kinds(status('w1', ['a/0']))).toEqual([]);
    now = 3000;
    const effects = status('w1', ['a/0']);
    expect(effects).toContainEqual(expect.objectContaining({ chunk: 1, reason: 'lost' }));
    expect(job().running.get(1)).toMatchObject({ assignedMs: 3000, kills: 0 });
  });

  it('goes to a worker with nothing to do when it lies unstarted elsewhere', () => {
    addJob('a', 16);
    status('w1');
    started('w1', 0);
    now = 10_500;
    status('w1', ['a/0', 'a/1']);
    dispatch({ kind: 'tick' });
    expect(runningAt('w1')).toEqual([0, 1]);
    status('w2');
    const effects = dispatch({ kind: 'tick' });
    expect(effects).toContainEqual({ kind: 'withdraw', worker: 'w1', job: 'a', chunk: 1 });
    expect(runningAt('w2')).toEqual([1]);
  });
});

describe('a worker that is lost', () => {
  it('by silence gives its chunks to others, and gets work again when it speaks', () => {
    addJob('a', 32);
    status('w1');
    for (now = 250; now <= 4000; now += 250) dispatch({ kind: 'tick' });
    expect(state.workers.get('w1')).toMatchObject({ standing: 'silent' });
    expect(job().waiting).toHaveLength(2);
    status('w1', ['a/0', 'a/1']);
    expect(state.workers.get('w1')).toMatchObject({ standing: 'active' });
  });

  it('is not taken for silent when it was this process that stood still', () => {
    addJob('a', 32);
    status('w1');
    dispatch({ kind: 'tick' });
    now = 60_000;
    dispatch({ kind: 'tick' });
    expect(state.workers.get('w1')).toMatchObject({ standing: 'active' });
    expect(job().waiting).toEqual([]);
  });

  it('leaves only what it had begun under suspicion', () => {
    addJob('a', 24);
    status('w1', [], 3);
    started('w1', 1);
    dispatch({ kind: 'workerGone', worker: 'w1' });
    const marks = job().waiting.map(({ id, kills, suspect }) => [id, kills, suspect]);
    expect(marks.toSorted()).toEqual([
      [0, 0, false],
      [1, 1, true],
      [2, 0, false],
    ]);
  });

  it('with a suspect at work leaves only the suspect under suspicion', () => {
    addJob('a', 24);
    status('w1', [], 1);
    started('w1', 0);
    dispatch({ kind: 'workerGone', worker: 'w1' });
    status('w2', [], 3);
    for (const chunk of [0, 1, 2]) started('w2', chunk);
    dispatch({ kind: 'workerGone', worker: 'w2' });
    const suspects = job().waiting.filter(({ suspect }) => suspect);
    const ranges = suspects.map(({ from, count }) => [from, count]);
    expect(ranges).toEqual([
      [0, 4],
      [4, 4],
    ]);
  });

  it('leaves suspects that never run side by side at one worker', () => {
    addJob('a', 8);
    status('w1', [], 1);
    started('w1', 0);
    dispatch({ kind: 'chunkFailed', worker: 'w1', job: 'a', chunk: 0, reason: 'thread-died' });
    status('w2', [], 5);
    expect(job().running.size).toBe(2);
    expect(runningAt('w1')).toHaveLength(1);
    expect(runningAt('w2')).toHaveLength(1);
    dispatch({ kind: 'workerLeft', worker: 'w1' });
    expect(job().waiting).toHaveLength(1);
  });

  it('in good order leaves nothing under suspicion', () => {
    addJob('a', 16);
    status('w1');
    started('w1', 0);
    dispatch({ kind: 'workerLeft', worker: 'w1' });
    expect(job().waiting.every(({ kills, suspect }) => kills === 0 && !suspect)).toBe(true);
  });
});

describe('a chunk that goes wrong', () => {
  const fail = (worker: string, chunk: number, reason: 'thread-died' | 'deadline') =>
    dispatch({ kind: 'chunkFailed', worker, job: 'a', chunk, reason });

  it('is cut in halves until a trade alone failed three times', () => {
    addJob('a', 2);
    status('w1', [], 1);
    fail('w1', 0, 'thread-died');
    const [first] = runningAt('w1');
    expect(job().running.get(first as number)).toMatchObject({ from: 0, count: 1, suspect: true });
    fail('w1', first as number, 'thread-died');
    expect(chunkOf(first as number)).toMatchObject({ kills: 1 });
    for (let tries = 0; tries < 10 && chunkOf(first as number) !== undefined; tries++) {
      const [next] = runningAt('w1');
      if (next === first) fail('w1', next as number, 'thread-died');
      else done('w1', next as number);
    }
    expect(job().storing.get(first as number)).toMatchObject({
      figures: { errors: { TRADE_KILLS_WORKER: 1 } },
    });
  });

  it('is cut in halves without blame when its results do not fit into a message', () => {
    addJob('a', 8);
    status('w1');
    dispatch({ kind: 'chunkFailed', worker: 'w1', job: 'a', chunk: 0, reason: 'too-large' });
    const halves = [...job().running.values()].map(({ from, count, suspect }) => [
      from,
      count,
      suspect,
    ]);
    expect(halves).toEqual([
      [0, 4, false],
      [4, 4, false],
    ]);
  });

  it('goes to another worker than before when there is one', () => {
    addJob('a', 1);
    status('w1', [], 1);
    status('w2', [], 1);
    fail('w1', 0, 'thread-died');
    expect(runningAt('w2')).toEqual([0]);
    fail('w2', 0, 'thread-died');
    expect(runningAt('w1')).toEqual([0]);
  });

  it('is called back when its worker does not keep to the deadline itself', () => {
    state = initialState({ ...options, deadlineMsUnknown: 5000, silenceMs: 1e9 });
    addJob('a', 1);
    status('w1', [], 1);
    started('w1', 0);
    now = 6900;
    expect(dispatch({ kind: 'tick' })).toEqual([]);
    now = 7100;
    const effects = dispatch({ kind: 'tick' });
    expect(effects).toContainEqual({ kind: 'withdraw', worker: 'w1', job: 'a', chunk: 0 });
    expect(effects).toContainEqual(expect.objectContaining({ reason: 'deadline' }));
  });
});
