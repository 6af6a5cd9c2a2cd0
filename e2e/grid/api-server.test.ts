// A grid that leans on the API server, by discovery and by a lease, while that is out of reach or says no: it goes on as
// long as it need not ask, forms no second cluster, says what is wrong and what to do, and goes on by itself afterwards.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../../apps/valuation/test/acceptance/until.ts';
import { figure } from '../../interop/harness/figures.ts';
import { buildGridImage, gridVersion } from '../images/grid-image.ts';
import { ownCluster } from '../kubernetes/own-cluster.ts';
import { testCluster } from '../kubernetes/test-cluster.ts';
import { ended, submitOptions } from './jobs.ts';
import { deleteAtOnce, lost, type PlacedPod, placed, seconds, whole } from './members.ts';
import { GridRelease } from './release.ts';
import { startTail, tailed } from './tail.ts';

const trades = 150_000;
const slow = { timeoutMs: 180_000, pollMs: 500 };

let release: GridRelease;

beforeAll(async () => {
  const image = process.env.GRID_IMAGE ?? buildGridImage(`${gridVersion}-e2e`);
  const cluster = await testCluster();
  await cluster.loadImage(image);
  const values = { cluster: { splitBrain: { strategy: 'lease-majority' } } };
  release = new GridRelease(cluster, { topology: 'bootstrap', image, name: 'api', values });
  await release.install();
  await release.startClient();
});
afterAll(async () => {
  await release?.uninstall();
  await release?.removeNamespace();
});

const everybody = async (): Promise<PlacedPod[]> =>
  (await Promise.all(['controller', 'worker'].map((part) => placed(release, part)))).flat();

const scaled = (deployment: string, replicas: number): Promise<string> =>
  release.kubectl(['scale', `deployment/${deployment}`, `--replicas=${replicas}`]);

/** Until the log of the pod has it; gives the line. */
function logged(pod: string, text: string, which: readonly string[] = []): Promise<string> {
  return until(
    `"${text}" in the log of ${pod}`,
    async () => {
      const lines = (await release.kubectl(['logs', pod, ...which])).split('\n');
      return lines.find((line) => line.includes(text));
    },
    slow,
  );
}

/** Members as the node in this pod has them. */
async function membersOf(pod: string): Promise<string[]> {
  const { members }: { members: { node: string; status: string }[] } = JSON.parse(
    await release.askPod(`${pod}:7626`, 'cluster/members'),
  );
  return members.map(({ node, status }) => `${node} ${status}`).sort();
}

it('prices on for a minute without the API server, and lets in who came meanwhile afterwards', async (context) => {
  const own = ownCluster(context);
  const before = await whole(release);
  const [watched] = await placed(release, 'controller');
  await startTail(release, watched?.ip ?? '');
  const id = await submitOptions(release, trades);
  const fromMs = Date.now();
  const show = await own.hideApiServer();
  let late: PlacedPod | undefined;
  let explained = '';
  try {
    await scaled('ve', 3);
    late = await until(
      'a third worker',
      async () =>
        (await placed(release, 'worker')).find(
          ({ ip, container }) => container !== '' && !before.some((pod) => pod.ip === ip),
        ),
      slow,
    );
    const { job, counted } = await ended(release, id);
    expect(job).toMatchObject({ state: 'completed', trades, priced: trades, failed: 0 });
    expect(counted).toEqual({ status: 200, rows: trades, wrong: 0 });
    explained = await logged(late.name, 'Not in a cluster after');
    await until('a minute', () => Date.now() - fromMs > 60_000, slow);
    expect((await everybody()).filter(({ ready }) => ready).length).toBe(4);
  } finally {
    await show();
  }
  const shownMs = Date.now();
  await whole(release, 5);
  figure('from the return of the API server to a fifth member', seconds(Date.now() - shownMs));
  const after = await everybody();
  await scaled('ve', 2);
  await whole(release, 4);

  expect(explained).toContain('Cannot reach the Kubernetes API server at \\"https://');
  expect(explained).toContain('there was no answer within');
  expect(explained).toContain('check that network policies let this node there');
  expect(after.map(({ restarts }) => restarts)).toEqual([0, 0, 0, 0, 0]);
  expect(lost(await tailed(release))).toEqual([]);
});

