// The nodes that the chart describes, as processes of this machine: with the variables of its pods, on addresses of
// loopback in place of those of pods, they form a cluster, say that they are ready, and pass what `helm test` runs.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NodeProcess } from '../../../apps/valuation/test/acceptance/node-process.ts';
import { until } from '../../../apps/valuation/test/acceptance/until.ts';
import {
  at,
  buildDependencies,
  type KubernetesObject,
  objectNamed,
  render,
  type Values,
} from '../chart.ts';
import { podProcess } from '../pods.ts';
import { podSpecOf } from '../restricted.ts';
import { hasHelm } from '../tools.ts';

const pods = [
  { name: 've-ctrl-0', namespace: 'grid', ip: '127.0.46.2', part: 'controller' },
  { name: 've-ctrl-1', namespace: 'grid', ip: '127.0.46.3', part: 'controller' },
  { name: 've-abc', namespace: 'grid', ip: '127.0.46.4', part: 'worker' },
] as const;
type Pod = (typeof pods)[number];

let folder = '';
let api: Server | undefined;
const nodes: NodeProcess[] = [];

const canRender = hasHelm();
beforeAll(() => {
  if (canRender) buildDependencies();
}, 120_000);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parvi-chart-'));
  writeFileSync(join(folder, 'token'), 'secret');
});

afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.kill()));
  api?.close();
  api = undefined;
  rmSync(folder, { recursive: true, force: true });
});

/** Starts what a pod would run; names of the cluster's DNS and directories are replaced by what this machine has. */
function start(object: KubernetesObject, pod: Pod, more: Readonly<Record<string, string>>): void {
  const { words, environment } = podProcess(object, pod);
  const replaced = Object.entries(environment).map(([name, text]): [string, string] => {
    const named = pods.reduce(
      (so, { name: other, ip }) =>
        so.replaceAll(`${other}.ve-ctrl-nodes.grid.svc.cluster.local`, ip),
      text,
    );
    const here = named.replace('0.0.0.0', pod.ip).replace('/spool', join(folder, pod.name));
    return [name, here.replace('/etc/parvi/management/secret', join(folder, 'token'))];
  });
  nodes.push(new NodeProcess({ words, environment: { ...Object.fromEntries(replaced), ...more } }));
}

function startAll(values: Values, more: Readonly<Record<string, string>> = {}): KubernetesObject[] {
  const objects = render({ values: { options: { 'http.page': false }, ...values } });
  for (const pod of pods) {
    const object = objects.find(
      (one) => at(podSpecOf(one), 'containers', 0, 'name') === pod.part && one.kind !== 'Pod',
    );
    if (object !== undefined) start(object, pod, more);
  }
  return objects;
}

/** What a probe of the kubelet hears. */
async function probe({ ip }: Pod, path: string, token?: string): Promise<number | undefined> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const answer = await fetch(`http://${ip}:7626${path}`, { headers }).catch(() => undefined);
  return answer?.status;
}

const untilReady = (pod: Pod): Promise<true> =>
  until(
    () => `${pod.name} to be ready:\n${nodes.map(({ errors }) => errors.slice(-1500)).join('\n')}`,
    async () => ((await probe(pod, '/ready')) === 200 ? true : undefined),
    { timeoutMs: 40_000 },
  );

/** Runs the script of the chart's test pod. */
function serviceTest(objects: readonly KubernetesObject[]): Promise<{ code: number; out: string }> {
  const pod = objectNamed(objects, 'Pod/ve-test');
  const { words, environment } = podProcess(pod, pods[2]);
  const url = environment.SERVICE_URL?.replace('ve-ctrl', pods[1].ip);
  const child = spawn(process.execPath, ['--input-type=module', '--eval', ...words], {
    env: { ...environment, SERVICE_URL: url },
  });
  let out = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, out }));
  });
}

/** As much of an API server as discovery asks: the pods with a label. */
async function startApi(objects: readonly KubernetesObject[]): Promise<string> {
  const labels = at(
    objectNamed(objects, 'Deployment/ve-ctrl').spec,
    'template',
    'metadata',
    'labels',
  );
  const ports = at(podSpecOf(objectNamed(objects, 'Deployment/ve-ctrl')), 'containers', 0, 'ports');
  const items = pods
    .filter(({ part }) => part === 'controller')
    .map(({ name, ip }) => ({
      metadata: { name, labels },
      spec: { containers: [{ name: 'controller', ports }] },
      status: { phase: 'Running', podIP: ip },
    }));
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://api');
    const pairs = (url.searchParams.get('labelSelector') ?? '').split(',');
    const isMatch = pairs.every(
      (pair) => at(labels, pair.split('=')[0] ?? '') === pair.split('=')[1],
    );
    const isAllowed = request.headers.authorization === 'Bearer secret';
    const isAsked = url.pathname === '/api/v1/namespaces/grid/pods';
    response.writeHead(isAllowed && isAsked ? 200 : 403, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ kind: 'PodList', items: isMatch ? items : [] }));
  });
  api = server;
  await new Promise<void>((resolve) => server.listen(0, '127.0.46.9', resolve));
  return `http://127.0.46.9:${(server.address() as AddressInfo).port}`;
}

describe.skipIf(!canRender)('the nodes of the chart', () => {
  it('form a cluster by seed nodes, are ready, pass the test of the chart, and leave', {
    timeout: 90_000,
  }, async () => {
    const objects = startAll({});
    await Promise.all(pods.map(untilReady));
    expect(await Promise.all(pods.map((pod) => probe(pod, '/startup')))).toEqual([200, 200, 200]);
    expect(await Promise.all(pods.map((pod) => probe(pod, '/alive')))).toEqual([200, 200, 200]);
    const { code, out } = await serviceTest(objects);
    expect(out).toMatch(/^3 members; a trade is priced: /);
    expect(code).toBe(0);
    const ends = await Promise.all(nodes.map((node) => node.end('SIGTERM', 30_000)));
    expect(ends.map((end) => end.code)).toEqual([0, 0, 0]);
  });

  it('find each other by the Kubernetes API with the labels, ports and rights of the chart', {
    timeout: 90_000,
  }, async () => {
    const authentication = { scheme: 'bearer', existingSecret: 'grid' };
    const values = { topology: 'bootstrap', management: { authentication } };
    const url = await startApi(render({ values }));
    const objects = startAll(values, {
      PARVI_KUBERNETES_API_SERVER: url,
      PARVI_KUBERNETES_TOKEN_FILE: join(folder, 'token'),
    });
    await Promise.all(pods.map(untilReady));
    const { code, out } = await serviceTest(objects);
    expect(out).toMatch(/^3 members; /);
    expect(code).toBe(0);
    // Probes and bootstrap are open; metrics are for who has the token.
    expect(await Promise.all(pods.map((pod) => probe(pod, '/metrics')))).toEqual([401, 401, 401]);
    const read = pods.map((pod) => probe(pod, '/metrics', 'secret'));
    expect(await Promise.all(read)).toEqual([200, 200, 200]);
  });
});
