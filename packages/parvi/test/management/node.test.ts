import { spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ActorSystem, clusterOf, type StartOptions, silentLogger } from '../../src/index.ts';
import { managementOf, startManagement } from '../../src/management/index.ts';
import { testSystem } from '../../src/testkit/index.ts';

const host = '127.0.40.6';
const systems: ActorSystem[] = [];
afterEach(async () => {
  await Promise.all(systems.splice(0).map((system) => system.terminate()));
});

async function node(options: Partial<StartOptions> = {}): Promise<ActorSystem> {
  const system = await ActorSystem.start(
    {
      name: 'operated',
      handleSignals: false,
      remote: { host, port: 0 },
      cluster: { periodicTasksInitialDelay: '50ms' },
      management: { port: 0, writes: true },
      ...options,
    },
    { log: silentLogger },
  );
  systems.push(system);
  return system;
}

const urlOf = (system: ActorSystem): string => managementOf(system)?.url ?? '';
const statusOf = async (system: ActorSystem, path: string): Promise<number> =>
  (await fetch(`${urlOf(system)}${path}`)).status;

async function pair(): Promise<[ActorSystem, ActorSystem]> {
  const one = await node();
  const two = await node();
  const seed = clusterOf(one).self.address;
  clusterOf(one).join(seed);
  clusterOf(two).join(seed);
  await Promise.all([clusterOf(one).whenUp, clusterOf(two).whenUp]);
  return [one, two];
}

