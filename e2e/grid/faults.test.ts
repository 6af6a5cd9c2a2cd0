// What goes wrong with pods, machines and networks while the grid prices: pods deleted by force, processes that hang, a
// machine that is drained, a pod that is cut off. Each trade of a job is priced once, those that are well go on, and
// who is gone is told so in the time that the settings say.

import { afterAll, beforeAll, beforeEach, expect, it, type TestContext } from 'vitest';
import { until } from '../../apps/valuation/test/acceptance/until.ts';
import { figure } from '../../interop/harness/figures.ts';
import { buildGridImage, gridVersion } from '../images/grid-image.ts';
import { type OwnCluster, ownCluster, whyNotOwn } from '../kubernetes/own-cluster.ts';
import { testCluster } from '../kubernetes/test-cluster.ts';
import { ended, submitOptions } from './jobs.ts';
import { type PlacedPod, placed, seconds, typesOf, whole } from './members.ts';
import { GridRelease } from './release.ts';
import { type MemberEvent, startTail, tailed, timeOf } from './tail.ts';

const trades = 150_000;
const slow = { timeoutMs: 120_000, pollMs: 200 };
/** As the chart sets it. */
const stableAfterMs = 20_000;
/** Silence of 3 s and some beats until a member is suspected, and as much until all have heard and agreed. */
const noticeMsMax = 15_000;

let release: GridRelease;
let tail = '';

beforeAll(async () => {
  const image = process.env.GRID_IMAGE ?? buildGridImage(`${gridVersion}-e2e`);
  const cluster = await testCluster();
  await cluster.loadImage(image);
  release = new GridRelease(cluster, { topology: 'seeds', image, name: 'faults' });
  await release.install();
  await release.startClient();
});
beforeEach(async ({ task }) => {
  tail = `tail-${task.id.replace(/\W/g, '-')}`;
  await whole(release);
});
afterAll(async () => {
  await release?.uninstall();
  await release?.removeNamespace();
});

function owned({ skip }: TestContext): OwnCluster {
  const own = ownCluster();
  return own ?? skip(whyNotOwn);
}

/** The only place where nobody is to be missed. */
function two(pods: readonly PlacedPod[]): readonly [PlacedPod, PlacedPod] {
  const [first, second] = pods;
  if (first === undefined || second === undefined) throw new Error('There are not two pods');
  return [first, second];
}

async function started(id: string): Promise<void> {
  await until('results of the job', async () => (await release.job(id)).priced > 0, slow);
}

const deleteAtOnce = (pod: PlacedPod): Promise<string> =>
  release.kubectl(['delete', 'pod', pod.name, '--force', '--grace-period=0']);

/** Each trade once, by what the job says and by its rows. */
async function expectWhole(id: string): Promise<void> {
  const { job, counted } = await ended(release, id);
  expect(job).toMatchObject({ state: 'completed', trades, priced: trades, failed: 0 });
  expect(counted).toEqual({ status: 200, rows: trades, wrong: 0 });
}

const lost = (events: readonly MemberEvent[]): MemberEvent[] =>
  events.filter(({ type }) => type === 'UnreachableMember' || type === 'MemberDowned');

it('goes on when the pod of a worker is deleted by force', async () => {
  const [watched] = two(await placed(release, 'controller'));
  const [victim, stays] = two(await placed(release, 'worker'));
  await startTail(release, watched.ip, tail);
  const id = await submitOptions(release, trades);
  await started(id);
  const fromMs = Date.now();
  await deleteAtOnce(victim);
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
  expect(lost(events).filter((event) => !typesOf([event], victim.ip).length)).toEqual([]);
});

const isUp = (ip: string, sinceMs: number) => (event: MemberEvent) =>
  event.type === 'MemberUp' &&
  Date.parse(event.time) > sinceMs &&
  typesOf([event], ip).length === 1;

it('downs a worker that is gone without a word after the time that is set', async (context) => {
  const own = owned(context);
  const [watched] = two(await placed(release, 'controller'));
  const [victim] = two(await placed(release, 'worker'));
  await startTail(release, watched.ip, tail);
  const id = await submitOptions(release, trades);
  await started(id);
  const fromMs = Date.now();
  await own.freeze(victim);
  await deleteAtOnce(victim);
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
  expect(lost(events).filter((event) => !typesOf([event], victim.ip).length)).toEqual([]);
});
