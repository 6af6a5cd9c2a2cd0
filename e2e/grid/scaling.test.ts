// Workers that come and go by the hand of Kubernetes while a job of a million trades runs: every trade once, new workers
// used soon, and nobody who leaves in order shown as lost. The membership is followed by `parvi cluster tail` in a pod of
// its own, from before the first change to after the last.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../../apps/valuation/test/acceptance/until.ts';
import { figure } from '../../interop/harness/figures.ts';
import { buildGridImage, gridVersion } from '../images/grid-image.ts';
import { testCluster } from '../kubernetes/test-cluster.ts';
import { ended, submitOptions } from './jobs.ts';
import { GridRelease } from './release.ts';
import { isAbout, startTail, tailed, tailSaid, timeOf } from './tail.ts';

const trades = 1_000_000;
const slow = { timeoutMs: 120_000, pollMs: 200 };

let release: GridRelease;

beforeAll(async () => {
  const image = buildGridImage(`${gridVersion}-e2e`);
  const cluster = await testCluster();
  await cluster.loadImage(image);
  release = new GridRelease(cluster, { topology: 'seeds', image, name: 'scaling' });
  await release.install();
  await release.startClient();
});
afterAll(async () => {
  await release?.uninstall();
  await release?.removeNamespace();
});

/** Addresses of the workers that are to stay, once Kubernetes has made them so many. */
async function scaledTo(replicas: number): Promise<string[]> {
  await release.kubectl(['scale', 'deployment/ve', `--replicas=${replicas}`]);
  return until(
    `${replicas} workers with addresses`,
    async () => {
      const ips = (await release.pods('worker')).map(({ ip }) => ip);
      return ips.length === replicas && !ips.includes('') && ips;
    },
    slow,
  );
}

/** When results of each of these workers were first seen. */
async function usedAt(id: string, ips: readonly string[]): Promise<Map<string, number>> {
  const seenAtMs = new Map<string, number>();
  const missing = (): string[] => ips.filter((ip) => !seenAtMs.has(ip));
  await until(
    () => `chunks of ${missing().join(', ')}`,
    async () => {
      const { workers } = await release.job(id);
      for (const ip of missing()) {
        const share = workers.find(({ address }) => address.includes(`@${ip}:`));
        if (share !== undefined && share.chunks > 0) seenAtMs.set(ip, Date.now());
      }
      return missing().length === 0;
    },
    slow,
  );
  return seenAtMs;
}

it('prices each of a million trades once while workers become six and two again', async () => {
  const [first] = await release.pods('controller');
  await startTail(release, first?.ip ?? '');
  await until('the tail', async () => (await tailed(release)).length > 0, slow);
  const before = (await release.pods('worker')).map(({ ip }) => ip);
  const id = await submitOptions(release, trades);

  const scaledAtMs = Date.now();
  const six = await scaledTo(6);
  const added = six.filter((ip) => !before.includes(ip));
  const usedAtMs = await usedAt(id, added);
  const allUsedMs = Math.max(...usedAtMs.values()) - scaledAtMs;
  figure('from kubectl scale to chunks of all six', `${(allUsedMs / 1000).toFixed(1)} s`);

  const stay = await scaledTo(2);
  const left = six.filter((ip) => !stay.includes(ip));
  const between = await release.job(id);
  figure('trades priced when workers became two again', String(between.priced));
  const wanted = 'up=4,members=4,unreachable=0';
  await release.onController('parvi', 'cluster', 'watch', '--until', wanted);
  const { job, counted } = await ended(release, id);
  figure('the job of a million trades', `${(job.elapsedMs / 1000).toFixed(1)} s`);
  const all = await tailed(release);
  figure('events of the cluster in one stream', String(all.length));
  // A worker may be at work, for another controller, before the one that the tail asks has heard that it is Up.
  const toUseMs = added.map((ip) =>
    Math.max(0, (usedAtMs.get(ip) ?? 0) - timeOf(all, ip, 'MemberUp')),
  );
  figure(
    'from when one controller tells of Up until a chunk is seen to be back (0: before it tells), of four new workers',
    toUseMs.map((ms) => `${(ms / 1000).toFixed(1)} s`).join(', '),
  );

  expect(between.state).toBe('running');
  expect(job).toMatchObject({ state: 'completed', trades, priced: trades, failed: 0 });
  expect(counted).toEqual({ status: 200, rows: trades, wrong: 0 });
  expect(added.map((ip) => timeOf(all, ip, 'MemberUp') > 0)).toEqual([true, true, true, true]);
  expect(Math.max(...toUseMs)).toBeLessThan(10_000);
  // Its node stayed, so that the tail had no need to ask anew.
  expect(await tailSaid(release)).toEqual([]);
  expect(all.filter(({ type }) => type === 'UnreachableMember')).toEqual([]);
  for (const ip of left) {
    const types = all.filter(isAbout(ip)).map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining(['MemberLeft', 'MemberExited', 'MemberRemoved']));
    expect(types).not.toContain('MemberDowned');
  }
});