describe('a node with management', { timeout: 120_000 }, () => {
  it('listens where remoting does, and is ready once it is a member', async () => {
    const system = await node();
    expect(managementOf(system)?.selfContactPoint.host).toBe(host);
    expect([await statusOf(system, '/alive'), await statusOf(system, '/ready')]).toEqual([
      200, 500,
    ]);
    const cluster = clusterOf(system);
    cluster.join(cluster.self.address);
    await cluster.whenUp;
    expect(await statusOf(system, '/ready')).toBe(200);
  });

  it('has another one leave, tells of it, and answers as long as it is there', async () => {
    const [one, two] = await pair();
    const controller = new AbortController();
    const stream = await fetch(`${urlOf(one)}/cluster/domain-events?type=MemberEvent`, {
      signal: controller.signal,
    });
    const leaving = String(clusterOf(two).self.addressKey);
    const answer = await fetch(`${urlOf(one)}/cluster/members/${leaving}`, { method: 'DELETE' });
    expect(await answer.json()).toEqual({ message: `Leaving ${leaving}` });
    let text = '';
    const decoder = new TextDecoder();
    for await (const bytes of stream.body ?? []) {
      text += decoder.decode(bytes, { stream: true });
      if (text.includes('event:MemberRemoved')) break;
    }
    controller.abort();
    const types = [...text.matchAll(/^event:(\w+)$/gm)].map(([, type]) => type);
    expect(types.slice(0, 2)).toEqual(['MemberUp', 'MemberUp']);
    expect(types).toContain('MemberLeft');
    await two.whenTerminated;
    await expect(fetch(`${urlOf(two)}/alive`)).rejects.toThrow();
    const members = await (await fetch(`${urlOf(one)}/cluster/members`)).json();
    expect(members).toMatchObject({ members: [{ status: 'Up' }], unreachable: [] });
  });

  it('tells when it is not ready because it shuts down, and ends the streams that are open', async () => {
    const [one] = await pair();
    const stream = await fetch(`${urlOf(one)}/cluster/domain-events`);
    const statuses: number[] = [];
    one.coordinatedShutdown.addTask('cluster-shutdown', 'ask', async () => {
      statuses.push(await statusOf(one, '/ready'), await statusOf(one, '/alive'));
    });
    const [text] = await Promise.all([stream.text(), one.terminate()]);
    expect(statuses).toEqual([500, 200]);
    expect(text).toContain('event:MemberLeft');
  });

  it('is not started at all when its port is taken, and says so', async () => {
    const holder = createServer().listen(0, host);
    await new Promise((resolve) => holder.once('listening', resolve));
    const { port } = holder.address() as { port: number };
    await expect(node({ management: { port } })).rejects.toMatchObject({
      code: 'MANAGEMENT_BIND_FAILED',
      message: expect.stringContaining(`"${host}:${port}": the port is in use`),
    });
    holder.close();
  });

  it.each<[string, object, string]>([
    ['prot', { prot: 7626 }, 'did you mean "port"?'],
    ['tls.keyfile', { tls: { keyfile: 'a' } }, 'did you mean "keyFile"?'],
    ['port "70000"', { port: 70_000 }, 'a whole number from 0 to 65535'],
    ['host "node:7626"', { host: 'node:7626' }, 'a name or an address, without a port'],
    ['host "http://node"', { host: 'http://node' }, 'a name or an address'],
    ['bindHost "10.0.0.1:1"', { bindHost: '10.0.0.1:1' }, 'a name or an address'],
    ['healthPaths.ready ""', { healthPaths: { ready: '' } }, 'a path such as "health/ready"'],
    ['limits.idleTimeout "soon"', { limits: { idleTimeout: 'soon' } }, 'a duration'],
    ['tls.certFile', { tls: { keyFile: 'a' } }, 'the name of a file'],
  ])('refuses the option %s before anything is started', async (what, management, why) => {
    const started = node({ management, remote: { host: '203.0.113.1' } });
    await expect(started).rejects.toMatchObject({ code: 'MANAGEMENT_OPTIONS_INVALID' });
    await expect(started).rejects.toThrow(what);
    await expect(started).rejects.toThrow(why);
  });

  it('puts an IPv6 address of its own into brackets', async () => {
    const listen = async () => ({ port: 1, close: async () => undefined });
    const { system } = testSystem();
    const { url } = await startManagement(system, { host: '::1', port: 0 }, { listen });
    expect(url).toBe('http://[::1]:1');
  });

  it('is started once', async () => {
    const system = await node();
    await expect(startManagement(system, { port: 0 })).rejects.toMatchObject({
      code: 'MANAGEMENT_ALREADY_STARTED',
      message: expect.stringContaining(urlOf(system)),
    });
  });

  it('listens for itself where containers listen', async () => {
    const system = await node({
      remote: { host: 'node-1.example', port: 0, bindHost: host },
      management: { port: 0 },
    });
    const { host: announced, port } = managementOf(system)?.selfContactPoint ?? {};
    expect(announced).toBe('node-1.example');
    expect((await fetch(`http://${host}:${port}/alive`)).status).toBe(200);
  });

  it('changes the level of the log that the node has opened', async () => {
    const system = await ActorSystem.start({
      name: 'talking',
      handleSignals: false,
      remote: { host, port: 0 },
      log: { level: 'silent' },
      management: { port: 0, writes: true },
    });
    systems.push(system);
    expect(system.log.isEnabled('error')).toBe(false);
    await fetch(`${urlOf(system)}/loglevel/pekko?level=ERROR`, { method: 'PUT' });
    expect(system.log.isEnabled('error')).toBe(true);
    await fetch(`${urlOf(system)}/loglevel/pekko?level=OFF`, { method: 'PUT' });
  });
});

describe('a node without management', () => {
  it('does not load what serves it', () => {
    const source = new URL('../../src/index.ts', import.meta.url).href;
    const program = `
      const { ActorSystem } = await import('${source}');
      const system = await ActorSystem.start({
        name: 'bare', remote: { host: '${host}', port: 0 }, cluster: {}, log: { level: 'silent' },
      });
      const loaded = process.moduleLoadList.filter((name) => /NativeModule (_http_server|https?)$/.test(name));
      console.log(JSON.stringify(loaded));
      await system.terminate();`;
    const words = ['--input-type=module', '-e', program];
    const { stdout } = spawnSync(process.execPath, words, { encoding: 'utf8' });
    expect(stdout.trim()).toBe('[]');
  }, 120_000);
});
