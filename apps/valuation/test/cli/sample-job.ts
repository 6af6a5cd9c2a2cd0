// A job in the middle of its run, with every figure that reports show.

import type { JobView } from '../../src/http/views.ts';

export const job: JobView = {
  id: 'j1',
  metric: 'NPV',
  snapshot: 'default',
  state: 'running',
  owner: 'pekko://Valuation@127.0.0.1:25520',
  submittedAt: '2026-06-01T10:00:00.000Z',
  trades: 20_000,
  priced: 7490,
  failed: 10,
  rejected: 3,
  chunksDone: 4,
  chunksTotal: 9,
  sum: -1_234_567.891,
  mean: 0.0123456789,
  min: -5,
  max: 5,
  elapsedMs: 1500,
  pricingMs: 2500,
  tradesPerSecond: 5000,
  errors: { EXPIRED: 10 },
  workers: [
    { address: 'pekko://Valuation@b:2', trades: 2500, chunks: 1, busyMs: 600, busyShare: 0.4 },
    { address: 'pekko://Valuation@a:1', trades: 5000, chunks: 3, busyMs: 1200, busyShare: 0.8 },
  ],
};
