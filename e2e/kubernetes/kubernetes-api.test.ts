// The client of the API server, the lease and their rights, against a real API server from outside of it.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { silentLogger } from 'parvi';
import { type KubernetesLease, kubernetesApi, kubernetesLease } from 'parvi/kubernetes';
import { systemRuntime } from 'parvi/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeApiServer } from '../../packages/parvi/src/kubernetes/fixtures/conformance.ts';
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

interface Said {
  readonly atMs: number;
  readonly owner: string;
  readonly word: string;
}

class Contenders {
  readonly said: Said[] = [];
  readonly #running = new Map<string, ReturnType<typeof spawn>>();

  async start(owner: string): Promise<void> {
    const { apiServer, caFile, tokenFile } = await namespace.options('minimal');
    const program = join(import.meta.dirname, 'programs', 'contender.ts');
    const words = [program, owner, namespace.name, apiServer, caFile, tokenFile];
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#running.set(owner, child);
    child.stdout.on('data', (text: Buffer) => {
      for (const line of text.toString().trim().split('\n')) {
        const [, at = '', by = '', word = ''] = /^(\d+) (\S+) (.*)$/.exec(line) ?? [];
        this.said.push({ atMs: Number(at), owner: by, word });
      }
    });
  }

  /** Who said so, in the order of time. */
  who(word: string): string[] {
    return this.said.filter((one) => one.word === word).map(({ owner }) => owner);
  }

  end(owner: string | undefined, signal: NodeJS.Signals): void {
    this.#running.get(owner ?? '')?.kill(signal);
  }

  endAll(): void {
    for (const owner of this.#running.keys()) this.end(owner, 'SIGKILL');
  }
}

describe('processes that contend for a lease', () => {
  it('have it one after the other, also when a holder is killed or stopped', async () => {
    const contenders = new Contenders();
    const { said } = contenders;
    try {
      for (const owner of ['a', 'b', 'c']) await contenders.start(owner);
      await expect.poll(() => contenders.who('held').length, slow).toBe(1);
      const [first] = contenders.who('held');
      const killedAtMs = Date.now();
      contenders.end(first, 'SIGKILL');
      await expect.poll(() => contenders.who('held').length, slow).toBe(2);
      const second = said.filter(({ word }) => word === 'held')[1];
      expect(second?.owner).not.toBe(first);
      // A heartbeat is at most 0.5 s old, and the lease is over 4 s after it.
      expect((second?.atMs ?? 0) - killedAtMs).toBeGreaterThan(3000);

      // A process that stands still and comes back finds the lease gone.
      contenders.end(second?.owner, 'SIGSTOP');
      await expect.poll(() => contenders.who('held').length, slow).toBe(3);
      contenders.end(second?.owner, 'SIGCONT');
      await expect.poll(() => contenders.who('lost'), slow).toEqual([second?.owner]);

      const [, , third] = contenders.who('held');
      await contenders.start('d');
      contenders.end(third, 'SIGTERM');
      await expect.poll(() => contenders.who('held').length, slow).toBe(4);
      expect(contenders.who('released')).toEqual([third]);
      expect(said.filter(({ word }) => word.startsWith('failed'))).toEqual([]);
    } finally {
      contenders.endAll();
    }
  });
});
