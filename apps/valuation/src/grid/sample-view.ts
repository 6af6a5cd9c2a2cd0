// A job for tests that care for its id and state only.

import { hasJobEnded, type JobState, type JobView } from './views.ts';

const plain: Omit<JobView, 'id' | 'state'> = {
  metric: 'NPV',
  snapshot: 'default',
  owner: 'a',
  submittedAt: '2026-01-01T00:00:00.000Z',
  trades: 1,
  priced: 0,
  failed: 0,
  rejected: 0,
  chunksDone: 0,
  chunksTotal: 0,
  sum: null,
  mean: null,
  min: null,
  max: null,
  elapsedMs: 0,
  pricingMs: 0,
  tradesPerSecond: 0,
  errors: {},
  workers: [],
};

export function sampleView(id: string, state: JobState): JobView {
  const view = { ...plain, id, state };
  return hasJobEnded(view) ? { ...view, endedAt: '2026-01-01T00:01:00.000Z' } : view;
}
