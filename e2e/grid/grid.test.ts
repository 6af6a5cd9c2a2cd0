// The chart on a real Kubernetes, in both topologies: a cluster of four that prices what a new user submits, and nothing
// left of it afterwards.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { topologies } from '../../deploy/chart/chart.ts';
import { figure } from '../../interop/harness/figures.ts';
import { buildGridImage, gridVersion } from '../images/grid-image.ts';
import { type TestCluster, testCluster } from '../kubernetes/test-cluster.ts';
import { GridRelease } from './release.ts';

const portfolio = join(import.meta.dirname, '../../apps/valuation/portfolio/bundled.ndjson');

let cluster: TestCluster;
let image = '';

beforeAll(async () => {
  image = buildGridImage(`${gridVersion}-e2e`);
  cluster = await testCluster();
  await cluster.loadImage(image);
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

  it('prices the portfolio that a new user submits through the Service', async () => {
    await release.startClient();
    const words = ['submit', '-', '--format', 'ndjson', '--metric', 'NPV', '--follow'];
    const said = await release.valuation(words, readFileSync(portfolio, 'utf8'));
    expect(said).toMatch(/NPV\s+8,000\s+8,000\s+0/);
    const [job] = JSON.parse(await release.valuation(['--json', 'jobs']));
    expect(job).toMatchObject({ state: 'completed', trades: 8000, priced: 8000, failed: 0 });
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
