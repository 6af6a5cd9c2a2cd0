// What goes wrong with pods, machines and networks while the grid prices: pods deleted by force, processes that hang, a
// machine that is drained, a pod that is cut off. Each trade of a job is priced once, those that are well go on, and
// who is gone is told so in the time that the settings say.

import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { until } from '../../apps/valuation/test/acceptance/until.ts';
import { figure } from '../../interop/harness/figures.ts';
import { buildGridImage, gridVersion } from '../images/grid-image.ts';
import { type OwnCluster, ownCluster } from '../kubernetes/own-cluster.ts';
import { testCluster } from '../kubernetes/test-cluster.ts';
import { ended, submitOptions } from './jobs.ts';
import { deleteAtOnce, lost, type PlacedPod, placed, seconds, typesOf, whole } from './members.ts';
import { GridRelease } from './release.ts';
import { type MemberEvent, startTail, tailed, timeOf } from './tail.ts';

const trades = 150_000;
const slow = { timeoutMs: 120_000, pollMs: 200 };
/** As the chart sets it. */
const stableAfterMs = 20_000;
/** Silence of 3 s and some beats until a member is suspected, and as much until all have heard and agreed. */
const noticeMsMax = 15_000;

let release: GridRelease;
let tests = 0;
let tail = '';

beforeAll(async () => {
  const image = process.env.GRID_IMAGE ?? buildGridImage(`${gridVersion}-e2e`);
  const cluster = await testCluster();
  await cluster.loadImage(image);
  release = new GridRelease(cluster, { topology: 'seeds', image, name: 'faults' });
  await release.install();
  await release.startClient();
});
beforeEach(async () => {
  tail = `tail-${++tests}`;
  await whole(release);
});
afterAll(async () => {
  await release?.uninstall();
  await release?.removeNamespace();
});

function two(pods: readonly PlacedPod[]): readonly [PlacedPod, PlacedPod] {
  const [first, second] = pods;
  if (first === undefined || second === undefined) throw new Error('There are not two pods');
  return [first, second];
}

async function started(id: string): Promise<void> {
  await until('results of the job', async () => (await release.job(id)).priced > 0, slow);
}

/** A job at work on two workers, the first of which is to come to harm; a controller's tail is followed. */
async function jobAtWork() {
  const [watched] = two(await placed(release, 'controller'));
  const [victim, stays] = two(await placed(release, 'worker'));
  await startTail(release, watched.ip, tail);
  const id = await submitOptions(release, trades);
  await started(id);
  return { id, victim, stays, fromMs: Date.now() };
}

/** Each trade once, by what the job says and by its rows. */
async function expectWhole(id: string): Promise<void> {
  const { job, counted } = await ended(release, id);
  expect(job).toMatchObject({ state: 'completed', trades, priced: trades, failed: 0 });
  expect(counted).toEqual({ status: 200, rows: trades, wrong: 0 });
}

const hostOf = (address: string): string => address.replace(/^.*@(.*):\d+$/, '$1');

/** Has the pod end itself because it is cut off, and the cut healed; gives the time of the cut and what the pod said. */
async function endedByCut(own: OwnCluster, component: string, victim: PlacedPod) {
  const find = async (): Promise<PlacedPod | undefined> =>
    (await placed(release, component)).find(({ name }) => name === victim.name);
  const fromMs = Date.now();
  const heal = await own.cutOff(victim);
  try {
    await until(
      'the end of the one that is cut off',
      async () => ((await find())?.restarts ?? 0) > victim.restarts,
      slow,
    );
    figure(`${component}: from a cut to the end of the one cut off`, seconds(Date.now() - fromMs));
  } finally {
    await heal();
  }
  const healedMs = Date.now();
  await whole(release);
  figure(`${component}: from the healing of a cut to one cluster`, seconds(Date.now() - healedMs));
  const said = await release.kubectl(['logs', victim.name, '--previous']);
  // By its own decision, and not by a probe.
  expect(said).toMatch(/"reason":"clusterDowning".*Coordinated shutdown has ended/);
  expect(await find()).toMatchObject({ restarts: victim.restarts + 1, exitCode: 255 });
  return fromMs;
}

