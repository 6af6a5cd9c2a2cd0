import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ActorSystem, clusterOf, silentLogger } from '../../src/index.ts';
import { managementOf } from '../../src/management/index.ts';
import { metricsText } from '../../src/management/metrics-text.ts';
import { sampleMetrics } from '../../src/management/sample-metrics.ts';
import { checkMetrics, promtoolPath } from './promtool.ts';

describe('promtool, the checker of Prometheus itself,', () => {
  let path: string | undefined;
  let system: ActorSystem;

  beforeAll(async () => {
    path = promtoolPath();
    system = await ActorSystem.start(
      {
        name: 'scraped',
        handleSignals: false,
        remote: { host: '127.0.40.5', port: 0 },
        cluster: {},
        management: { port: 0 },
      },
      { log: silentLogger },
    );
    const cluster = clusterOf(system);
    cluster.join(cluster.self.address);
    await cluster.whenUp;
  }, 300_000);
  afterAll(() => system?.terminate());

  it('reads what has to be escaped', ({ skip }) => {
    if (path === undefined) return skip();
    const text = metricsText(sampleMetrics().snapshot(), 'prometheus');
    expect(checkMetrics(path, text)).toEqual({ status: 0, said: '' });
  });

  it('finds nothing to improve in the metrics of a node', async ({ skip }) => {
    if (path === undefined) return skip();
    const answer = await fetch(`${managementOf(system)?.url}/metrics`);
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const text = await answer.text();
    expect(text).toMatch(/^parvi_cluster_members\{status="Up"\} 1$/m);
    expect(text).toMatch(/^process_resident_memory_bytes \d{7,}$/m);
    expect(checkMetrics(path, text)).toEqual({ status: 0, said: '' });
  });

  it('notices what is wrong', ({ skip }) => {
    if (path === undefined) return skip();
    expect(checkMetrics(path, 'a{b="c} 1\n').status).toBe(1);
  });
});
