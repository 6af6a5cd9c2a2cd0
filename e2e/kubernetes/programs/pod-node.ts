// A node for pods: it joins the pods of its Deployment that are older, decides splits by a lease, tells Kubernetes what
// deleting its pod would cost, and has the version of the rollout. Each change of members is a line of its output.

import { ActorSystem, clusterOf, type Member, memberEvents, silentLogger } from 'parvi';
import { kubernetesApi, ownNamespace, podEnvironment } from 'parvi/kubernetes';
import { systemRuntime } from 'parvi/runtime';

interface Pod {
  readonly metadata: { readonly name: string; readonly creationTimestamp: string };
  readonly status: { readonly podIP?: string; readonly phase: string };
}

const ports = { runtime: systemRuntime(), environment: process.env };
const { ip = '', name } = podEnvironment(process.env);

/** Hosts of pods that were there before this one. */
async function olderPods(): Promise<string[]> {
  const api = kubernetesApi({ requestTimeout: '20s' }, ports);
  const pods = `/api/v1/namespaces/${await ownNamespace({}, ports)}/pods?labelSelector=app%3Dnode`;
  const { items } = (await api.request('GET', pods)).body as { items: Pod[] };
  const own = items.find(({ metadata }) => metadata.name === name);
  return items.flatMap(({ metadata, status }) => {
    const isOlder = metadata.creationTimestamp < (own?.metadata.creationTimestamp ?? '');
    const runs = status.phase === 'Running' && status.podIP !== undefined;
    return isOlder && runs ? [status.podIP ?? ''] : [];
  });
}

const older = await olderPods();
const system = await ActorSystem.start(
  {
    name: 'pods',
    remote: { host: ip, port: 25520 },
    cluster: {
      seedNodes: (older.length === 0 ? [ip] : older).map((host) => `${host}:25520`),
      splitBrain: { strategy: 'lease-majority', stableAfter: '5s' },
    },
    kubernetes: {
      requestTimeout: '10s',
      lease: {},
      podDeletionCost: true,
      appVersionFromRevision: true,
    },
  },
  { log: silentLogger },
);
const cluster = clusterOf(system);
const text = ({ node, status, appVersion }: Member): string =>
  `${node.address.host} ${status} ${appVersion}`;
cluster.subscribe([...memberEvents], () => {
  process.stdout.write(`${cluster.state.members.map(text).sort().join(', ')}\n`);
});

// Stands still, as a process whose event loop is held: it hears nothing and says nothing any more.
process.on('SIGUSR2', () => {
  for (;;);
});
