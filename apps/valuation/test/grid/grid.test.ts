import { afterEach, describe, expect, it } from 'vitest';
import type { Trade } from '../../src/instruments/index.ts';
import { defaultSnapshot, prepareSnapshot, type Snapshot } from '../../src/market/index.ts';
import { generatePortfolio, priceTrades, referenceTrade } from '../../src/pricing/index.ts';
import { input, portfolio, request, TestGrid, type TestGridOptions } from './test-grid.ts';

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

describe('a grid', () => {
  it('prices a portfolio over all workers, each trade once and as without a grid', async () => {
    await start(2, 2);
    const trades = portfolio(1500);
    const job = await submit(trades);
    expect(job).toMatchObject({ trades: 1500, metric: 'NPV' });
    const ended = await grid.ended(grid.controller(0), job.id);
    expect(ended).toMatchObject({ state: 'completed', priced: 1500, failed: 0 });
    expect(ended.workers).toHaveLength(2);
    expect(ended.workers.reduce((sum, { trades }) => sum + trades, 0)).toBe(1500);
    const rows = await grid.allResults(grid.controller(0), job.id);
    const market = prepareSnapshot(defaultSnapshot());
    const direct = priceTrades({ market, metric: 'NPV', trades });
    expect(rows.map(({ row }) => row)).toEqual(trades.map((_, i) => i + 1));
    expect(rows.map(({ id }) => id)).toEqual(trades.map(({ id }) => id));
    expect(rows.map(({ value }) => value)).toEqual([...direct.value]);
    const sum = direct.value.reduce((total, value) => total + value, 0);
    expect(ended.sum).toBeCloseTo(sum, 2);
  });

  it('answers for every job on either controller', async () => {
    await start(2, 1);
    const job = await submit(portfolio(1300));
    const other = grid.controller(1);
    const early = await grid.settled(other.service.job(job.id));
    expect(early).toMatchObject({ id: job.id, owner: 'pekko://Valuation@host1:1' });
    const ended = await grid.ended(other, job.id);
    expect(ended).toMatchObject({ state: 'completed', priced: 1300 });
    const page = await grid.settled(
      other.service.results(job.id, { limit: 1200, failedOnly: false }),
    );
    expect(page.results.map(({ row }) => row)).toEqual(
      Array.from({ length: 1200 }, (_, i) => i + 1),
    );
    expect(page.nextCursor).toBe('row-1201');
    expect(await grid.allResults(other, job.id)).toHaveLength(1300);
    const listed = await other.service.jobs({ limit: 10 });
    expect(listed.map(({ id }) => id)).toEqual([job.id]);
    const histogram = await grid.settled(other.service.histogram(job.id, 5));
    expect(histogram.counts).toHaveLength(5);
    const unknown = grid.settled(other.service.job('nope'));
    await expect(unknown).rejects.toMatchObject({ code: 'JOB_UNKNOWN' });
  });

  it('gives rows of many figures on the other controller, in pages and as a whole', async () => {
    await start(2, 1);
    const swaps = [...generatePortfolio({ trades: 700, seed: 1, instruments: ['swap'] })];
    const options = { irDelta: 'eachNode' };
    const job = await submit(swaps, { metric: 'IRDelta', options });
    const [own, other] = [grid.controller(0), grid.controller(1)];
    await grid.ended(own, job.id);
    const query = { limit: 700, failedOnly: false };
    const page = await grid.settled(own.service.results(job.id, query));
    // What the test is about: more than one message of any stream takes.
    expect(JSON.stringify(page).length).toBeGreaterThan(400_000);
    expect(await grid.settled(other.service.results(job.id, query))).toEqual(page);
    expect(await grid.allResults(other, job.id)).toEqual(page.results);
    expect(grid.messages('warn')).toEqual([]);
  });

  /** Reference swaps on a market with further curves of 2000 nodes and long names, with a delta for each node. */
  async function wideJob(curves: number, trades: number) {
    await start(2, 1);
    const { trade, snapshot } = referenceTrade('NPV');
    const nodes = Array.from({ length: 2000 }, (_, i) => ({
      date: new Date(Date.UTC(2030, 0, 1 + i)).toISOString().slice(0, 10),
      discount: 0.9 - i / 10_000,
    }));
    const curve = { type: 'nodes' as const, dayCount: 'Act/365F' as const, nodes };
    const more = Array.from({ length: curves }, (_, i) => [`${'x'.repeat(62)}${i}`, curve]);
    const wide = { ...snapshot, curves: { ...snapshot.curves, ...Object.fromEntries(more) } };
    const [own, other] = [grid.controller(0), grid.controller(1)];
    await own.service.putSnapshot('wide', wide);
    const swaps = Array.from({ length: trades }, (_, i) => ({
      ...trade,
      id: `${i}`,
      snapshot: 'wide',
    }));
    const job = await submit(swaps, { metric: 'IRDelta', options: { irDelta: 'eachNode' } });
    await grid.ended(own, job.id);
    const page = (at: typeof own, cursor: object) =>
      grid.settled(at.service.results(job.id, { limit: 100, failedOnly: false, ...cursor }));
    return { own, other, page };
  }

  it('gives a row of as many figures as there can be on the other controller', async () => {
    const { own, other, page } = await wideJob(9, 1);
    const first = await page(own, {});
    expect(Object.keys(first.results[0]?.extra ?? {}).length).toBeGreaterThan(18_000);
    expect(await page(other, {})).toEqual(first);
  });

  it('ends a page of more figures than fit into memory many times, and goes on after its cursor', async () => {
    const { own, other, page } = await wideJob(2, 30);
    const first = await page(own, {});
    expect(first.results.length).toBeGreaterThan(10);
    expect(first.results.length).toBeLessThan(30);
    expect(first.nextCursor).toBe(`row-${first.results.length + 1}`);
    expect(await page(other, {})).toEqual(first);
    const rest = await page(other, { cursor: first.nextCursor });
    const ids = [...first.results, ...rest.results].map(({ id }) => Number(id));
    expect(ids).toEqual(Array.from({ length: 30 }, (_, i) => i));
    expect(rest.nextCursor).toBeUndefined();
  });

  it('keeps a job while no worker is there, says so, and goes on when one comes', async () => {
    await start(1, 0);
    const job = await submit(portfolio(50));
    await grid.advance(5000);
    const waiting = await grid.controller(0).service.job(job.id);
    expect(waiting).toMatchObject({ state: 'waiting-for-workers', priced: 0 });
    expect(waiting.reason).toContain('No worker is there');
    await grid.addNode('valeng');
    await grid.advance(3000);
    expect((await grid.controller(0).service.job(job.id)).priced).toBeGreaterThan(0);
    expect(await grid.ended(grid.controller(0), job.id)).toMatchObject({ priced: 50 });
  });

  it('prices each trade once although a worker is killed and another one comes', async () => {
    await start(2, 2);
    const job = await submit(portfolio(3000));
    await grid.advance(300);
    const [victim] = grid.workers();
    if (victim !== undefined) await grid.kill(victim);
    await grid.addNode('valeng');
    const ended = await grid.ended(grid.controller(0), job.id);
    expect(ended).toMatchObject({ state: 'completed', priced: 3000, failed: 0 });
    const rows = await grid.allResults(grid.controller(0), job.id);
    expect(new Set(rows.map(({ row }) => row)).size).toBe(3000);
    expect(grid.messages('info')).toContain('Chunk goes to another worker');
  });

  it('takes the chunks of a leaving worker back at once', async () => {
    await start(1, 2, { msPerTrade: 100 });
    const job = await submit(portfolio(100));
    await grid.advance(300);
    const [leaver] = grid.workers();
    const leaving = leaver?.system.terminate();
    await grid.advance(20);
    const state = grid.controller(0).node.scheduler.state;
    expect(state.workers.has(leaver?.worker?.ref.path ?? '')).toBe(false);
    for (const chunk of state.jobs.get(job.id)?.running.values() ?? []) {
      expect(chunk.worker).not.toBe(leaver?.worker?.ref.path);
    }
    if (leaving !== undefined) await grid.settled(leaving);
    if (leaver !== undefined) leaver.alive = false;
    const ended = await grid.ended(grid.controller(0), job.id);
    expect(ended).toMatchObject({ state: 'completed', priced: 100 });
    expect(grid.messages('warn')).toEqual([]);
  });

  it('finds the trades that kill or hold up their thread, prices all others, and lives', async () => {
    const fates: Record<string, 'dies' | 'hangs'> = { T0000123: 'dies', T0000300: 'hangs' };
    await start(1, 2, {
      fate: (id) => fates[id],
      controller: { scheduling: { deadlineMsMin: 500 } },
    });
    const job = await submit(portfolio(400));
    const ended = await grid.ended(grid.controller(0), job.id);
    expect(ended).toMatchObject({ state: 'completed', priced: 398, failed: 2 });
    expect(ended.errors).toEqual({ TRADE_KILLS_WORKER: 1, TRADE_EXCEEDS_DEADLINE: 1 });
    const failed = await grid
      .controller(0)
      .service.results(job.id, { limit: 10, failedOnly: true });
    expect(failed.results.map(({ row, id, error }) => [row, id, error?.code])).toEqual([
      [123, 'T0000123', 'TRADE_KILLS_WORKER'],
      [300, 'T0000300', 'TRADE_EXCEEDS_DEADLINE'],
    ]);
    expect(grid.workers()).toHaveLength(2);
  });

  it('answers with the last news of a job whose controller cannot be reached, and at once', async () => {
    await start(2, 1);
    const job = await submit(portfolio(5000));
    await grid.advance(1000);
    const [away] = grid.nodes;
    if (away !== undefined) grid.reach(away, false);
    const { service } = grid.controller(1);
    expect(await service.job(job.id)).toMatchObject({ id: job.id, state: 'running' });
    const results = service.results(job.id, { limit: 1, failedOnly: false });
    await expect(results).rejects.toMatchObject({ code: 'OWNER_UNREACHABLE' });
    if (away !== undefined) grid.reach(away, true);
    expect(await grid.ended(grid.controller(1), job.id)).toMatchObject({ priced: 5000 });
  });

  it('reports a job as lost when its controller was killed', async () => {
    await start(2, 1);
    const job = await submit(portfolio(5000));
    const done = await submit(portfolio(10));
    await grid.ended(grid.controller(0), done.id);
    await grid.advance(1000);
    const [victim] = grid.nodes;
    if (victim !== undefined) await grid.kill(victim);
    const { service } = grid.controller(1);
    const lost = await service.job(job.id);
    expect(lost).toMatchObject({ id: job.id, state: 'lost' });
    expect(lost.reason).toContain('submit it again');
    expect(await service.job(done.id)).toMatchObject({ state: 'completed' });
    const results = service.results(done.id, { limit: 1, failedOnly: false });
    await expect(results).rejects.toMatchObject({ code: 'JOB_LOST' });
  });

  it('reports a lost job by its id also on a controller that came after the loss', async () => {
    await start(2, 1);
    const job = await submit(portfolio(5000), { idempotencyKey: 'k1' });
    const done = await submit(portfolio(10));
    await grid.ended(grid.controller(0), done.id);
    await grid.advance(1000);
    const [victim] = grid.nodes;
    if (victim !== undefined) await grid.kill(victim);
    const late = await grid.addNode('ctrl');
    await grid.advance(500);
    const { service } = grid.controller(2);
    expect(grid.controller(2).node.ports.membership.selfAddress).toBe(late.membership.selfAddress);
    expect(await grid.settled(service.job(job.id))).toMatchObject({ state: 'lost' });
    const results = grid.settled(service.results(done.id, { limit: 1, failedOnly: false }));
    await expect(results).rejects.toMatchObject({ code: 'JOB_LOST' });
    await expect(grid.settled(service.cancel(job.id))).rejects.toMatchObject({ code: 'JOB_LOST' });
    const listed = await service.jobs({ limit: 10 });
    expect(listed.map(({ id, state }) => [id, state])).toEqual(
      expect.arrayContaining([
        [job.id, 'lost'],
        [done.id, 'completed'],
      ]),
    );
    const again = await submit(portfolio(5000), { idempotencyKey: 'k1' }, 2);
    expect(again.id).not.toBe(job.id);
  });

  it('says that a controller may know a job while that does not answer, not that there is none', async () => {
    await start(2, 0);
    const [away] = grid.nodes;
    if (away !== undefined) grid.reach(away, false);
    const { service } = grid.controller(1);
    await expect(service.job('nope')).rejects.toMatchObject({ code: 'OWNER_UNREACHABLE' });
    if (away !== undefined) grid.reach(away, true);
    const unknown = grid.settled(service.job('nope'));
    await expect(unknown).rejects.toMatchObject({ code: 'JOB_UNKNOWN' });
  });

  it('gives what it heard last of a job whose controller is away or knows it no more, and says so', async () => {
    await start(2, 0);
    const { id } = await submit(portfolio(10));
    await grid.advance(1000);
    const [own] = grid.nodes;
    const { service } = grid.controller(1);
    if (own !== undefined) grid.reach(own, false);
    const away = await grid.settled(service.job(id));
    expect(away.reason).toMatch(
      /^As last told by .*host1:1, which keeps it and does not answer now$/,
    );
    if (own !== undefined) grid.reach(own, true);
    grid.controller(0).node.scheduler.forget(id);
    const forgotten = await grid.settled(service.job(id));
    expect(forgotten.reason).toMatch(/, which does not know it any more$/);
    expect(forgotten).toMatchObject({ id, state: 'waiting-for-workers' });
  });

  it('cancels a job from either controller and keeps what was priced', async () => {
    await start(2, 1);
    const job = await submit(portfolio(5000));
    await grid.advance(1000);
    const view = await grid.settled(grid.controller(1).service.cancel(job.id));
    expect(view).toMatchObject({ state: 'cancelled', reason: 'It was cancelled' });
    expect(view.priced).toBeGreaterThan(0);
    const rows = await grid.allResults(grid.controller(1), job.id);
    expect(rows).toHaveLength(view.priced);
    await grid.advance(5000);
    expect((await grid.controller(0).service.job(job.id)).priced).toBe(view.priced);
  });

  it('answers who waits for a few trades, before all jobs and even without a worker', async () => {
    await start(1, 0);
    const trades = [...portfolio(3), { id: 'x', instrument: 'swop' }];
    const ask = () =>
      grid.settled(
        grid.controller(0).service.value({ metric: 'NPV', snapshot: 'default', trades }),
      );
    const alone = await ask();
    expect(alone.map(({ row, error }) => [row, error?.code])).toEqual([
      [1, undefined],
      [2, undefined],
      [3, undefined],
      [4, 'INSTRUMENT_UNKNOWN'],
    ]);
    await grid.addNode('valeng');
    await submit(portfolio(5000));
    await grid.advance(500);
    const startMs = grid.time.clock.nowMs();
    const busy = await ask();
    expect(busy.map(({ value }) => value)).toEqual(alone.map(({ value }) => value));
    expect(busy[0]?.worker).toBe('pekko://Valuation@host2:1');
    expect(grid.time.clock.nowMs() - startMs).toBeLessThanOrEqual(200);
    expect(await grid.controller(0).service.jobs({ limit: 10 })).toHaveLength(1);
  });

  it('prices the reference trade of a metric as often as asked', async () => {
    await start(1, 2);
    const job = await grid.settled(grid.controller(0).service.submitReference('NPV', 250));
    const ended = await grid.ended(grid.controller(0), job.id);
    expect(ended).toMatchObject({ trades: 250, priced: 250, snapshot: 'reference-swap' });
    expect(ended.mean).toBeCloseTo(420900.16503876913, 6);
    const rows = await grid.allResults(grid.controller(0), job.id);
    expect(rows[249]).toMatchObject({ row: 250, id: 'reference-swap-250' });
  });

  it('tells progress at most five times a second, and the end once, on both controllers', async () => {
    await start(2, 1);
    const job = await submit(portfolio(2000));
    const told = { here: [] as string[], there: [] as string[] };
    const follow = (name: 'here' | 'there', at: number) =>
      grid.settled(
        grid.controller(at).service.watchJob(job.id, (view) => told[name].push(view.state)),
      );
    await follow('here', 0);
    await follow('there', 1);
    await grid.advance(800);
    expect(told.here.length).toBeGreaterThan(1);
    expect(told.here.length).toBeLessThanOrEqual(6);
    await grid.ended(grid.controller(0), job.id);
    await grid.advance(2000);
    for (const states of Object.values(told)) {
      expect(states.filter((state) => state === 'completed')).toHaveLength(1);
      expect(states.at(-1)).toBe('completed');
    }
  });
});

