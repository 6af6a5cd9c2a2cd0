import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryLog } from '../observe/index.ts';
import { ManualTime } from '../testkit/index.ts';
import { kubernetesApi } from './api-server.ts';
import { FakeApiServer, readAccountFile } from './fixtures/api-server.ts';
import { kubernetesLease } from './lease.ts';
import { leaseBody, leasesPath } from './lease-resource.ts';
import type { LeaseOptions } from './options.ts';

const namespace = 'grid';
const path = `${leasesPath(namespace)}/app-pekko-sbr`;
const one = 'app@10.0.0.1:17355';
const other = 'app@10.0.0.2:17355';

function contenders(options: LeaseOptions = {}) {
  const time = new ManualTime();
  const server = new FakeApiServer();
  const log = memoryLog();
  const lost: string[] = [];
  const cutOff = new Set<string>();
  const contender = (owner: string) => {
    const api = kubernetesApi(
      { apiServer: 'https://10.96.0.1:443' },
      {
        runtime: time.runtime(),
        environment: {},
        http: (request) =>
          cutOff.has(owner) ? Promise.reject(new Error('no route to host')) : server.door(request),
        readFile: readAccountFile,
      },
    );
    const lease = kubernetesLease(
      { name: 'app-pekko-sbr', owner, namespace, ...options },
      { api, runtime: time.runtime(), log: log.logger },
    );
    /** With the time that requests take. */
    const acquire = async (): Promise<boolean | string> => {
      const outcome = lease.acquire(() => lost.push(owner)).catch((error) => String(error.code));
      await time.advanceAsync(5000);
      return outcome;
    };
    const release = async (): Promise<boolean | string> => {
      const outcome = lease.release().catch((error) => String(error.code));
      await time.advanceAsync(5000);
      return outcome;
    };
    return { lease, acquire, release };
  };
  const spec = (): unknown => server.get(path)?.spec;
  const heldBy = (owner: string) => expect.objectContaining({ holderIdentity: owner });
  return { time, server, log, lost, cutOff, contender, spec, heldBy };
}