function expectDownedInTime(component: string, downedMs: number): void {
  figure(`${component}: from a cut to downed by the others`, seconds(downedMs));
  expect(downedMs).toBeGreaterThan(stableAfterMs);
  expect(downedMs).toBeLessThan(stableAfterMs + noticeMsMax);
}

// The first of all: later on the oldest may be another.
it('goes on without the oldest controller when that is cut off, which ends itself and comes back', async (context) => {
  const own = ownCluster(context);
  const pods = await placed(release, 'controller');
  const view = await release.askPod(`${two(pods)[0].name}:7626`, 'cluster/members');
  const { oldest }: { oldest: string } = JSON.parse(view);
  // Stateful pods are known by name to the cluster.
  const host = hostOf(oldest);
  const isOldest = ({ name }: PlacedPod): boolean => host.startsWith(`${name}.`);
  const [victim, stays] = two(pods.toSorted((a, b) => Number(isOldest(b)) - Number(isOldest(a))));
  await startTail(release, stays.ip, tail);
  const id = await submitOptions(release, trades, { ip: stays.ip });
  await started(id);

  const fromMs = await endedByCut(own, 'controller', victim);

  await expectWhole(id);
  const events = await tailed(release, tail);
  expect(isOldest(victim)).toBe(true);
  expectDownedInTime('controller', timeOf(events, host, 'MemberDowned') - fromMs);
  expect(lost(events, host)).toEqual([]);
});

it('goes on when the pod of a worker is deleted by force', async () => {
  const { id, victim, stays, fromMs } = await jobAtWork();
  await deleteAtOnce(release, victim);
  await expectWhole(id);
  const now = await whole(release);
  const events = await tailed(release, tail);
  const goneMs = timeOf(events, victim.ip, 'MemberRemoved') - fromMs;
  figure('from deleting a worker by force to its removal', seconds(goneMs));
  const replacement = now.find(({ ip }) => ip !== stays.ip && events.some(isUp(ip, fromMs)));

  // Kubernetes gives it two seconds all the same. Who does not leave within them is missed, and downed.
  expect(typesOf(events, victim.ip)).toContain('MemberRemoved');
  expect(goneMs).toBeLessThan(stableAfterMs + noticeMsMax);
  expect(replacement).toBeDefined();
  expect(lost(events, victim.ip)).toEqual([]);
});

const isUp = (ip: string, sinceMs: number) => (event: MemberEvent) =>
  event.type === 'MemberUp' &&
  Date.parse(event.time) > sinceMs &&
  typesOf([event], ip).length === 1;

it('downs a worker that is gone without a word after the time that is set', async (context) => {
  const own = ownCluster(context);
  const { id, victim, fromMs } = await jobAtWork();
  await own.freeze(victim);
  await deleteAtOnce(release, victim);
  await expectWhole(id);
  await until(
    'the removal of the worker',
    async () => typesOf(await tailed(release, tail), victim.ip).includes('MemberRemoved'),
    { timeoutMs: 120_000, pollMs: 1000 },
  );
  await whole(release);
  const events = await tailed(release, tail);
  const unreachableMs = timeOf(events, victim.ip, 'UnreachableMember') - fromMs;
  const downedMs = timeOf(events, victim.ip, 'MemberDowned') - fromMs;
  figure('from the death of a worker to unreachable', seconds(unreachableMs));
  figure(`from its death to downed, with a stable time of 20 s`, seconds(downedMs));

  expect(downedMs - unreachableMs).toBeGreaterThan(stableAfterMs - 2000);
  expect(downedMs).toBeLessThan(stableAfterMs + noticeMsMax);
  expect(lost(events, victim.ip)).toEqual([]);
});