it('forms no cluster while it may not list pods, says which right is missing, and forms one when it has it', async () => {
  const role = (verb: string): Promise<string> => {
    const patch = [{ op: 'replace', path: '/rules/0/verbs', value: [verb] }];
    return release.kubectl(['patch', 'role', 've', '--type=json', '-p', JSON.stringify(patch)]);
  };
  await role('get');
  for (const one of ['ve', 've-ctrl']) await scaled(one, 0);
  await until(
    'no pods',
    async () =>
      (await release.kubectl(['get', 'pods', '-l', 'parvi/node=true', '-o', 'name'])) === '',
    slow,
  );
  for (const one of ['ve', 've-ctrl']) await scaled(one, 2);
  const pods = await until(
    'four that run',
    async () => {
      const all = await everybody();
      return all.length === 4 && all.every(({ container }) => container !== '') && all;
    },
    slow,
  );
  const fromMs = Date.now();
  const right = '{apiGroups: [\\"\\"], resources: [\\"pods\\"], verbs: [\\"list\\"]}';
  for (const { name } of pods) {
    // Well after the time in which probes of life would have ended it.
    const line = await logged(name, 'Not in a cluster after 80 s');
    expect(line).toContain('pods is forbidden');
    expect(line).toContain(`system:serviceaccount:${release.namespace}:ve`);
    expect(line).toContain(`add ${right} to a Role of the namespace \\"${release.namespace}\\"`);
    expect(await membersOf(name)).toEqual([]);
  }
  figure('without the right to list pods, and in no cluster', seconds(Date.now() - fromMs));
  const ready = "console.log(await (await fetch('http://127.0.0.1:7626/ready?verbose')).text())";
  const node = ['/usr/local/bin/node', '--input-type=module', '--eval', ready];
  const why = JSON.parse(await release.onController(...node));
  await expect(release.onController('parvi', 'doctor')).rejects.toThrow(
    /PROBLEM {2}discovery .* add .*"pods".*"list".* to a Role/,
  );
  await role('list');
  const rightMs = Date.now();
  const after = await whole(release);
  figure('from the right to list pods to one cluster', seconds(Date.now() - rightMs));
  const views = await Promise.all(after.map(({ name }) => membersOf(name)));

  expect(why.healthy).toBe(false);
  expect(JSON.stringify(why)).toContain('pods is forbidden');
  expect(after.map(({ name, restarts }) => `${name} ${restarts}`).sort()).toEqual(
    pods.map(({ name }) => `${name} 0`).sort(),
  );
  expect(new Set(views.map((view) => view.join())).size).toBe(1);
});

it('ends as a whole when it has to decide while the lease cannot be had, says so, and comes back', async (context) => {
  const own = ownCluster(context);
  const before = await whole(release);
  const [victim] = await placed(release, 'controller');
  if (victim === undefined) throw new Error('There is no controller');
  const rest = before.filter(({ name }) => name !== victim.name);
  let logs = '';
  const show = await own.hideApiServer();
  try {
    await own.freeze(victim);
    await deleteAtOnce(release, victim);
    for (const { name } of rest) {
      await until(
        `the end of ${name}`,
        async () => (await everybody()).find((pod) => pod.name === name)?.restarts === 1,
        slow,
      );
      logs += await release.kubectl(['logs', name, '--previous']);
    }
  } finally {
    await show();
  }
  const shownMs = Date.now();
  const after = await whole(release);
  figure(
    'from the return of the API server to a cluster formed anew',
    seconds(Date.now() - shownMs),
  );
  const views = await Promise.all(after.map(({ name }) => membersOf(name)));
  const { job, counted } = await ended(release, await submitOptions(release, 10_000));

  expect(logs).toMatch(/Cannot reach the Kubernetes API server .*The lease could not be acquired/);
  expect(logs).toMatch(/SBR took decision DownReachable .* including myself/);
  const again = after.filter(({ name }) => rest.some((pod) => pod.name === name));
  expect(again.map(({ restarts, exitCode }) => ({ restarts, exitCode }))).toEqual(
    again.map(() => ({ restarts: 1, exitCode: 255 })),
  );
  expect(new Set(views.map((view) => view.join())).size).toBe(1);
  expect(job).toMatchObject({ state: 'completed', priced: 10_000, failed: 0 });
  expect(counted).toEqual({ status: 200, rows: 10_000, wrong: 0 });
});
