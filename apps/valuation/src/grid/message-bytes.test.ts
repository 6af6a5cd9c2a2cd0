import { ByteWriter, CborWriter } from 'parvi/wire';
import { describe, expect, it } from 'vitest';
import { newsBytes, resultBytes } from './message-bytes.ts';
import type { JobView, ResultView } from './views.ts';

function written(value: unknown): number {
  const out = new ByteWriter();
  new CborWriter().write(value, out);
  return out.position;
}

const wide = 'Ω'.repeat(200);
const figures = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`delta ${wide} ${i}`, i / 3]));

const row = (more: Partial<ResultView>): ResultView => ({
  row: 1e15,
  id: wide,
  instrument: 'option',
  metric: 'IRDelta',
  worker: 'pekko://Valuation@host:25520',
  ...more,
});

const view = (workers: number): JobView => ({
  id: '0198c0de-0000-7000-8000-000000000000',
  name: wide,
  metric: 'NPV',
  snapshot: wide.slice(0, 64),
  state: 'waiting-for-workers',
  reason: wide,
  owner: 'pekko://Valuation@host:25520',
  submittedAt: '2026-01-01T00:00:00.000Z',
  startedAt: '2026-01-01T00:00:00.000Z',
  endedAt: '2026-01-01T00:00:00.000Z',
  trades: 1e15,
  priced: 1e15,
  failed: 1e15,
  rejected: 1e15,
  chunksDone: 1e15,
  chunksTotal: 1e15,
  sum: 0.1,
  mean: 0.1,
  min: 0.1,
  max: 0.1,
  elapsedMs: 0.1,
  pricingMs: 0.1,
  tradesPerSecond: 0.1,
  errors: figures(20),
  workers: Array.from({ length: workers }, (_, i) => ({
    address: `pekko://Valuation@worker-${i}.${wide}:25520`,
    trades: 1e15,
    chunks: 1e15,
    busyMs: 0.1,
    busyShare: 0.1,
  })),
});

describe('the bytes of a message', () => {
  it.each([
    ['without figures', row({ value: 0.1 })],
    ['with a failure', row({ error: { code: wide, field: wide, message: wide } })],
    ['with two figures', row({ value: 0.1, extra: figures(2) })],
    ['with thousands of figures', row({ value: 0.1, extra: figures(5000) })],
  ])('are never more than counted for a row %s, nor far less', (_, result) => {
    const bytes = written(result);
    expect(resultBytes(result)).toBeGreaterThanOrEqual(bytes);
    expect(resultBytes(result)).toBeLessThan(bytes * 1.1 + 200);
  });

  it.each([0, 3, 1000])('are never more than counted for a job of %i workers', (workers) => {
    const news = { view: view(workers), idempotencyKey: wide, digest: wide };
    expect(newsBytes(news)).toBeGreaterThanOrEqual(written(news));
    expect(newsBytes(news)).toBeLessThan(written(news) * 1.2 + 400);
  });
});
