import { describe, expect, it } from 'vitest';
import type { Lease } from '../cluster/index.ts';
import { testSystem } from '../testkit/index.ts';
import { FakeApiServer, readAccountFile } from './fixtures/api-server.ts';
import { leasesPath } from './lease-resource.ts';
import { KubernetesNode } from './node-part.ts';
import type { KubernetesOptions } from './options.ts';

const self = { protocol: 'pekko', system: 'My_Shop', host: '10.0.0.7', port: 25520 };
const leasePath = `${leasesPath('shop')}/my-shop-pekko-sbr`;
const leaseMajority = { splitBrain: { strategy: 'lease-majority' } } as const;

function started(options: KubernetesOptions = {}) {
  const { system, time } = testSystem();
  const server = new FakeApiServer();
  server.put('/api/v1/namespaces/shop/pods/shop-1', {
    metadata: { ownerReferences: [{ kind: 'ReplicaSet', name: 'shop' }] },
  });
  server.put('/apis/apps/v1/namespaces/shop/replicasets/shop', {
    metadata: { annotations: { 'deployment.kubernetes.io/revision': '3' } },
  });
  const environment = { KUBERNETES_SERVICE_HOST: '10.96.0.1', POD_NAME: 'shop-1' };
  const node = new KubernetesNode(system, options, {
    environment,
    http: server.door,
    readFile: readAccountFile,
  });
  return { node, server, system, time };
}

/** The lease that a node gets, as the split-brain resolver uses it. */
async function leaseOf(node: KubernetesNode, lease?: Lease): Promise<Lease | undefined> {
  const given = lease === undefined ? {} : { lease };
  const splitBrain = { ...leaseMajority.splitBrain, ...given };
  const options = await node.clusterOptions({ splitBrain }, self);
  return typeof options.splitBrain === 'object' ? options.splitBrain.lease : undefined;
}

describe('what Kubernetes adds to a node', () => {
  it('is a lease with the name and the owner that Pekko gives them', async () => {
    const { node, server } = started({ lease: {} });
    const lease = await leaseOf(node);
    expect(await lease?.acquire(() => undefined)).toBe(true);
    expect(server.get(leasePath)?.spec).toMatchObject({ holderIdentity: 'My_Shop@10.0.0.7:25520' });
  });

  it('is a lease of another name and owner where that is wished', async () => {
    const { node, server } = started({ lease: { name: 'x', owner: 'me' } });
    await (await leaseOf(node))?.acquire(() => undefined);
    expect(server.get(`${leasesPath('shop')}/x`)?.spec).toMatchObject({ holderIdentity: 'me' });
  });

  it('is no lease for another strategy, or where there is one', async () => {
    const { node } = started({ lease: {} });
    const own: Lease = { acquire: async () => true, release: async () => true };
    expect(await leaseOf(node, own)).toBe(own);
    const oldest = { splitBrain: { strategy: 'keep-oldest' } } as const;
    expect(await node.clusterOptions(oldest, self)).toBe(oldest);
  });

  it('leaves the lease held and without heartbeats when the system ends', async () => {
    const { node, server, system, time } = started({ lease: {} });
    await (await leaseOf(node))?.acquire(() => undefined);
    await system.terminate();
    const requests = server.requests.length;
    await time.advanceAsync(60_000);
    expect(server.requests).toHaveLength(requests);
    expect(server.get(leasePath)?.spec).toMatchObject({ holderIdentity: 'My_Shop@10.0.0.7:25520' });
  });

  it('is the version of the rollout', async () => {
    const { node } = started({ appVersionFromRevision: true });
    expect(await node.clusterOptions({ appVersion: '0.0.1' }, self)).toEqual({ appVersion: '3' });
  });

  it('is nothing that was not asked for', async () => {
    const { node, server } = started();
    const cluster = { appVersion: '0.0.1' };
    expect(await node.clusterOptions(cluster, self)).toBe(cluster);
    await node.attend();
    expect(server.requests).toEqual([]);
  });

  it('needs the name of the pod for what concerns it', async () => {
    const { system } = testSystem();
    const options = { apiServer: 'https://10.96.0.1', podDeletionCost: true };
    const nameless = new KubernetesNode(system, options, { environment: {} });
    await expect(nameless.attend()).rejects.toMatchObject({
      code: 'KUBERNETES_POD_UNKNOWN',
      message: expect.stringContaining('POD_NAME'),
    });
  });
});
