// Workers that come and go by the hand of Kubernetes while a job of a million trades runs: every trade once, new workers
// used soon, and nobody who leaves in order shown as lost. The membership is followed by `parvi cluster tail` in a pod of
// its own, from before the first change to after the last.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { optionLines } from '../../apps/valuation/test/acceptance/portfolios.ts';
import { until } from '../../apps/valuation/test/acceptance/until.ts';
import { figure } from '../../interop/harness/figures.ts';
import { buildGridImage, gridVersion } from '../images/grid-image.ts';
import { testCluster } from '../kubernetes/test-cluster.ts';
import { GridRelease } from './release.ts';

const trades = 1_000_000;
const slow = { timeoutMs: 120_000, pollMs: 200 };

/** Runs in a pod: reads all results, and says how many rows there are and which is the first out of place. */
const countRows = `
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
const answer = await fetch('http://ve-ctrl:7777/v1/jobs/' + process.argv[1] + '/results?format=ndjson');
let rows = 0, wrong = 0;
for await (const line of createInterface({ input: Readable.fromWeb(answer.body) })) {
  const { row, value } = JSON.parse(line);
  if ((row !== ++rows || typeof value !== 'number') && wrong === 0) wrong = rows;
}
console.log(JSON.stringify({ status: answer.status, rows, wrong }));
`;

interface MemberEvent {
  readonly time: string;
  readonly type: string;
  readonly member?: { readonly uniqueAddress: { readonly address: string } };
}

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

async function events(): Promise<MemberEvent[]> {
  const lines = (await release.kubectl(['logs', 'tail'])).split('\n');
  return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
}

const isAbout = (ip: string) => (event: MemberEvent) =>
  event.member?.uniqueAddress.address.includes(`@${ip}:`) === true;

/** When each was first shown as such; 0 before it is. */
function timeOf(all: readonly MemberEvent[], ip: string, type: string): number {
  const found = all.filter(isAbout(ip)).find((event) => event.type === type);
  return found === undefined ? 0 : Date.parse(found.time);
}

async function submitMillion(): Promise<string> {
  const words = ['--json', 'submit', '-', '--format', 'ndjson', '--metric', 'OptionPV'];
  const said = await release.valuation([...words, '--engine', 'integral'], optionLines(trades));
  const { id }: { id: string } = JSON.parse(said);
  return id;
}

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

/** The job when it has ended, with all its rows counted in a pod. */
async function ended(id: string) {
  const job = await until(
    'the end of the job',
    async () => {
      const now = await release.job(id);
      return now.state !== 'running' && now;
    },
    { timeoutMs: 400_000, pollMs: 1000 },
  );
  const program = ['/usr/local/bin/node', '--input-type=module', '--eval', countRows, id];
  const counted = JSON.parse(await release.kubectl(['exec', 'client', '--', ...program]));
  return { job, counted };
}

it('prices each of a million trades once while workers become six and two again', async () => {
  const [first] = await release.pods('controller');
  const url = `http://${first?.ip}:7626`;
  await release.startPod('tail', 'parvi', '--url', url, '--json', 'cluster', 'tail');
  const before = (await release.pods('worker')).map(({ ip }) => ip);
  const id = await submitMillion();

  const scaledAtMs = Date.now();
  const six = await scaledTo(6);
  const added = six.filter((ip) => !before.includes(ip));
  const usedAtMs = await usedAt(id, added);
  const seen = await events();
  const toUseMs = added.map((ip) => (usedAtMs.get(ip) ?? 0) - timeOf(seen, ip, 'MemberUp'));
  figure(
    'from Up to the first chunk that is back, of four new workers',
    toUseMs.map((ms) => `${(ms / 1000).toFixed(1)} s`).join(', '),
  );
  const allUsedMs = Math.max(...usedAtMs.values()) - scaledAtMs;
  figure('from kubectl scale to chunks of all six', `${(allUsedMs / 1000).toFixed(1)} s`);

  const stay = await scaledTo(2);
  const left = six.filter((ip) => !stay.includes(ip));
  const between = await release.job(id);
  figure('trades priced when workers became two again', String(between.priced));
  const wanted = 'up=4,members=4,unreachable=0';
  await release.onController('parvi', 'cluster', 'watch', '--until', wanted);
  const { job, counted } = await ended(id);
  figure('the job of a million trades', `${(job.elapsedMs / 1000).toFixed(1)} s`);
  const all = await events();
  figure('events of the cluster in one stream', String(all.length));

  expect(between.state).toBe('running');
  expect(job).toMatchObject({ state: 'completed', trades, priced: trades, failed: 0 });
  expect(counted).toEqual({ status: 200, rows: trades, wrong: 0 });
  expect(added.map((ip) => timeOf(seen, ip, 'MemberUp') > 0)).toEqual([true, true, true, true]);
  expect(Math.max(...toUseMs)).toBeLessThan(10_000);
  expect(all.filter(({ type }) => type === 'UnreachableMember')).toEqual([]);
  for (const ip of left) {
    const types = all.filter(isAbout(ip)).map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining(['MemberLeft', 'MemberExited', 'MemberRemoved']));
    expect(types).not.toContain('MemberDowned');
  }
});
