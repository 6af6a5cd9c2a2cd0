// The chart on a real Kubernetes, in both topologies: a cluster of four that prices what a new user submits through a
// gateway, and nothing left of it afterwards.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { topologies } from '../../deploy/chart/chart.ts';
import { figure } from '../../interop/harness/figures.ts';
import { buildGridImage, gridVersion } from '../images/grid-image.ts';
import { type TestCluster, testCluster } from '../kubernetes/test-cluster.ts';
import { buildGatewayImage, GatewayPod, gatewayUrl } from './gateway-pod.ts';
import { GridRelease } from './release.ts';

const portfolio = join(import.meta.dirname, '../../apps/valuation/portfolio/bundled.ndjson');

let cluster: TestCluster;
let image = '';
let gatewayImage = '';

beforeAll(async () => {
  image = buildGridImage(`${gridVersion}-e2e`);
  gatewayImage = buildGatewayImage();
  cluster = await testCluster();
  for (const one of [image, gatewayImage]) await cluster.loadImage(one);
});

describe.each(topologies)('topology %s', (topology) => {
  let release: GridRelease;

  beforeAll(() => {
    release = new GridRelease(cluster, { topology, image });
  });
  afterAll(() => release.removeNamespace());

  it('becomes one cluster of four, all ready', async () => {
    const fromMs = performance.now();
    await release.install();
    figure(
      `${topology}: helm install --wait of two controllers and two workers`,
      `${((performance.now() - fromMs) / 1000).toFixed(1)} s`,
    );
    const wanted = 'up=4,members=4,unreachable=0';
    await release.onController('parvi', 'cluster', 'watch', '--until', wanted);
    for (const component of ['controller', 'worker']) {
      expect((await release.pods(component)).length).toBe(2);
    }
  });

  it('prices the portfolio of a new user, whose batch gets its results through the gateway', async () => {
    await release.startClient();
    await GatewayPod.start(release, gatewayImage);
    const batch = (words: readonly string[], input?: string): Promise<string> =>
      release.valuation(words, input, gatewayUrl);
    const words = ['submit', '-', '--format', 'ndjson', '--metric', 'NPV', '--follow'];
    const key = ['--idempotency-key', 'first-batch'];
    const said = await batch([...words, ...key], readFileSync(portfolio, 'utf8'));
    expect(said).toMatch(/NPV\s+8,000\s+8,000\s+0/);
    const [job] = JSON.parse(await batch(['--json', 'jobs']));
    expect(job).toMatchObject({ state: 'completed', trades: 8000, priced: 8000, failed: 0 });
    const csv = await batch(['results', job.id, '--format', 'csv']);
    const [head = '', ...rows] = csv.trim().split(/\r?\n/);
    expect(head).toMatch(/^row,id,instrument,metric,value,/);
    expect(rows.map((row) => Number(row.split(',')[0]))).toEqual(
      Array.from({ length: 8000 }, (_, i) => i + 1),
    );
    expect(rows.filter((row) => !/^\d+,[^,]+,[^,]+,NPV,-?[\d.]/.test(row))).toEqual([]);
  });

  it('passes the test of the chart', async () => {
    expect(await release.helm('test', 'grid', '--logs')).toMatch(/4 members; a trade is priced/);
  });

  it('is gone without a trace after helm uninstall', async () => {
    expect((await release.objects()).length).toBeGreaterThan(0);
    await release.uninstall();
    await expect.poll(() => release.objects(), { timeout: 120_000, interval: 1000 }).toEqual([]);
  });
});
