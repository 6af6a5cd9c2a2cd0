import { afterEach, describe, expect, it } from 'vitest';
import { memorySpoolDisk, type SpoolDisk } from '../../src/grid/storage/spool.ts';
import type { GridApi } from '../../src/http/grid-api.ts';
import type { Trade } from '../../src/instruments/index.ts';
import type { RowProblem } from '../../src/intake/index.ts';
import {
  input,
  pausedInput,
  portfolio,
  request,
  TestGrid,
  type TestGridOptions,
} from './test-grid.ts';

let grid: TestGrid;
async function start(controllers: number, workers: number, options: TestGridOptions = {}) {
  grid = new TestGrid(options);
  await grid.start(controllers, workers);
}
afterEach(async () => {
  for (const node of grid.nodes) if (node.alive) await grid.stop(node);
});

const submit = (trades: readonly Trade[], more: object = {}, at = 0) =>
  grid.settled(grid.controller(at).service.submit({ ...request, ...more }, input(trades)));

const bad = (row: number): RowProblem => ({
  row,
  id: `T${row}`,
  code: 'FIELD_MISSING',
  field: 'notional',
  message: 'Field "notional" is missing in this swap',
});

/** Neither a job nor queued trades are left. */
async function expectNothingLeft(): Promise<void> {
  expect(await grid.controller(0).service.jobs({ limit: 10 })).toEqual([]);
  expect(grid.controller(0).node.scheduler.records.size).toBe(0);
  expect(grid.controller(0).service.grid().queue).toEqual({ jobs: 0, trades: 0 });
}

describe('submitting a job', () => {
  it('prices nothing when a trade is bad, and lists the bad ones', async () => {
    await start(1, 1);
    const { service } = grid.controller(0);
    const rejected = Array.from({ length: 150 }, (_, i) => bad(i + 1));
    const refusal = await grid.settled(
      service.submit(request, input(portfolio(300), rejected)).catch((error) => error),
    );
    expect(refusal).toMatchObject({ code: 'TRADES_REJECTED' });
    expect(refusal.message).toContain('150 mistakes');
    expect(refusal.fields.errors).toHaveLength(100);
    await expectNothingLeft();
  });

  it('prices the good trades when asked to skip the bad ones, and lists those in their places', async () => {
    await start(1, 1);
    const { service } = grid.controller(0);
    const job = await grid.settled(
      service.submit({ ...request, onError: 'skip' }, input(portfolio(10), [bad(3), bad(12)])),
    );
    const ended = await grid.ended(grid.controller(0), job.id);
    expect(ended).toMatchObject({ trades: 10, priced: 10, rejected: 2 });
    const rows = await grid.allResults(grid.controller(0), job.id);
    expect(rows.map(({ error }) => error?.code)).toEqual(
      Array.from({ length: 12 }, (_, i) => ([2, 11].includes(i) ? 'FIELD_MISSING' : undefined)),
    );
  });

  it('begins to price while the input still comes in, when bad trades are skipped', async () => {
    await start(1, 1);
    const { bytes, resume } = pausedInput();
    const submission = grid.controller(0).service.submit({ ...request, onError: 'skip' }, bytes);
    await grid.advance(1000);
    const [early] = await grid.controller(0).service.jobs({ limit: 1 });
    expect(early).toMatchObject({ state: 'accepting', priced: 100 });
    resume();
    const job = await grid.settled(submission);
    expect(await grid.ended(grid.controller(0), job.id)).toMatchObject({ priced: 150 });
  });

  it('leaves nothing behind when the client goes away in the middle', async () => {
    await start(1, 1);
    async function* broken() {
      yield* input(portfolio(200));
      throw new Error('The connection was closed');
    }
    const submission = grid.controller(0).service.submit({ ...request, onError: 'skip' }, broken());
    await expect(grid.settled(submission)).rejects.toThrow('The connection was closed');
    await expectNothingLeft();
    const job = await submit(portfolio(20));
    expect(await grid.ended(grid.controller(0), job.id)).toMatchObject({ priced: 20 });
  });

  it.each([
    [{ metric: 'Npv' }, 'METRIC_UNKNOWN'],
    [{ snapshot: 'nope' }, 'SNAPSHOT_UNKNOWN'],
    [{ engine: 'magic' }, 'REQUEST_INVALID'],
    [{ options: { irDelta: 'sideways' } }, 'REQUEST_INVALID'],
    [{ options: { unheardOf: 1 } }, 'REQUEST_INVALID'],
  ])('refuses %o with %s', async (more, code) => {
    await start(1, 0);
    await expect(submit(portfolio(1), more)).rejects.toMatchObject({ code });
    await expectNothingLeft();
  });

  it('refuses an input without trades', async () => {
    await start(1, 0);
    await expect(submit([])).rejects.toMatchObject({ code: 'TRADES_EMPTY' });
    await expectNothingLeft();
  });

  it('gives each trade its error where the metric is not defined for it', async () => {
    await start(1, 1);
    const job = await submit(portfolio(100), { metric: 'OptionPV' });
    const ended = await grid.ended(grid.controller(0), job.id);
    expect(ended.priced).toBeGreaterThan(0);
    expect(Object.keys(ended.errors)).toEqual(['METRIC_NOT_DEFINED']);
    expect(ended.priced + ended.failed).toBe(100);
  });
});

