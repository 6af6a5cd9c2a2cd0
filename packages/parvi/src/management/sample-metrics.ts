// Metrics of every kind, with whatever a format has to escape.

import { MetricsRegistry } from '../observe/index.ts';

export function sampleMetrics(): MetricsRegistry {
  const metrics = new MetricsRegistry();
  metrics.counter({ name: 'jobs_total', help: 'Jobs' }).add(3);
  const waiting = metrics.gauge({
    name: 'queue_messages',
    help: 'First line\nsecond \\ line',
    labels: ['actor', 'kind'],
  });
  waiting.with('/user/"a"', 'back\\slash').set(2);
  waiting.with('line\nbreak', '').set(-0.5);
  metrics.gauge({ name: 'limit_bytes', help: 'None' }).set(Number.POSITIVE_INFINITY);
  metrics.gauge({ name: 'floor_bytes', help: 'None' }).set(Number.NEGATIVE_INFINITY);
  metrics.gauge({ name: 'share_ratio', help: 'Nothing yet' }).set(Number.NaN);
  const took = metrics.histogram({ name: 'took_seconds', help: 'Times', buckets: [0.1, 1, 2.5] });
  for (const seconds of [0.05, 0.1, 0.7, 3, 4]) took.record(seconds);
  const sized = metrics.histogram({
    name: 'sent_bytes',
    help: 'Sizes',
    buckets: [64],
    labels: ['stream'],
  });
  sized.with('large').record(100);
  return metrics;
}
