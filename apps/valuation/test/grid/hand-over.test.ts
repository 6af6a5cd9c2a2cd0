// Controllers that leave while they keep jobs: what they had goes on at another, trade by trade, and nobody who asks or
// follows notices more than a new owner.

import { afterEach, describe, expect, it } from 'vitest';
import { memorySpoolDisk, type SpoolDisk } from '../../src/grid/storage/spool.ts';
import type { RowProblem } from '../../src/intake/index.ts';
import {
  input,
  pausedInput,
  portfolio,
  request,
  TestGrid,
  type TestGridOptions,
  type TestNode,
} from './test-grid.ts';

let grid: TestGrid;
async function start(controllers: number, workers: number, options: TestGridOptions = {}) {
  grid = new TestGrid(options);
  await grid.start(controllers, workers);
  // The controllers have told each other how they stand.
  await grid.advance(1100);
}
afterEach(async () => {
  for (const node of grid.nodes) if (node.alive) await grid.stop(node);
});

const submit = (trades: number, more: object = {}, rejected: readonly RowProblem[] = []) =>
  grid.settled(
    grid.controller(0).service.submit({ ...request, ...more }, input(portfolio(trades), rejected)),
  );

function leaver(): TestNode {
  const [first] = grid.nodes;
  if (first === undefined) throw new Error('There is no node');
  return first;
}

const rowsAt = (index: number, id: string) => grid.allResults(grid.controller(index), id);

const handedOver = () => grid.messages('info').filter((text) => text === 'Job handed over').length;

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

