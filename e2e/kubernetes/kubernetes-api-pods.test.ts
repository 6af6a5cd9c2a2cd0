// Nodes in pods, by the service account, the files and the variables that Kubernetes hands in.

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureNodeImage } from '../images/node-image.ts';
import { bundled } from './bundle.ts';
import { TestNamespace } from './service-account.ts';
import { testCluster } from './test-cluster.ts';

const costAnnotation = 'controller.kubernetes.io/pod-deletion-cost';

let namespace: TestNamespace;

beforeAll(async () => {
  const cluster = await testCluster();
  namespace = await TestNamespace.create(cluster, `parvi-pods-${process.pid}`);
  await cluster.loadImage(ensureNodeImage());
  await namespace.grant('node', [
    {
      apiGroups: ['coordination.k8s.io'],
      resources: ['leases'],
      verbs: ['get', 'create', 'update'],
    },
    { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'patch'] },
    { apiGroups: ['apps'], resources: ['replicasets'], verbs: ['get'] },
  ]);
  const program = await bundled(join(import.meta.dirname, 'programs', 'pod-node.ts'));
  const things = [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'program' },
      data: { 'node.mjs': program },
    },
    deployment(ensureNodeImage()),
  ];
  const list = { apiVersion: 'v1', kind: 'List', items: things };
  await namespace.kubectl(['apply', '--server-side', '-f', '-'], JSON.stringify(list));
});
afterAll(() => namespace?.remove());

function deployment(image: string) {
  const from = (fieldPath: string) => ({ valueFrom: { fieldRef: { fieldPath } } });
  const container = {
    name: 'node',
    image,
    imagePullPolicy: 'IfNotPresent',
    command: ['node', '/program/node.mjs'],
    env: [
      { name: 'POD_NAME', ...from('metadata.name') },
      { name: 'POD_IP', ...from('status.podIP') },
    ],
    volumeMounts: [{ name: 'program', mountPath: '/program' }],
  };
  const template = {
    metadata: { labels: { app: 'node' } },
    spec: {
      serviceAccountName: 'node',
      containers: [container],
      volumes: [{ name: 'program', configMap: { name: 'program' } }],
    },
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'node' },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: 'node' } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template,
    },
  };
}

interface PodState {
  readonly name: string;
  readonly ip: string;
  readonly cost: string | undefined;
}

async function pods(): Promise<PodState[]> {
  const text = await namespace.kubectl(['get', 'pods', '-l', 'app=node', '-o', 'json']);
  const { items }: { items: PodItem[] } = JSON.parse(text);
  return items
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map(({ metadata, status }) => ({
      name: metadata.name,
      ip: status.podIP ?? '',
      cost: metadata.annotations?.[costAnnotation],
    }));
}

interface PodItem {
  readonly metadata: {
    readonly name: string;
    readonly deletionTimestamp?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly status: { readonly podIP?: string };
}

const costs = async (): Promise<string[]> =>
  (await pods()).map(({ cost }) => cost ?? 'none').sort((a, b) => Number(b) - Number(a));

const podOfCost = async (cost: string): Promise<PodState> => {
  const pod = (await pods()).find((one) => one.cost === cost);
  if (pod === undefined) throw new Error(`No pod has the cost ${cost}`);
  return pod;
};

/** What the pod sees of the cluster, such as `10.1.0.2 Up 1, 10.1.0.3 Up 1`. */
async function members(pod: string): Promise<string> {
  const lines = (await namespace.kubectl(['logs', pod])).trim().split('\n');
  return lines.at(-1) ?? '';
}

const scale = (replicas: number) =>
  namespace.kubectl(['scale', 'deployment/node', `--replicas=${replicas}`]);
const slow = { timeout: 90_000, interval: 1000 };

describe('nodes in pods', () => {
  it('form a cluster with the version of the rollout, and tell what deleting them costs', async () => {
    await expect.poll(costs, slow).toEqual(['10000']);
    await scale(3);
    await expect.poll(costs, slow).toEqual(['10000', '9900', '9800']);
    const [oldest] = await pods();
    const expected = (await pods()).map(({ ip }) => `${ip} Up 1`).sort();
    await expect.poll(() => members(oldest?.name ?? ''), slow).toBe(expected.join(', '));
  });

  it('go on by the lease when the oldest stands still', async () => {
    const victim = await podOfCost('10000');
    const witness = await podOfCost('9900');
    await namespace.kubectl(['exec', victim.name, '--', 'sh', '-c', 'kill -USR2 1']);
    await expect.poll(() => members(witness.name), slow).not.toContain(victim.ip);
    const lease = await namespace.kubectl(['get', 'lease', 'pods-pekko-sbr', '-o', 'json']);
    const holder: string = JSON.parse(lease).spec.holderIdentity;
    const owners = (await pods()).map(({ ip }) => `pods@${ip}:25520`);
    expect(owners).toContain(holder);
    expect(holder).not.toContain(victim.ip);
    await namespace.kubectl(['delete', 'pod', victim.name, '--grace-period=0', '--force']);
    await expect.poll(costs, slow).toEqual(['10000', '9900', '9800']);
    expect((await podOfCost('10000')).name).toBe(witness.name);
  });

  it('lose the youngest first when they become fewer', async () => {
    const oldest = await podOfCost('10000');
    await scale(1);
    await expect
      .poll(async () => (await pods()).map(({ name }) => name), slow)
      .toEqual([oldest.name]);
  });

  it('have the next version after a rollout', async () => {
    await namespace.kubectl(['set', 'env', 'deployment/node', 'ROLLOUT=2']);
    await namespace.kubectl(['rollout', 'status', 'deployment/node', '--timeout=90s']);
    await expect
      .poll(async () => {
        const [pod] = await pods();
        return pod === undefined ? '' : members(pod.name);
      }, slow)
      .toMatch(/^\S+ Up 2$/);
  });
});
