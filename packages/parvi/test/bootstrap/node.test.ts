// Whole nodes by way of the front door: real sockets, management and lookups on loopback.

import { afterEach, describe, expect, it } from 'vitest';
import { loadConfig, parseFlags } from '../../src/config/index.ts';
import { DnsServer } from '../../src/discovery/fixtures/dns-server.ts';
import {
  type ActorSystem,
  clusterOf,
  nodeSchema,
  type StartOptions,
  ActorSystem as Systems,
  startOptionsOf,
} from '../../src/index.ts';
import { memoryLog } from '../../src/observe/index.ts';

const started: ActorSystem[] = [];
let server: DnsServer | undefined;
afterEach(async () => {
  await Promise.all(started.splice(0).map((system) => system.terminate()));
  await server?.close();
  server = undefined;
});

async function start(options: StartOptions): Promise<ActorSystem> {
  const system = await Systems.start({
    handleSignals: false,
    log: { level: 'silent' },
    ...options,
  });
  started.push(system);
  return system;
}

/** Options as flags give them. */
function node(host: string, ...flags: string[]): StartOptions {
  const words = [
    ...['--system.name', 'boot', '--remote.host', host, '--remote.port', '25520'],
    ...['--management.enabled', 'on', '--management.port', '7626', '--bootstrap.enabled', 'on'],
    ...['--bootstrap.stable-margin', '200ms', '--bootstrap.probe-interval', '100ms'],
    ...['--bootstrap.interval', '100ms', '--log.level', 'error', ...flags],
  ];
  return startOptionsOf(loadConfig(nodeSchema, { flags: parseFlags(words) }).values);
}

async function members(all: readonly ActorSystem[]): Promise<number[]> {
  await Promise.all(all.map((system) => clusterOf(system).whenUp));
  return all.map((system) => clusterOf(system).state.members.length);
}

describe('nodes without seed nodes', () => {
  it('form one cluster by a list of contact points', async () => {
    const hosts = ['127.0.41.81', '127.0.41.82', '127.0.41.83'];
    const endpoints = hosts.map((host) => `${host}:7626`).join(',');
    const flags = ['--bootstrap.required-contact-point-nr', '3'];
    const all = await Promise.all(
      hosts.map((host) => start(node(host, ...flags, '--discovery.config.endpoints', endpoints))),
    );
    const counts = await members(all);
    expect(Math.max(...counts)).toBeGreaterThan(1);
    const leaders = all.map((system) => clusterOf(system).state.leader?.addressKey);
    expect(new Set(leaders)).toEqual(new Set(['pekko://boot@127.0.41.81:25520']));
  });

  it('form one cluster by a name, and let in who comes late', async () => {
    server = await DnsServer.start('127.0.41.84');
    const hosts = ['127.0.41.85', '127.0.41.86', '127.0.41.87'];
    server.setAddresses('boot.test', hosts, 0);
    const flags = [
      ...['--discovery.method', 'dns', '--discovery.dns.servers', server.address],
      ...['--bootstrap.service-name', 'boot.test'],
    ];
    server.setAddresses('boot.test', hosts.slice(0, 2), 0);
    const [one = '', two = '', three = ''] = hosts;
    const all = await Promise.all([one, two].map((host) => start(node(host, ...flags))));
    await members(all);
    server.setAddresses('boot.test', hosts, 0);
    const late = await start(node(three, ...flags));
    await clusterOf(late).whenUp;
    expect(clusterOf(late).state.members).toHaveLength(3);
  });
});

describe('a node that shall bootstrap', () => {
  it('is refused without what bootstrap stands on, before anything is started', async () => {
    const whole = node('127.0.41.88', '--discovery.config.endpoints', '127.0.41.88:7626');
    const { management: _, discovery: __, ...rest } = whole;
    await expect(start(rest)).rejects.toMatchObject({
      code: 'BOOTSTRAP_INCOMPLETE',
      message: expect.stringContaining('without management and discovery'),
    });
    await expect(start({ ...whole, discovery: { method: 'config' } })).rejects.toMatchObject({
      code: 'DISCOVERY_OPTION_INVALID',
    });
    await expect(start({ ...whole, bootstrap: { portName: 5 as never } })).rejects.toMatchObject({
      code: 'BOOTSTRAP_OPTION_INVALID',
    });
  });

  it('does not ask for a manual join, as a node without bootstrap does', async () => {
    const log = memoryLog();
    const said = (): boolean =>
      log.lines.some(({ message }) => message.includes('manual cluster join required'));
    const endpoints = ['--discovery.config.endpoints', '127.0.41.90:7626'];
    const whole = node('127.0.41.90', ...endpoints);
    const { bootstrap: _, ...alone } = whole;
    started.push(await Systems.start(whole, { log: log.logger }));
    expect(said()).toBe(false);
    await started.pop()?.terminate();
    started.push(await Systems.start(alone, { log: log.logger }));
    expect(said()).toBe(true);
  });

  it('joins by seed nodes where it has them, and says so', async () => {
    const log = memoryLog();
    const system = await Systems.start(
      node(
        '127.0.41.89',
        ...['--discovery.config.endpoints', '127.0.41.88:7626'],
        ...['--cluster.seed-nodes', '127.0.41.89:25520'],
      ),
      { log: log.logger },
    );
    started.push(system);
    await clusterOf(system).whenUp;
    const said = log.lines.filter(({ level }) => level === 'warn').map(({ message }) => message);
    expect(said.join('\n')).toContain('joins by them and not by bootstrap');
  });
});