describe('limits', () => {
  it('on jobs are told with the time to wait', async () => {
    await start(1, 0, { controller: { jobsMax: 2 } });
    await submit(portfolio(5));
    const second = await submit(portfolio(5));
    const third = submit(portfolio(5));
    await expect(third).rejects.toMatchObject({
      code: 'GRID_TOO_MANY_JOBS',
      fields: { retryAfterSeconds: expect.any(Number) },
    });
    await grid.settled(grid.controller(0).service.cancel(second.id));
    expect(await submit(portfolio(5))).toMatchObject({ trades: 5 });
  });

  it('on jobs and trades hold for requests that come at the same moment', async () => {
    await start(1, 0, { controller: { jobsMax: 3, queuedTradesMax: 1000 } });
    const { service } = grid.controller(0);
    const outcomes = await grid.settled(
      Promise.allSettled(
        Array.from({ length: 8 }, () => service.submit(request, input(portfolio(50)))),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    const jobs = await service.jobs({ limit: 10 });
    for (const { id } of jobs) await grid.settled(service.cancel(id));
    const large = await grid.settled(
      Promise.allSettled(Array.from({ length: 3 }, () => service.submitReference('NPV', 600))),
    );
    expect(large.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(service.grid().queue).toEqual({ jobs: 1, trades: 600 });
  });

  it('on queued trades refuse what is too much and keep the rest', async () => {
    await start(1, 0, { controller: { queuedTradesMax: 1000 } });
    const first = await submit(portfolio(700));
    await expect(submit(portfolio(400))).rejects.toMatchObject({
      code: 'GRID_QUEUE_FULL',
      fields: { retryAfterSeconds: expect.any(Number) },
    });
    const { service } = grid.controller(0);
    await expect(service.submitReference('NPV', 400)).rejects.toMatchObject({
      code: 'GRID_QUEUE_FULL',
    });
    expect(service.grid().queue).toEqual({ jobs: 1, trades: 700 });
    await grid.addNode('valeng');
    expect(await grid.ended(grid.controller(0), first.id)).toMatchObject({ priced: 700 });
    expect(await submit(portfolio(400))).toMatchObject({ trades: 400 });
  });

  it('on ended jobs free the oldest', async () => {
    await start(1, 1, { controller: { endedJobsMax: 2 } });
    const ids: string[] = [];
    for (let i = 0; i < 4; i++) {
      const job = await submit(portfolio(3));
      await grid.ended(grid.controller(0), job.id);
      ids.push(job.id);
    }
    await grid.advance(1500);
    const { service } = grid.controller(0);
    const kept = await service.jobs({ limit: 10 });
    expect(new Set(kept.map(({ id }) => id))).toEqual(new Set(ids.slice(2)));
    await expect(service.job(ids[0] ?? '')).rejects.toMatchObject({ code: 'JOB_UNKNOWN' });
  });
});

describe('a controller that leaves', () => {
  it('takes nothing new, waits for its jobs when nobody else may have them, and then goes', async () => {
    await start(2, 1);
    const job = await submit(portfolio(2000));
    const [leaver, other] = grid.nodes;
    if (other !== undefined) grid.weaken(other);
    const leaving = leaver?.system.terminate();
    await grid.advance(100);
    await expect(submit(portfolio(1))).rejects.toMatchObject({ code: 'GRID_STOPPING' });
    if (leaving !== undefined) await grid.settled(leaving);
    if (leaver !== undefined) leaver.alive = false;
    const seen = await grid.controller(1).service.jobs({ limit: 1 });
    expect(seen[0]).toMatchObject({ id: job.id, state: 'completed', priced: 2000 });
  });

  it('does not wait for what nobody can price', async () => {
    await start(1, 0);
    await submit(portfolio(10));
    const [leaver] = grid.nodes;
    const startMs = grid.time.clock.nowMs();
    if (leaver !== undefined) await grid.stop(leaver);
    expect(grid.time.clock.nowMs() - startMs).toBeLessThan(5000);
    expect(grid.messages('error')).toContain('Job is left undone');
  });

  it('waits no longer than it may, and the other says that the job is lost and why', async () => {
    await start(2, 1, { msPerTrade: 100, controller: { leaveWaitMs: 3000 } });
    const job = await submit(portfolio(2000));
    const told: string[] = [];
    const { service } = grid.controller(1);
    await grid.settled(service.watchJob(job.id, ({ state }) => told.push(state)));
    const [leaver, other] = grid.nodes;
    if (other !== undefined) grid.weaken(other);
    const leaving = leaver?.system.terminate();
    await grid.advance(3500);
    const lost = await service.job(job.id);
    expect(lost).toMatchObject({ state: 'lost', endedAt: expect.any(String) });
    expect(lost.reason).toMatch(
      /host1:1 left the cluster .* waits 3 s at most .* no other controller was there .* submit it again$/,
    );
    expect(told.at(-1)).toBe('lost');
    expect(grid.messages('warn')).toContain('Job is lost with the controller that kept it');
    const [worker] = grid.workers();
    expect(worker?.worker?.node.held).toBe(0);
    if (leaving !== undefined) await grid.settled(leaving);
    if (leaver !== undefined) leaver.alive = false;
    const results = service.results(job.id, { limit: 1, failedOnly: false });
    await expect(grid.settled(results)).rejects.toMatchObject({ code: 'JOB_LOST' });
  });

  it('says so to an upload that is still coming in when its time is over', async () => {
    await start(1, 1, { controller: { leaveWaitMs: 1000 } });
    const { bytes, resume } = pausedInput();
    const submission = grid.controller(0).service.submit(request, bytes);
    const refused = expect(submission).rejects.toMatchObject({ code: 'GRID_STOPPING' });
    await grid.advance(100);
    const [leaver] = grid.nodes;
    const leaving = leaver?.system.terminate();
    await grid.advance(1200);
    resume();
    await grid.settled(refused);
    if (leaving !== undefined) await grid.settled(leaving);
    if (leaver !== undefined) leaver.alive = false;
  });
});

describe('a disk that fails', () => {
  it('keeps no file open of a job that could not be begun', async () => {
    const open = new Set<object>();
    let created = 0;
    const disk = (): SpoolDisk => {
      const memory = memorySpoolDisk();
      return {
        close: memory.close,
        freeBytes: memory.freeBytes,
        async create() {
          if (++created % 2 === 0) throw new Error('Too many open files');
          const file = await memory.create();
          open.add(file);
          const close = async (): Promise<void> => {
            open.delete(file);
          };
          const append = (bytes: Uint8Array) => file.append(bytes);
          const read = (offset: number, length: number) => file.read(offset, length);
          return { bytes: 0, readableBytes: 0, append, read, close };
        },
      };
    };
    await start(1, 0, { disk });
    await expect(submit(portfolio(5))).rejects.toThrow('Too many open files');
    expect(created).toBe(2);
    expect(open.size).toBe(0);
    await expectNothingLeft();
  });

  it('ends the job that needed it, says why, and leaves the grid working', async () => {
    let failing = false;
    const disk = (): SpoolDisk => {
      const memory = memorySpoolDisk();
      return {
        close: memory.close,
        freeBytes: memory.freeBytes,
        async create() {
          const file = await memory.create();
          const append = (bytes: Uint8Array): Promise<number> =>
            failing ? Promise.reject(new Error('No space left')) : file.append(bytes);
          const read = (offset: number, length: number) => file.read(offset, length);
          return { bytes: 0, readableBytes: 0, append, read, close: () => file.close() };
        },
      };
    };
    await start(1, 1, { disk });
    const job = await submit(portfolio(2000));
    failing = true;
    const ended = await grid.ended(grid.controller(0), job.id);
    expect(ended).toMatchObject({ state: 'failed', reason: 'No space left' });
    failing = false;
    const next = await submit(portfolio(20));
    expect(await grid.ended(grid.controller(0), next.id)).toMatchObject({ state: 'completed' });
  });
});

describe('the view of the grid', () => {
  it('shows members with their load, what waits and what was done', async () => {
    await start(2, 2);
    const job = await submit(portfolio(4000));
    await grid.advance(1500);
    const busy = grid.controller(1).service.grid();
    expect(busy.nodes).toHaveLength(4);
    expect(busy.queue.jobs).toBe(1);
    expect(busy.rate.tradesPerSecond).toBeGreaterThan(1000);
    const workers = busy.nodes.filter(({ roles }) => roles.includes('valeng'));
    for (const worker of workers) {
      expect(worker).toMatchObject({ threads: 2, reachable: true, status: 'Up' });
      expect(worker.load?.busyShare).toBeGreaterThan(0.5);
    }
    await grid.ended(grid.controller(0), job.id);
    await grid.advance(2000);
    const idle = grid.controller(1).service.grid();
    expect(idle).toMatchObject({
      queue: { jobs: 0, trades: 0 },
      totals: { trades: 4000, jobs: 1 },
    });
    expect(idle.rate.tradesPerSecond).toBe(0);
  });

  it('is told on when members come and go', async () => {
    await start(1, 0);
    const told: string[] = [];
    const subscription = grid.controller(0).service.watchGrid({
      grid: () => told.push('grid'),
      member: ({ address, change }) => told.push(`${address} ${change}`),
      job: ({ state }) => told.push(state),
    });
    const worker = await grid.addNode('valeng');
    expect(told).toContain(`${worker.membership.selfAddress} up`);
    const job = await submit(portfolio(10));
    await grid.ended(grid.controller(0), job.id);
    expect(told).toContain('completed');
    subscription.cancel();
    const before = told.length;
    await grid.advance(5000);
    expect(told).toHaveLength(before);
  });
});

describe('the grid service', () => {
  it('is what the HTTP routes ask for', async () => {
    await start(1, 0);
    const api: GridApi = grid.controller(0).service;
    expect(api.grid().nodes).toHaveLength(1);
  });

  it('has metrics of what waits, runs and was done', async () => {
    await start(1, 1);
    const job = await submit(portfolio(200));
    await grid.ended(grid.controller(0), job.id);
    const read = (at: number) =>
      Object.fromEntries(
        (grid.nodes[at]?.system.metrics.snapshot() ?? []).flatMap(({ name, samples }) =>
          samples.map((sample) => [name, 'value' in sample ? sample.value : sample.sum]),
        ),
      );
    expect(read(0)).toMatchObject({
      valuation_jobs_taken_total: 1,
      valuation_jobs_open: 0,
      valuation_trades_queued: 0,
      valuation_trades_stored_total: 200,
      valuation_workers: 1,
      valuation_results_dropped_total: 0,
    });
    expect(read(1)).toMatchObject({
      valuation_worker_trades_total: 200,
      valuation_worker_threads: 2,
    });
  });

  it('has a metric to scale workers by: all that has no result, on the controller that keeps it', async () => {
    await start(2, 1, { msPerTrade: 5 });
    const queued = () =>
      grid.nodes.slice(0, 2).map(({ system }) => {
        const found = system.metrics.snapshot();
        const sample = found.find(({ name }) => name === 'valuation_trades_queued')?.samples[0];
        return sample !== undefined && 'value' in sample ? sample.value : Number.NaN;
      });
    expect(queued()).toEqual([0, 0]);
    const { bytes, resume } = pausedInput();
    const submitted = grid.controller(0).service.submit({ ...request, onError: 'skip' }, bytes);
    await grid.advance(20);
    const [early = 0] = queued();
    resume();
    const job = await grid.settled(submitted);
    const shape: number[][] = [queued()];
    while ((await grid.controller(0).service.job(job.id)).endedAt === undefined) {
      await grid.advance(50);
      shape.push(queued());
    }
    const kept = shape.map(([first = 0]) => first);

    expect(early).toBeGreaterThan(50);
    expect(early).toBeLessThanOrEqual(100);
    expect(kept).toEqual([...kept].sort((a, b) => b - a));
    expect(new Set(kept).size).toBeGreaterThan(3);
    expect(shape.at(-1)).toEqual([0, 0]);
    expect(new Set(shape.map(([, second]) => second))).toEqual(new Set([0]));
  });
});
