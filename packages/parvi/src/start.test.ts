import { describe, expect, it } from 'vitest';
import { ActorSystem, clusterOf, memberEvents, reachabilityEvents, silentLogger } from './index.ts';

const ports = { log: silentLogger };
const host = '127.0.61.1';

describe('starting a node', () => {
  it('listens and becomes a member of its own cluster', async () => {
    const system = await ActorSystem.start(
      {
        name: 'alone',
        handleSignals: false,
        remote: { host, port: 0 },
        cluster: { periodicTasksInitialDelay: '50ms' },
      },
      ports,
    );
    const cluster = clusterOf(system);
    const told: string[] = [];
    cluster.subscribe([...memberEvents, ...reachabilityEvents], ({ type }) => told.push(type));
    cluster.join(cluster.self.address);
    await cluster.whenUp;
    expect(cluster.selfMember.status).toBe('Up');
    expect(told).toEqual(['CurrentClusterState', 'MemberUp']);
    await system.terminate();
  });

  it('refuses a misspelt option and names the nearest right one', async () => {
    const misspelt: object = { prot: 25520 };
    await expect(
      ActorSystem.start({ name: 'typo', handleSignals: false, remote: misspelt }, ports),
    ).rejects.toThrow('did you mean "port"?');
  });

  it('refuses an option of a section that stands outside of it', async () => {
    const misplaced = { name: 'typo', handleSignals: false, clusters: {} };
    await expect(ActorSystem.start(misplaced, ports)).rejects.toMatchObject({
      code: 'START_OPTION_UNKNOWN',
      message: expect.stringContaining('"clusters": there is none of that name; did you mean'),
    });
  });

  it('leaves nothing running when the port is taken', async () => {
    const first = await ActorSystem.start(
      { name: 'first', handleSignals: false, remote: { host, port: 0 } },
      ports,
    );
    const port = first.address?.port ?? 0;
    await expect(
      ActorSystem.start({ name: 'second', handleSignals: false, remote: { host, port } }, ports),
    ).rejects.toThrow('in use');
    await first.terminate();
  });
});