describe('a lease in Kubernetes', () => {
  it('is created when it is missing, and taken', async () => {
    const { server, contender, spec } = contenders();
    expect(await contender(one).acquire()).toBe(true);
    expect(spec()).toEqual({ holderIdentity: one, acquireTime: '2026-01-01T00:00:00.000000Z' });
    expect(server.requests).toEqual([
      `GET ${path}`,
      `POST ${leasesPath(namespace)}`,
      `PUT ${path}`,
    ]);
  });

  it('is refused while another holds it, and given when that one has released it', async () => {
    const { contender, spec, heldBy } = contenders();
    const [holder, waiting] = [contender(one), contender(other)];
    expect(await holder.acquire()).toBe(true);
    expect(await waiting.acquire()).toBe(false);
    expect(await waiting.release()).toBe(true);
    expect(spec()).toEqual(heldBy(one));
    expect(await holder.release()).toBe(true);
    expect(spec()).toEqual(heldBy(''));
    expect(await waiting.acquire()).toBe(true);
    expect(await holder.acquire()).toBe(false);
  });

  it('goes to one of two that ask at the same moment', async () => {
    const { time, contender } = contenders();
    const asked = [contender(one), contender(other)].map(({ lease }) =>
      lease.acquire(() => undefined),
    );
    await time.advanceAsync(5000);
    expect((await Promise.all(asked)).sort()).toEqual([false, true]);
  });

  it('is renewed every 12 s and kept for as long', async () => {
    const { time, contender, spec } = contenders();
    expect(await contender(one).acquire()).toBe(true);
    await time.advanceAsync(12_000 * 50);
    expect(await contender(other).acquire()).toBe(false);
    expect(spec()).toMatchObject({ acquireTime: '2026-01-01T00:10:00.000000Z' });
  });

  it('is taken from an owner that gave no sign of life for 96 s, and not before', async () => {
    const { time, contender, spec, heldBy } = contenders();
    const dead = contender(one);
    await dead.acquire();
    dead.lease.close();
    await time.advanceAsync(90_900);
    expect(await contender(other).acquire()).toBe(false);
    await time.advanceAsync(96_001 - 90_900 - 10_000);
    expect(await contender(other).acquire()).toBe(true);
    expect(spec()).toEqual(heldBy(other));
  });

  it('is taken over by a process that was restarted under the same address', async () => {
    const { time, contender, spec } = contenders();
    const before = contender(one);
    await before.acquire();
    before.lease.close();
    await time.advanceAsync(1000);
    expect(await contender(one).acquire()).toBe(true);
    expect(spec()).toMatchObject({ acquireTime: '2026-01-01T00:00:06.000000Z' });
  });

  it('is told as lost when another has taken it', async () => {
    const { time, server, contender, lost, log } = contenders();
    const { lease, acquire } = contender(one);
    await acquire();
    server.put(path, leaseBody('app-pekko-sbr', { holder: other, timeMs: 0 }));
    await time.advanceAsync(12_000);
    expect([lost, lease.isHeld]).toEqual([[one], false]);
    expect(log.lines.at(-1)).toMatchObject({
      message: 'The lease is lost',
      fields: { why: `"${other}" has it` },
    });
  });

  it('is made anew by its holder when somebody has removed it', async () => {
    const { time, server, contender, lost, spec, heldBy } = contenders();
    await contender(one).acquire();
    server.remove(path);
    await time.advanceAsync(12_000);
    expect([lost, spec()]).toEqual([[], heldBy(one)]);
  });

  it('is told as lost when it was removed and taken by another', async () => {
    const { time, server, contender, lost } = contenders();
    await contender(one).acquire();
    server.remove(path);
    expect(await contender(other).acquire()).toBe(true);
    await time.advanceAsync(12_000);
    expect(lost).toEqual([one]);
  });

  it('survives an API server that is away for less than half a minute', async () => {
    const { time, server, contender, lost, spec } = contenders();
    await contender(one).acquire();
    server.failures.push(...Array(5).fill('silence'));
    await time.advanceAsync(60_000);
    expect(lost).toEqual([]);
    expect(await contender(other).acquire()).toBe(false);
    expect(spec()).toMatchObject({ acquireTime: expect.stringMatching(/^2026-01-01T00:01:/) });
  });

  it('is lost to itself long before another may have it when the API server stays away', async () => {
    const { time, server, contender, lost, log } = contenders();
    await contender(one).acquire();
    server.failures.push(...Array(40).fill('silence'));
    await time.advanceAsync(50_000);
    expect(lost).toEqual([]);
    await time.advanceAsync(15_000);
    expect(lost).toEqual([one]);
    expect(log.lines.at(-1)?.fields).toMatchObject({
      cause: expect.stringContaining('no answer within 2000 ms'),
    });
  });

  it('is kept when the answer to a heartbeat was lost on its way', async () => {
    const { time, server, contender, lost, spec } = contenders();
    await contender(one).acquire();
    server.failures.push('answer is lost');
    await time.advanceAsync(30_000);
    expect(lost).toEqual([]);
    expect(spec()).toMatchObject({ holderIdentity: one });
    const heartbeat = server.requests.slice(3, 7).map((request) => request.slice(0, 3));
    expect(heartbeat).toEqual(['PUT', 'PUT', 'GET', 'PUT']);
  });

  it('is uncertain when the answer to its taking was lost, and can be given back then', async () => {
    const { server, contender, spec, heldBy } = contenders();
    const { acquire, release } = contender(one);
    server.put(path, leaseBody('app-pekko-sbr', { holder: '', timeMs: 0 }));
    server.failures.push(undefined, 'answer is lost');
    expect(await acquire()).toBe('KUBERNETES_UNREACHABLE');
    expect(spec()).toEqual(heldBy(one));
    expect(await release()).toBe(true);
    expect(spec()).toEqual(heldBy(''));
  });

  it('rejects with the rule that is missing', async () => {
    const { server, contender } = contenders();
    server.denied.add('create leases');
    expect(await contender(one).acquire()).toBe('KUBERNETES_FORBIDDEN');
  });

  it('waits with a release for a heartbeat that is under way', async () => {
    const { time, server, contender, spec, heldBy } = contenders();
    const { lease, acquire } = contender(one);
    await acquire();
    server.failures.push('silence');
    await time.advanceAsync(7500);
    const released = lease.release().catch((error) => String(error.code));
    await time.advanceAsync(5000);
    expect(await released).toBe('KUBERNETES_UNREACHABLE');
    const again = lease.release();
    await time.advanceAsync(1000);
    expect([await again, spec()]).toEqual([true, heldBy('')]);
  });

  it('may be acquired again by its holder, and released by who has none', async () => {
    const { server, contender } = contenders();
    const { acquire, release } = contender(one);
    expect(await release()).toBe(true);
    expect(server.requests).toEqual([]);
    expect([await acquire(), await acquire()]).toEqual([true, true]);
    expect(server.requests).toHaveLength(3);
  });

  it('stays with its owner when heartbeats end, until it runs out', async () => {
    const { time, contender, spec, heldBy } = contenders();
    const { lease, acquire } = contender(one);
    await acquire();
    lease.close();
    await time.advanceAsync(60_000);
    expect(spec()).toEqual(heldBy(one));
  });

  it('refuses names and times that cannot work', () => {
    const { contender } = contenders({ heartbeatTimeout: '20s', heartbeatInterval: '10s' });
    expect(() => contender(one)).toThrow(
      'Cannot use kubernetes.lease.heartbeatInterval "10s": it takes less than half of lease.heartbeatTimeout (20000 ms)',
    );
    const { contender: nameless } = contenders(Object.assign({ name: '…' }));
    expect(() => nameless(one)).toThrow('Cannot use the lease "…": nothing of its name is left');
  });

  it('never has two holders, whatever fails', async () => {
    const failure = fc.constantFrom(
      ...(['silence', 'answer is lost', undefined, undefined, undefined, undefined] as const),
    );
    const act = fc.record({
      who: fc.nat(2),
      what: fc.constantFrom('acquire', 'acquire', 'acquire', 'release', 'die', 'cut', 'mend'),
      waitMs: fc.integer({ min: 0, max: 70_000 }),
      failures: fc.array(failure, { maxLength: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 15, maxLength: 25 }), async (acts) => {
        const { time, server, cutOff, contender } = contenders();
        const all = [0, 1, 2].map((index) => contender(`app@h:${index}`));
        for (const { who, what, waitMs, failures } of acts) {
          server.failures.push(...failures);
          const one = all[who];
          if (what === 'acquire') one?.lease.acquire(() => undefined).catch(() => undefined);
          if (what === 'release') one?.lease.release().catch(() => undefined);
          if (what === 'cut') cutOff.add(`app@h:${who}`);
          if (what === 'mend') cutOff.delete(`app@h:${who}`);
          if (what === 'die') {
            one?.lease.close();
            all[who] = contender(`app@h:${who}`);
          }
          for (let passed = 0; passed < waitMs; passed += 7000) {
            await time.advanceAsync(Math.min(7000, waitMs - passed));
            expect(all.filter(({ lease }) => lease.isHeld).length).toBeLessThanOrEqual(1);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});
