// The client of the API server, the lease and their rights, against a real API server from outside of it.

import { silentLogger } from 'parvi';
import { type KubernetesLease, kubernetesApi, kubernetesLease } from 'parvi/kubernetes';
import { systemRuntime } from 'parvi/runtime';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { describeApiServer } from '../../packages/parvi/src/kubernetes/fixtures/conformance.ts';
import { Contenders, parviContender, pekkoContender } from './contenders.ts';
import { type Rule, TestNamespace } from './service-account.ts';
import { testCluster } from './test-cluster.ts';

const leases = (...verbs: readonly string[]): Rule => ({
  apiGroups: ['coordination.k8s.io'],
  resources: ['leases'],
  verbs,
});
/** All that a lease needs, as the guide says. */
const minimal = leases('get', 'create', 'update');
const podsListed: Rule = { apiGroups: [''], resources: ['pods'], verbs: ['list'] };

let namespace: TestNamespace;
const ports = { runtime: systemRuntime(), environment: {} };

beforeAll(async () => {
  const name = `parvi-api-${process.pid}`;
  namespace = await TestNamespace.create(await testCluster(), name);
  await namespace.grant('conforming', [
    leases('get', 'list', 'create', 'update', 'delete'),
    podsListed,
  ]);
  await namespace.grant('minimal', [minimal]);
});
afterAll(() => namespace?.remove());

describeApiServer(
  'a real one',
  async () => {
    const options = await namespace.options('conforming');
    return { options, ports, namespace: namespace.name };
  },
  'conformance',
);

async function leaseOf(account: string, owner: string): Promise<KubernetesLease> {
  const api = kubernetesApi(await namespace.options(account), ports);
  const name = `Of_${account}`;
  return kubernetesLease(
    { name, owner, namespace: namespace.name, operationTimeout: '25s' },
    { api, runtime: ports.runtime, log: silentLogger },
  );
}

describe('the rights of a lease', () => {
  it('are get, create and update, and no more', async () => {
    const [one, other] = [await leaseOf('minimal', 'a@h:1'), await leaseOf('minimal', 'b@h:1')];
    expect(await one.acquire(() => undefined)).toBe(true);
    expect(await other.acquire(() => undefined)).toBe(false);
    expect(await one.release()).toBe(true);
    expect(await other.acquire(() => undefined)).toBe(true);
    expect(await other.release()).toBe(true);
    const written = JSON.parse(
      await namespace.kubectl(['get', 'lease', 'of-minimal', '-o', 'json']),
    );
    expect(written.spec).toMatchObject({ holderIdentity: '', acquireTime: expect.any(String) });
  });

  it.each(['get', 'create', 'update'])('are named when %s is missing', async (verb) => {
    const account = `without-${verb}`;
    await namespace.grant(account, [leases(...minimal.verbs.filter((one) => one !== verb))]);
    const lease = await leaseOf(account, 'a@h:1');
    await expect(lease.acquire(() => undefined)).rejects.toMatchObject({
      code: 'KUBERNETES_FORBIDDEN',
      message: expect.stringContaining(
        `add {apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["${verb}"]} to a Role of the namespace "${namespace.name}"`,
      ),
    });
    await namespace.grant(account, [minimal]);
    await expect.poll(() => lease.acquire(() => undefined).catch(() => false), slow).toBe(true);
    expect(await lease.release()).toBe(true);
  });
});

const slow = { timeout: 30_000, interval: 500 };

describe('a token', () => {
  it('may be revoked and replaced: the next request goes on with the new one', async () => {
    await namespace.kubectl(['create', 'secret', 'generic', 'bound']);
    const options = await namespace.options(
      'minimal',
      ...['--bound-object-kind', 'Secret', '--bound-object-name', 'bound'],
    );
    const api = kubernetesApi(options, ports);
    const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace.name}/leases/none`;
    const code = () => api.request('GET', path).catch((error) => error.code);
    expect(await code()).toBe('KUBERNETES_NOT_FOUND');
    await namespace.kubectl(['delete', 'secret', 'bound']);
    // API servers remember for some seconds that a token was good.
    await expect.poll(code, slow).toBe('KUBERNETES_UNAUTHORIZED');
    await namespace.options('minimal');
    expect(await code()).toBe('KUBERNETES_NOT_FOUND');
  });
});

/** What a contender takes after its name. */
async function place(): Promise<string[]> {
  const { apiServer, caFile, tokenFile } = await namespace.options('minimal');
  return [namespace.name, apiServer, caFile, tokenFile];
}

describe('processes that contend for a lease', () => {
  let contenders: Contenders;
  const holders = (): number => contenders.who('held').length;
  beforeEach(async () => {
    contenders = new Contenders();
    await namespace.kubectl(['delete', 'lease', 'contended', '--ignore-not-found']);
  });
  afterEach(() => contenders.endAll());

  it('have it one after the other, also when a holder is killed or stands still', async () => {
    const where = await place();
    for (const owner of ['a', 'b', 'c']) contenders.start(parviContender, owner, where);
    await expect.poll(holders, slow).toBe(1);
    const killedAtMs = Date.now();
    contenders.signal(contenders.who('held')[0], 'SIGKILL');
    await expect.poll(holders, slow).toBe(2);
    // A heartbeat was at most 0.5 s old, and the lease is over 4 s after it.
    expect(contenders.timeOf('held', 1) - killedAtMs).toBeGreaterThan(3000);

    const still = contenders.who('held')[1];
    contenders.signal(still, 'SIGSTOP');
    await expect.poll(holders, slow).toBe(3);
    contenders.signal(still, 'SIGCONT');
    await expect.poll(() => contenders.who('lost'), slow).toEqual([still]);

    const last = contenders.who('held')[2];
    contenders.start(parviContender, 'd', where);
    contenders.signal(last, 'SIGTERM');
    await expect.poll(holders, slow).toBe(4);
    expect(contenders.who('released')).toEqual([last]);
    expect(new Set(contenders.who('held')).size).toBe(4);
    expect(contenders.said.filter(({ word }) => word.startsWith('failed'))).toEqual([]);
  });

  it("may be of both kinds: Pekko's and ours keep each other out, and take over", async () => {
    const where = await place();
    const pekko = await pekkoContender();
    contenders.start(pekko, 'pekko-1', where);
    await expect.poll(holders, slow).toBe(1);
    contenders.start(parviContender, 'parvi-1', where);
    await namespace.heartbeats('contended', 8);
    expect(contenders.who('held')).toEqual(['pekko-1']);

    // Given back by Pekko, taken by Parvi, which dies, and taken by Pekko.
    contenders.signal('pekko-1', 'SIGTERM');
    await expect.poll(() => contenders.who('held'), slow).toEqual(['pekko-1', 'parvi-1']);
    contenders.start(pekko, 'pekko-2', where);
    await namespace.heartbeats('contended', 8);
    expect(holders()).toBe(2);
    const killedAtMs = Date.now();
    contenders.signal('parvi-1', 'SIGKILL');
    await expect.poll(() => contenders.who('held')[2], slow).toBe('pekko-2');
    expect(contenders.timeOf('held', 2) - killedAtMs).toBeGreaterThan(3000);

    // Pekko dies, and Parvi takes over.
    contenders.start(parviContender, 'parvi-2', where);
    contenders.signal('pekko-2', 'SIGKILL');
    await expect.poll(() => contenders.who('held')[3], slow).toBe('parvi-2');
    expect(contenders.who('lost')).toEqual([]);
  });
});