describe('a controller that leaves', () => {
  it('hands a running job over, which ends at the other with each trade once and as without a move', async () => {
    await start(2, 2, { msPerTrade: 2 });
    const name = { name: 'book', idempotencyKey: 'k' };
    const job = await submit(4000, name);
    await grid.advance(1200);
    const other = grid.controller(1);
    const before = await grid.settled(other.service.job(job.id));
    expect(before.priced).toBeGreaterThan(100);
    const startMs = grid.time.clock.nowMs();
    await grid.stop(leaver());
    expect(grid.time.clock.nowMs() - startMs).toBeLessThan(8000);
    const ended = await grid.ended(other, job.id);
    const owner = 'pekko://Valuation@host2:1';
    expect(ended).toMatchObject({ state: 'completed', priced: 4000, owner, name: 'book' });
    expect(ended.submittedAt).toBe(before.submittedAt);
    expect(ended.workers.reduce((sum, { trades }) => sum + trades, 0)).toBe(4000);
    const rows = await rowsAt(1, job.id);
    expect(rows.map(({ row }) => row)).toEqual(numbers(4000));
    const again = await grid.settled(
      other.service.submit({ ...request, ...name }, input(portfolio(4000))),
    );
    expect(again.id).toBe(job.id);
    const unmoved = await grid.settled(
      other.service.submit({ ...request }, input(portfolio(4000))),
    );
    await grid.ended(other, unmoved.id);
    const plain = (all: typeof rows) => all.map(({ worker: _, ...row }) => row);
    expect(plain(rows)).toEqual(plain(await rowsAt(1, unmoved.id)));
    expect(handedOver()).toBe(1);
    expect(grid.messages('warn')).toEqual([]);
  });

  it('hands over results of ended jobs, with refused rows and failed trades, and jobs of one trade many times', async () => {
    const fate = (id: string) => (id === 'T0000007' ? ('dies' as const) : undefined);
    await start(2, 1, { fate });
    const refused = { id: 'bad', instrument: 'swap', code: 'FIELD_MISSING', message: 'No' };
    const rejected = [41, 42].map((row) => ({ ...refused, row }) as RowProblem);
    const job = await submit(40, { onError: 'skip' }, rejected);
    const ended = await grid.ended(grid.controller(0), job.id);
    expect(ended.failed).toBe(1);
    const rows = await rowsAt(0, job.id);
    const repeated = await grid.settled(grid.controller(0).service.submitReference('NPV', 9000));
    await grid.advance(300);
    await grid.stop(leaver());
    const other = grid.controller(1);
    const moved = await grid.settled(other.service.job(job.id));
    expect(moved).toEqual({ ...ended, owner: moved.owner });
    expect(await rowsAt(1, job.id)).toEqual(rows);
    const query = { limit: 10, failedOnly: true };
    expect((await grid.settled(other.service.results(job.id, query))).results).toHaveLength(
      ended.failed + 2,
    );
    const second = await grid.ended(other, repeated.id);
    expect(second).toMatchObject({ state: 'completed', priced: 9000 });
    expect((await rowsAt(1, repeated.id)).map(({ row }) => row)).toEqual(numbers(9000));
    expect(handedOver()).toBe(2);
  });

  it('tells every controller of the new owner, and a third one answers for the job all the time', async () => {
    await start(3, 1, { msPerTrade: 2 });
    const job = await submit(3000);
    const third = grid.controller(2);
    await grid.advance(500);
    const told: { priced: number; state: string; owner: string }[] = [];
    await grid.settled(third.service.watchJob(job.id, (view) => told.push(view)));
    const streamed: number[] = [];
    const reading = (async () => {
      for await (const block of third.service.resultBlocks(job.id)) {
        streamed.push(...block.map(({ row }) => row));
      }
    })();
    await grid.stop(leaver());
    await grid.ended(third, job.id);
    await grid.settled(reading);
    expect(streamed).toEqual(numbers(3000));
    expect(told.at(-1)).toMatchObject({ state: 'completed', priced: 3000 });
    expect(new Set(told.map(({ owner }) => owner)).size).toBe(2);
    expect(told.filter(({ state }) => state === 'completed')).toHaveLength(1);
    expect(told.map(({ state }) => state)).not.toContain('lost');
    const priced = told.map((view) => view.priced);
    expect(priced).toEqual(priced.toSorted((a, b) => a - b));
  });

  it('waits for an upload that still comes in, and hands the job over then', async () => {
    await start(2, 1);
    const { bytes, resume } = pausedInput();
    const submission = grid.controller(0).service.submit(request, bytes);
    await grid.advance(100);
    const leaving = leaver().system.terminate();
    await grid.advance(3000);
    resume();
    const job = await grid.settled(submission);
    await grid.settled(leaving);
    leaver().alive = false;
    expect(await grid.ended(grid.controller(1), job.id)).toMatchObject({ priced: 150 });
  });

  it('sends an upload to the other when half of its time is over, so that the rest is left to jobs', async () => {
    await start(2, 1, { controller: { leaveWaitMs: 10_000 } });
    const { bytes, resume } = pausedInput();
    const submission = grid
      .controller(0)
      .service.submit({ ...request, idempotencyKey: 'k' }, bytes);
    await grid.advance(100);
    const leaving = leaver().system.terminate();
    await grid.advance(5100);
    resume();
    await expect(grid.settled(submission)).rejects.toMatchObject({
      code: 'GRID_STOPPING',
      fields: { retryAfterSeconds: expect.any(Number) },
    });
    await grid.settled(leaving);
    leaver().alive = false;
    const other = grid.controller(1);
    expect(await grid.settled(other.service.jobs({ limit: 10 }))).toMatchObject([
      {
        state: 'lost',
        reason: expect.stringContaining('while its trades came in: submit it again'),
      },
    ]);
    const again = other.service.submit({ ...request, idempotencyKey: 'k' }, input(portfolio(150)));
    expect(await grid.ended(other, (await grid.settled(again)).id)).toMatchObject({ priced: 150 });
  });

  it('takes an upload to its end when no other controller is there', async () => {
    await start(1, 1, { controller: { leaveWaitMs: 10_000 } });
    const { bytes, resume } = pausedInput();
    const submission = grid.controller(0).service.submit(request, bytes);
    await grid.advance(100);
    const leaving = leaver().system.terminate();
    await grid.advance(5100);
    resume();
    expect(await grid.settled(submission)).toMatchObject({ trades: 150 });
    await grid.settled(leaving);
    leaver().alive = false;
  });

  it('lets a job be cancelled while it goes over, at whichever controller', async () => {
    await start(2, 0);
    const job = await submit(2000);
    const leaving = leaver().system.terminate();
    const cancelled = await grid.settled(grid.controller(1).service.cancel(job.id));
    expect(cancelled.state).toBe('cancelled');
    await grid.settled(leaving);
    leaver().alive = false;
    expect(await grid.settled(grid.controller(1).service.job(job.id))).toMatchObject({
      state: 'cancelled',
    });
  });

  it('waits for its jobs when the other has no room, and says why', async () => {
    await start(2, 1, { controller: { jobsMax: 1, leaveWaitMs: 2000 }, msPerTrade: 20 });
    const other = grid.controller(1);
    await grid.settled(other.service.submit(request, input(portfolio(4000))));
    const job = await submit(4000);
    await grid.stop(leaver());
    const lost = await grid.settled(other.service.job(job.id));
    expect(lost.state).toBe('lost');
    expect(lost.reason).toContain('no other controller took it: pekko://Valuation@host2:1 refused');
    expect(lost.reason).toContain('it has 1 jobs and 1 is the most');
    expect(grid.messages('warn')).toContain('Job could not be handed over');
  });

  it('takes no job of another that leaves, when it leaves too', async () => {
    await start(2, 1, { controller: { leaveWaitMs: 1500 }, msPerTrade: 20 });
    const job = await submit(3000);
    const [first, second] = grid.nodes as [TestNode, TestNode];
    const ends = [second.system.terminate(), first.system.terminate()];
    await grid.settled(Promise.all(ends));
    first.alive = false;
    second.alive = false;
    expect(handedOver()).toBe(0);
    expect(grid.messages('error')).toContain('Job is left undone');
    expect(job.trades).toBe(3000);
  });

  it('keeps a job whose taker leaves in the middle, and gives it to a third', async () => {
    await start(3, 1, { msPerTrade: 5 });
    const job = await submit(4000);
    await grid.advance(300);
    const [first, second] = grid.nodes as [TestNode, TestNode];
    const ends = [first.system.terminate()];
    await grid.advance(20);
    ends.push(second.system.terminate());
    await grid.settled(Promise.all(ends));
    first.alive = false;
    second.alive = false;
    expect(grid.messages('warn')).toContain('Job is not taken over');
    const ended = await grid.ended(grid.controller(2), job.id);
    expect(ended).toMatchObject({ state: 'completed', priced: 4000 });
    expect((await rowsAt(2, job.id)).map(({ row }) => row)).toEqual(numbers(4000));
  });

  it.each([
    ['has no room', { free: 1000, fails: false }, 'its disk has 1000 bytes free'],
    ['fails', { free: undefined, fails: true }, 'No space left'],
  ])('ends its job itself when the disk of the other %s', async (_, { free, fails }, reason) => {
    let disks = 0;
    const open = new Set<object>();
    const disk = (): SpoolDisk => {
      const memory = memorySpoolDisk();
      const isOther = ++disks === 2;
      return {
        close: memory.close,
        freeBytes: async () => (isOther ? free : undefined),
        async create() {
          const file = await memory.create();
          if (!isOther) return file;
          open.add(file);
          return {
            bytes: 0,
            readableBytes: 0,
            append: (bytes) =>
              fails ? Promise.reject(new Error('No space left')) : file.append(bytes),
            read: (offset, length) => file.read(offset, length),
            close: async () => void open.delete(file),
          };
        },
      };
    };
    await start(2, 1, { disk, msPerTrade: 2 });
    const job = await submit(3000);
    await grid.stop(leaver());
    expect(await grid.settled(grid.controller(1).service.job(job.id))).toMatchObject({
      state: 'completed',
      priced: 3000,
    });
    expect(handedOver()).toBe(0);
    expect(grid.reasons('Job could not be handed over')).toContainEqual(
      expect.stringContaining(reason),
    );
    expect(open.size).toBe(0);
  });

  it('keeps a job whose taker dies in the middle, and gives it to a third', async () => {
    await start(3, 1, { msPerTrade: 5 });
    const job = await submit(4000);
    await grid.advance(300);
    const [first, second] = grid.nodes as [TestNode, TestNode];
    const leaving = first.system.terminate();
    await grid.advance(30);
    await grid.kill(second, 1500);
    await grid.settled(leaving);
    first.alive = false;
    const third = grid.controller(2);
    const ended = await grid.ended(third, job.id);
    expect(ended).toMatchObject({ state: 'completed', priced: 4000 });
    expect((await rowsAt(2, job.id)).map(({ row }) => row)).toEqual(numbers(4000));
    expect(grid.messages('warn')).toContain('Job could not be handed over');
    expect(handedOver()).toBe(1);
  });

  it('whose process dies in the middle loses the job, and nothing of it stays at the other', async () => {
    await start(2, 1, { msPerTrade: 5 });
    const job = await submit(4000);
    await grid.advance(300);
    void leaver().system.terminate();
    await grid.advance(20);
    await grid.kill(leaver(), 1500);
    const lost = await grid.settled(grid.controller(1).service.job(job.id));
    expect(lost.state).toBe('lost');
    expect(grid.controller(1).node.scheduler.records.size).toBe(0);
  });

  it('waits for its jobs when the other knows another version of hand-overs', async () => {
    await start(2, 1, { controller: { leaveWaitMs: 900 }, msPerTrade: 20 });
    const job = await submit(4000);
    const { node } = grid.controller(0);
    const [address, status] = [...node.controllerStatuses][0] ?? [];
    if (address === undefined || status === undefined) throw new Error('There is no status');
    node.controllerStatuses.set(address, { ...status, handOver: 2 });
    await grid.stop(leaver());
    const left = await grid.settled(grid.controller(1).service.job(job.id));
    expect(left).toMatchObject({ state: 'lost', reason: expect.stringContaining('0.9 s at most') });
    expect(grid.messages('warn')).not.toContain('Job could not be handed over');
  });

  it('is refused when it speaks another version than the one it asks', async () => {
    await start(1, 0);
    const answers: object[] = [];
    const replyTo = { path: 'a', tell: (message: object) => answers.push(message) };
    const job = { id: 'a', ended: false, queuedTrades: 1, bytes: 1, snapshots: [] };
    const offer = { type: 'handOverOffer', controller: 'a', job, transfer: 't' } as const;
    const { node } = grid.controller(0);
    node.receive({ ...offer, version: 2, replyTo });
    await grid.advance(100);
    expect(answers).toMatchObject([
      { type: 'handOverRefused', reason: 'it knows version 1 of hand-overs, not 2' },
    ]);
    node.receive({ ...offer, version: 1, replyTo });
    await grid.advance(100);
    expect(answers[1]).toMatchObject({ type: 'handOverAccepted', transfer: 't' });
  });
});
