// Submissions under idempotency keys: one job for each key, whichever controllers they reach and when.

import { afterEach, describe, expect, it } from 'vitest';
import type { Trade } from '../../src/instruments/index.ts';
import { input, pausedInput, portfolio, request, TestGrid } from './test-grid.ts';

let grid: TestGrid;
async function start(controllers: number, workers: number) {
  grid = new TestGrid();
  await grid.start(controllers, workers);
}
afterEach(async () => {
  for (const node of grid.nodes) if (node.alive) await grid.stop(node);
});

const submit = (trades: readonly Trade[], more: object = {}, at = 0) =>
  grid.settled(grid.controller(at).service.submit({ ...request, ...more }, input(trades)));

/** The input of {@link pausedInput} without its pause. */
function pausedAndResumed() {
  const { bytes, resume } = pausedInput();
  resume();
  return bytes;
}

describe('an idempotency key', () => {
  const key = { idempotencyKey: 'k1' };

  it('gives the same job for the same input, on either controller', async () => {
    await start(2, 1);
    const first = await submit(portfolio(20), key);
    const again = await submit(portfolio(20), key);
    expect(again.id).toBe(first.id);
    await grid.advance(500);
    const elsewhere = await submit(portfolio(20), key, 1);
    expect(elsewhere.id).toBe(first.id);
    expect(await grid.controller(0).service.jobs({ limit: 10 })).toHaveLength(1);
  });

  it('is refused for another input or another request', async () => {
    await start(1, 1);
    await submit(portfolio(20), key);
    const code = 'IDEMPOTENCY_KEY_REUSED';
    await expect(submit(portfolio(21), key)).rejects.toMatchObject({ code });
    await expect(submit(portfolio(20), { ...key, metric: 'ParRate' })).rejects.toMatchObject({
      code,
    });
  });

  it('makes one job of two requests at the same time', async () => {
    await start(1, 1);
    const [a, b] = await Promise.all([submit(portfolio(20), key), submit(portfolio(20), key)]);
    expect(a.id).toBe(b.id);
  });

  it('makes one job of requests that reach several controllers at the same moment', async () => {
    await start(3, 1);
    for (const idempotencyKey of ['a', 'b', 'c', 'd']) {
      const jobs = await Promise.all(
        [0, 1, 2].map((at) => submit(portfolio(20), { idempotencyKey }, at)),
      );
      expect(new Set(jobs.map(({ id }) => id)).size).toBe(1);
    }
    const other = [0, 1].map((at) => submit(portfolio(20 + at), { idempotencyKey: 'e' }, at));
    const outcomes = await Promise.allSettled(other);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await grid.advance(1500);
    expect(await grid.controller(1).service.jobs({ limit: 10 })).toHaveLength(5);
  });

  it('waits for an upload that comes in elsewhere, and takes over when that fails', async () => {
    await start(2, 1);
    const { bytes, resume } = pausedInput();
    const asked = { ...request, ...key };
    const first = grid.controller(0).service.submit(asked, bytes);
    await grid.advance(100);
    const second = grid.controller(1).service.submit(asked, pausedAndResumed());
    await grid.advance(15_000);
    resume();
    const [a, b] = [await grid.settled(first), await grid.settled(second)];
    expect(b.id).toBe(a.id);

    async function* broken() {
      yield* input(portfolio(20));
      throw new Error('The connection was closed');
    }
    const again = { ...request, idempotencyKey: 'k2' };
    const breaks = grid
      .controller(1)
      .service.submit(again, broken())
      .catch(() => 'broken');
    const stays = grid.controller(0).service.submit(again, input(portfolio(20)));
    expect(await grid.settled(stays)).toMatchObject({ trades: 20 });
    expect(await grid.settled(breaks)).not.toBeUndefined();
  });

  it.each([
    ['the same controller', 0],
    ['another one', 1],
  ])(
    'is busy after 20 s of an upload under it, at %s, and no longer when that has ended',
    async (_, at) => {
      await start(2, 1);
      const { bytes, resume } = pausedInput();
      const asked = { ...request, ...key };
      const first = grid.controller(0).service.submit(asked, bytes);
      await grid.advance(100);
      const second = grid.controller(at).service.submit(asked, pausedAndResumed());
      const refused = expect(second).rejects.toMatchObject({
        code: 'IDEMPOTENCY_KEY_BUSY',
        fields: { retryAfterSeconds: expect.any(Number) },
      });
      await grid.advance(20_500);
      await grid.settled(refused, 0);
      resume();
      const third = grid.controller(at).service.submit(asked, pausedAndResumed());
      const [a, b] = [await grid.settled(first), await grid.settled(third)];
      expect(b.id).toBe(a.id);
    },
  );

  it('may be used again after a submission that failed', async () => {
    await start(1, 1);
    await expect(submit([], key)).rejects.toMatchObject({ code: 'TRADES_EMPTY' });
    expect(await submit(portfolio(2), key)).toMatchObject({ trades: 2 });
  });
});