it('reports jobs of a controller that is gone without a word as lost, and takes them again', async (context) => {
  const own = ownCluster(context);
  const [victim, stays] = two(await placed(release, 'controller'));
  await startTail(release, stays.ip, tail);
  const kept = await submitOptions(release, trades, { ip: stays.ip });
  const book = { idempotencyKey: `book-${Date.now()}` };
  const id = await submitOptions(release, trades, { ip: victim.ip, ...book });
  await started(id);
  const { owner } = await release.job(id);
  const fromMs = Date.now();
  await own.freeze(victim);
  await deleteAtOnce(release, victim);
  const job = await until(
    'word of the loss',
    async () => {
      const now = await release.job(id);
      return now.state === 'lost' && now;
    },
    slow,
  );
  figure('from the death of a controller to word of its jobs', seconds(Date.now() - fromMs));
  await expect(release.valuation(['results', id])).rejects.toThrow('JOB_LOST');
  const again = await submitOptions(release, trades, { ip: stays.ip, ...book });
  await expectWhole(kept);
  await expectWhole(again);
  await whole(release);
  const events = await tailed(release, tail);
  const host = hostOf(owner);

  expect(again).not.toBe(id);
  expect(job.owner).toBe(owner);
  expect(typesOf(events, host)).toEqual(expect.arrayContaining(['MemberRemoved', 'MemberUp']));
  expect(lost(events, host)).toEqual([]);
});

it('goes on without a worker that is cut off, which ends itself and comes back when it can', async (context) => {
  const own = ownCluster(context);
  const { id, victim } = await jobAtWork();
  const fromMs = await endedByCut(own, 'worker', victim);
  await expectWhole(id);
  const events = await tailed(release, tail);

  expectDownedInTime('worker', timeOf(events, victim.ip, 'MemberDowned') - fromMs);
  expect(lost(events, victim.ip)).toEqual([]);
});

it('prices on while a machine is drained, with nobody missed', async ({ skip }) => {
  const machines = (await release.kubectl(['get', 'nodes', '-o', 'name'])).trim().split('\n');
  if (machines.length < 2) skip('There is one machine only, so that nothing could move');
  const workers = await placed(release, 'worker');
  const [first, second] = two(await placed(release, 'controller'));
  const leaves = workers.some(({ node }) => node === first.node) ? first : second;
  await startTail(release, 've-ctrl-nodes', tail);
  const id = await submitOptions(release, trades, { ip: leaves.ip });
  await started(id);
  const ready: Record<string, number> = { controller: 2, worker: 2 };
  let isDrained = false;
  const sampled = (async () => {
    await until(
      'the machine to be empty',
      async () => {
        for (const part of Object.keys(ready)) {
          const pods = (await placed(release, part)).filter((pod) => pod.ready);
          ready[part] = Math.min(ready[part] ?? 0, pods.length);
        }
        return isDrained;
      },
      { timeoutMs: 300_000, pollMs: 500 },
    );
  })();
  const fromMs = Date.now();
  const gentle = ['--ignore-daemonsets', '--delete-emptydir-data', '--timeout=240s'];
  const ours = ['--pod-selector', 'app.kubernetes.io/instance=grid'];
  try {
    await release.kubectl(['drain', leaves.node, ...gentle, ...ours]);
    isDrained = true;
    await sampled;
    figure('kubectl drain of one machine of two', seconds(Date.now() - fromMs));
    await expectWhole(id);
    const now = await whole(release);
    expect(now.map(({ node }) => node)).not.toContain(leaves.node);
  } finally {
    isDrained = true;
    await release.kubectl(['uncordon', leaves.node]);
  }
  const { owner } = await release.job(id);
  const events = await tailed(release, tail);

  expect(owner).not.toContain(leaves.ip);
  expect(Math.min(...Object.values(ready))).toBeGreaterThan(0);
  expect(lost(events)).toEqual([]);
});
