// Another version of the grid while it works: controllers and workers are replaced one after the other under a large
// job, a stream of small ones and readers, all through a gateway. Nothing is lost, refused or told twice, and the tail of
// the cluster in a pod shows all of it, though every node that it asks goes away.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { topologies } from '../../deploy/chart/chart.ts';
import { figure } from '../../interop/harness/figures.ts';
import { buildGridImage, gridVersion } from '../images/grid-image.ts';
import { type TestCluster, testCluster } from '../kubernetes/test-cluster.ts';
import { GatewayClients } from './gateway-clients.ts';
import { buildGatewayImage, GatewayPod, gatewayUrl } from './gateway-pod.ts';
import { GridRelease } from './release.ts';
import { type MemberEvent, memberKey, replayed, startTail, tailed, tailSaid } from './tail.ts';

const trades = 300_000;
/** The large job goes on for minutes after the update where others use the machine, too. */
const timeoutMs = 1_500_000;
const nextVersion = gridVersion.replace(/\d+$/, (patch) => String(Number(patch) + 1));

let cluster: TestCluster;
let gatewayImage = '';
const images = { old: '', next: '' };

beforeAll(async () => {
  images.old = buildGridImage(`${gridVersion}-e2e`);
  images.next = buildGridImage(`${nextVersion}-e2e`);
  gatewayImage = buildGatewayImage();
  cluster = await testCluster();
  for (const image of [images.old, images.next, gatewayImage]) await cluster.loadImage(image);
});

interface MembersAnswer {
  readonly members: readonly {
    readonly node: string;
    readonly nodeUid: string;
    readonly status: string;
  }[];
  readonly unreachable: readonly unknown[];
}

/** What members tell of their versions, and the images of the pods that stay. */
async function versions(release: GridRelease): Promise<string[]> {
  const shown = await release.onController('parvi', '--json', 'cluster', 'show');
  const { details }: { details: readonly { appVersion: string }[] } = JSON.parse(shown);
  const words = ['get', 'pods', '-l', 'app.kubernetes.io/instance=grid'];
  const path = '{.items[*].spec.containers[*].image}';
  const pods = await release.kubectl([...words, '-o', `jsonpath=${path}`]);
  return [...details.map(({ appVersion }) => appVersion), ...pods.trim().split(' ')];
}

/** Types of the events of each member, by its address and uid. */
function typesOf(events: readonly MemberEvent[]): Map<string, string[]> {
  const types = new Map<string, string[]>();
  for (const { type, member } of events) {
    if (member === undefined) continue;
    const key = memberKey(member);
    types.set(key, [...(types.get(key) ?? []), type]);
  }
  return types;
}

describe.each(topologies)('a rolling update, topology %s', (topology) => {
  let release: GridRelease;
  let gateway: GatewayPod;

  beforeAll(async () => {
    release = new GridRelease(cluster, {
      topology,
      image: images.old,
      name: `rolling-${topology}`,
      // All small jobs are read again at the end.
      values: { controllers: { options: { 'controller.endedJobsMax': 5000 } } },
    });
    await release.install();
    gateway = await GatewayPod.start(release, gatewayImage);
    await startTail(release, 've-ctrl-nodes');
  });
  afterAll(async () => {
    await release?.uninstall();
    await release?.removeNamespace();
  });

  it('loses no trade, refuses no job and breaks no stream', { timeout: timeoutMs }, async () => {
    const clients = await GatewayClients.start(release, gatewayUrl, trades);
    await clients.untilDone(20);
    const fromMs = performance.now();
    await release.upgrade(images.next);
    const tookMs = performance.now() - fromMs;
    const updated = await clients.status();
    const large = await release.job(updated.large);
    await release.onController(
      'parvi',
      'cluster',
      'watch',
      '--until',
      'up=4,members=4,unreachable=0',
    );
    const status = await clients.stop();
    const { requests, retried } = await gateway.retried();
    figure(
      `${topology}: rolling update of four pods under load`,
      `${(tookMs / 1000).toFixed(1)} s`,
    );
    figure(
      `${topology}: jobs through the gateway meanwhile`,
      `${status.submissions}, longest pause between two ${Math.round(status.longestGapMs)} ms, slowest ${Math.round(status.slowestMs)} ms, ${status.resumed} streams went on elsewhere, ${status.reads} reads`,
    );
    figure(`${topology}: sent again by the gateway`, `${retried} of ${requests} requests`);
    figure(
      `${topology}: trades of the large job priced when all was new`,
      `${large.priced} of ${trades}`,
    );

    expect(status.refused).toEqual([]);
    expect(status.wrong).toEqual([]);
    expect(status.failedReads).toEqual([]);
    expect(status.brokenStreams).toEqual([]);
    expect(status.resumed).toBeGreaterThan(0);
    expect(status.keepers.length).toBeGreaterThan(1);
    expect(large.state).toBe('running');
    expect(await versions(release)).toEqual([
      ...Array(4).fill(`${nextVersion}-e2e`),
      ...Array(4).fill(images.next),
    ]);
  });

  it('is shown by the tail without a hole', async () => {
    const answer = await release.onController('parvi', '--json', 'cluster', 'show');
    const { members, unreachable }: MembersAnswer = JSON.parse(answer);
    const events = await tailed(release);
    const said = await tailSaid(release);
    const missed = events.filter((event) => event.missed === true);
    figure(
      `${topology}: events in the tail`,
      `${events.length}, ${missed.length} of them told late; ${said.filter((line) => line.includes('go on after')).join('; ')}`,
    );
    expect(replayed(events)).toEqual(
      new Map(members.map(({ node, nodeUid, status }) => [`${node}#${nodeUid}`, status])),
    );
    expect(unreachable).toEqual([]);
    const all = [...typesOf(events)];
    expect(all.length).toBe(8);
    for (const [key, types] of all.filter(([one]) => !replayed(events).has(one))) {
      const statuses = types.filter((type) => type.startsWith('Member'));
      expect([key, ...statuses.slice(-3)]).toEqual([
        key,
        'MemberLeft',
        'MemberExited',
        'MemberRemoved',
      ]);
    }
    // Who exits may end its process before the others have agreed on its removal, and is no loss.
    const lost = events.filter(
      ({ type, member }) => type === 'UnreachableMember' && member?.status !== 'Exiting',
    );
    expect(lost).toEqual([]);
    expect(events.filter(({ type }) => type === 'MemberDowned')).toEqual([]);
    expect(said.filter((line) => line.includes('go on after')).length).toBeGreaterThan(0);
  });
});