/** The same market at higher rates. */
function steeper(snapshot: Snapshot): Snapshot {
  const curves = Object.entries(snapshot.curves).map(([name, curve]) => {
    if (curve.type !== 'nodes') return [name, curve] as const;
    const nodes = curve.nodes.map(({ date, discount }) => ({ date, discount: discount ** 1.2 }));
    return [name, { ...curve, nodes }] as const;
  });
  return { ...snapshot, curves: Object.fromEntries(curves) };
}

describe('snapshots', () => {
  it('reach the other controller, and a job keeps the version it began with', async () => {
    await start(2, 0);
    const [a, b] = [grid.controller(0).service, grid.controller(1).service];
    const { trade, snapshot } = referenceTrade('NPV');
    const onClose = [{ ...trade, snapshot: 'close' }];
    const { hash } = await a.putSnapshot('close', snapshot);
    await grid.advance(1500);
    expect(await b.snapshots()).toEqual(await a.snapshots());
    const first = await submit(onClose, {}, 1);
    await b.putSnapshot('close', steeper(snapshot));
    const second = await submit(onClose, {}, 1);
    await grid.addNode('valeng');
    await grid.ended(grid.controller(1), first.id);
    await grid.ended(grid.controller(1), second.id);
    const [before] = await grid.allResults(grid.controller(1), first.id);
    const [after] = await grid.allResults(grid.controller(1), second.id);
    expect(before?.value).toBeCloseTo(420900.16503876913, 6);
    expect(after?.value).toBeLessThan(400_000);
    const infos = await b.snapshots();
    expect(infos.find(({ name }) => name === 'close')?.hash).not.toBe(hash);
  });
});
