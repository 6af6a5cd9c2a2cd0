import { describe, expect, it } from 'vitest';
import { silentLogger } from '../observe/index.ts';
import { systemRuntime } from '../runtime/index.ts';
import { aggregateDiscovery } from './aggregate-discovery.ts';
import { configDiscovery } from './config-discovery.ts';
import type { ServiceDiscovery } from './discovery.ts';
import { DnsServer } from './fixtures/dns-server.ts';
import { openDiscovery } from './options.ts';
import { parseResolverFile } from './resolver-file.ts';
import type { ResolvedTarget } from './target.ts';

const app = { serviceName: 'app', portName: '', protocol: 'tcp' };
const ports = { runtime: systemRuntime(), log: silentLogger, environment: {} };

function method(name: string, found: readonly ResolvedTarget[] | Error): ServiceDiscovery {
  return {
    name,
    lookup: () => (found instanceof Error ? Promise.reject(found) : Promise.resolve(found)),
  };
}

const here: ResolvedTarget = { host: '10.0.0.1', port: 7626, ip: undefined };

describe('discovery by configuration', () => {
  it('finds what is written down, for every service, without addresses', async () => {
    const made = configDiscovery({ endpoints: ['10.0.0.1:7626', 'node-b', '[fd00::1]:7626'] });
    expect(await made.lookup(app, 1)).toEqual([
      here,
      { host: 'node-b', port: undefined, ip: undefined },
      { host: 'fd00::1', port: 7626, ip: undefined },
    ]);
  });

  it.each(['', 'a:0', 'a:65536', 'a:b', 'http://a', '[fd00::1'])('refuses "%s"', (endpoint) => {
    expect(() => configDiscovery({ endpoints: [endpoint] })).toThrow('write host:port');
  });
});

describe('discovery by several methods', () => {
  it('believes the first that finds anything', async () => {
    const made = aggregateDiscovery([
      method('a', new Error('no way')),
      method('b', []),
      method('c', [here]),
      method('d', new Error('not asked')),
    ]);
    expect(await made.lookup(app, 1)).toEqual([here]);
  });

  it('finds nothing when no method does, and fails when one failed and none found anything', async () => {
    expect(await aggregateDiscovery([method('a', []), method('b', [])]).lookup(app, 1)).toEqual([]);
    const failing = aggregateDiscovery([method('a', new Error('no way')), method('b', [])]);
    await expect(failing.lookup(app, 1)).rejects.toMatchObject({
      code: 'DISCOVERY_ALL_FAILED',
      message: expect.stringContaining('a: no way'),
    });
  });
});

describe('the options of discovery', () => {
  it('make the method that they name', async () => {
    const config = { endpoints: ['10.0.0.1:7626'] };
    const made = await openDiscovery({ config }, ports);
    expect(await made.lookup(app, 1)).toEqual([here]);
    const both = await openDiscovery(
      { method: 'aggregate', aggregate: { methods: ['dns', 'config'] }, config },
      ports,
    );
    expect(both.name).toBe('aggregate of dns, config');
  });

  it('lead to a name server on this machine', async () => {
    const server = await DnsServer.start('127.0.41.55');
    server.setAddresses('app.cluster.test', ['10.0.0.1'], 0);
    const dns = { servers: [server.address], searchDomains: ['cluster.test'], ndots: 2 };
    const made = await openDiscovery({ method: 'dns', dns }, ports);
    const found = await made.lookup(app, 10_000);
    await server.close();
    expect(found).toEqual([{ host: '10.0.0.1', port: undefined, ip: '10.0.0.1' }]);
  });

  it.each([
    [{ method: 'dsn' }, 'discovery.method "dsn": it takes one of config, dns'],
    [{}, 'discovery.config.endpoints'],
    [{ method: 'aggregate' }, 'discovery.aggregate.methods'],
    [{ method: 'dns', dns: { server: ['a'] } }, 'did you mean "servers"?'],
    [{ method: 'dns', dns: { ndots: -1 } }, 'discovery.dns.ndots "-1"'],
  ])('are refused by name: %j', async (options, said) => {
    await expect(openDiscovery(options as object, ports)).rejects.toThrow(said);
  });
});

describe('the file of name servers', () => {
  it('is read as resolv.conf(5) has it', () => {
    const text = [
      '# by hand',
      'nameserver 10.96.0.10',
      'search default.svc.cluster.local svc.cluster.local cluster.local.',
      'nameserver fd00::a ; second',
      'options timeout:2 ndots:5',
    ].join('\n');
    expect(parseResolverFile(text)).toEqual({
      servers: ['10.96.0.10', 'fd00::a'],
      searchDomains: ['default.svc.cluster.local', 'svc.cluster.local', 'cluster.local'],
      ndots: 5,
    });
    expect(parseResolverFile('')).toEqual({ servers: [], searchDomains: [], ndots: 1 });
  });
});
