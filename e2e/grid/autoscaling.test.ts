// Workers that Kubernetes' own autoscaler starts and ends, by their processor and by the queue, while one job runs
// through all of it: each trade once, and nobody who goes is missed.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { until } from '../../apps/valuation/test/acceptance/until.ts';
import { figure } from '../../interop/harness/figures.ts';
import { buildGridImage, gridVersion } from '../images/grid-image.ts';
import { ensureCustomMetrics } from '../kubernetes/custom-metrics.ts';
import { type TestCluster, testCluster } from '../kubernetes/test-cluster.ts';
import { ended } from './jobs.ts';
import { lost, placed, seconds, typesOf, whole } from './members.ts';
import { GridRelease } from './release.ts';
import { startTail, tailed } from './tail.ts';

const program = readFileSync(join(import.meta.dirname, 'programs/growing-book.ts'), 'utf8');
const slow = { timeoutMs: 300_000, pollMs: 1000 };

/** As soon as it is calm, and all at once: the chart's five minutes would be waited for here. */
const soon = {
  scaleDown: {
    stabilizationWindowSeconds: 20,
    policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }],
  },
};
const little = { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '1Gi' } };

let cluster: TestCluster;
let image = '';
let release: GridRelease | undefined;

beforeAll(async () => {
  image = process.env.GRID_IMAGE ?? buildGridImage(`${gridVersion}-e2e`);
  cluster = await testCluster();
  await cluster.loadImage(image);
});
afterEach(async () => {
  await release?.uninstall();
  await release?.removeNamespace();
});

async function installed(name: string, scaling: object): Promise<GridRelease> {
  const autoscaling = { enabled: true, minReplicas: 2, maxReplicas: 6, behavior: soon, ...scaling };
  const values = { workers: { resources: little, autoscaling } };
  release = new GridRelease(cluster, { topology: 'seeds', image, name, values });
  await release.install();
  await release.startClient();
  await whole(release);
  return release;
}

/** A job that grows until it is told to be calm. */
async function startBook(grid: GridRelease): Promise<string> {
  const command = ['/usr/local/bin/node', '/files/growing-book.ts'];
  await grid.runPod('book', { command, files: { 'growing-book.ts': program } });
  return until(
    'the job that grows',
    async () => {
      const path = `/api/v1/namespaces/${grid.namespace}/services/http:ve-ctrl:7777/proxy/v1/jobs`;
      const { jobs }: { jobs: { id: string; name?: string }[] } = JSON.parse(
        await grid.kubectl(['get', '--raw', path]),
      );
      return jobs.find(({ name }) => name === 'growing')?.id;
    },
    slow,
  );
}

/** The gauge as an adapter sums it over the controllers. */
async function queued(grid: GridRelease): Promise<number> {
  const pods = await placed(grid, 'controller');
  const texts = await Promise.all(pods.map(({ name }) => grid.askPod(`${name}:7626`, 'metrics')));
  const figures = texts.map(
    (text) => /^valuation_trades_queued(?:\{.*\})? (\S+)$/m.exec(text)?.[1],
  );
  return figures.reduce((sum, one) => sum + Number(one), 0);
}

/** Until so many workers are ready and no others are left; gives the metric as it was meanwhile. */
async function scaledTo(grid: GridRelease, workers: number): Promise<number[]> {
  const seen: number[] = [];
  await until(
    `${workers} workers`,
    async () => {
      seen.push(await queued(grid));
      const pods = await placed(grid, 'worker');
      return pods.length === workers && pods.every(({ ready }) => ready);
    },
    slow,
  );
  return seen;
}

it.for([
  ['processor', { targetCpuPercent: 50 }],
  ['queue', { targetCpuPercent: 0, queue: { enabled: true, averageValue: '1000' } }],
] as const)(
  'has two workers become six and two again by the %s',
  async ([what, scaling], { skip }) => {
    if (what === 'queue') await ensureCustomMetrics(cluster, { skip });
    const grid = await installed(what, scaling);
    const [watched] = await placed(grid, 'controller');
    await startTail(grid, watched?.ip ?? '');
    const idle = await queued(grid);
    const id = await startBook(grid);

    const startMs = performance.now();
    const rising = await scaledTo(grid, 6);
    const all = await placed(grid, 'worker');
    figure(`by the ${what}: from a rush to six workers`, seconds(performance.now() - startMs));
    figure(`by the ${what}: trades queued in the rush, at most`, String(Math.max(...rising)));
    await grid.askPod('book:8080', 'calm');
    const calmMs = performance.now();
    const falling = await scaledTo(grid, 2);
    figure(`by the ${what}: from calm to two workers`, seconds(performance.now() - calmMs));
    const stay = await placed(grid, 'worker');
    const between = await grid.job(id);
    await whole(grid);
    await grid.askPod('book:8080', 'finish');
    const { job, counted } = await ended(grid, id);
    const trades = Number(await grid.askPod('book:8080', 'trades').catch(() => job.trades));
    figure(`by the ${what}: trades of the job that ran all the time`, String(job.trades));
    const events = await tailed(grid);

    expect(between.endedAt).toBeUndefined();
    expect(job).toMatchObject({ state: 'completed', trades, priced: trades, failed: 0 });
    expect(counted).toEqual({ status: 200, rows: trades, wrong: 0 });
    expect(lost(events)).toEqual([]);
    const gone = all.filter(({ ip }) => !stay.some((pod) => pod.ip === ip));
    expect(gone.length).toBe(4);
    for (const { ip } of gone) {
      expect(typesOf(events, ip)).toEqual(expect.arrayContaining(['MemberLeft', 'MemberRemoved']));
    }
    // The shape of the metric: nothing, more than five may have, less than two may have, nothing again.
    expect(idle).toBe(0);
    expect(Math.max(...rising)).toBeGreaterThan(5000);
    expect(Math.min(...falling)).toBeLessThan(2000);
    expect(await queued(grid)).toBe(0);
  },
);
