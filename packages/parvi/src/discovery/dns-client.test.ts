import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemRuntime } from '../runtime/index.ts';
import { dnsClient } from './dns-client.ts';
import { DnsServer } from './fixtures/dns-server.ts';

const ask = dnsClient(systemRuntime());
const limitMs = 20_000;
let server: DnsServer;

beforeEach(async () => {
  server = await DnsServer.start('127.0.41.53');
});
afterEach(() => server.close());

describe('a question to a name server', () => {
  it('is answered with addresses and how long they may be remembered', async () => {
    server.setAddresses('app.test', ['10.0.0.1', '10.0.0.2', 'fd00::1'], 30);
    const of = (type: 'A' | 'AAAA') => ask({ name: 'app.test', type }, [server.address], limitMs);
    expect((await of('A')).records).toEqual([
      { type: 'A', name: 'app.test', ttlSeconds: 30, ip: '10.0.0.1' },
      { type: 'A', name: 'app.test', ttlSeconds: 30, ip: '10.0.0.2' },
    ]);
    expect((await of('AAAA')).records).toEqual([
      { type: 'AAAA', name: 'app.test', ttlSeconds: 30, ip: 'fd00::1' },
    ]);
  });

  it('is answered with services, and their addresses beside them', async () => {
    const name = '_management._tcp.app.test';
    server.setServices(name, [{ target: 'A.app.test', port: 7626, ip: '10.0.0.1' }], 5);
    const answer = await ask({ name, type: 'SRV' }, [server.address], limitMs);
    expect(answer).toEqual({
      records: [{ type: 'SRV', name, ttlSeconds: 5, target: 'a.app.test', port: 7626 }],
      additional: [{ type: 'A', name: 'a.app.test', ttlSeconds: 5, ip: '10.0.0.1' }],
    });
  });

  it('follows other names of a name', async () => {
    server.zone.set('www.test', [{ type: 'CNAME', name: 'www.test', ttl: 60, data: 'app.test' }]);
    server.setAddresses('app.test', ['10.0.0.1'], 60);
    const { records } = await ask({ name: 'www.test', type: 'A' }, [server.address], limitMs);
    expect(records.map((record) => record.type === 'A' && record.ip)).toEqual(['10.0.0.1']);
  });

  it('has no records for a name that is not there', async () => {
    const answer = await ask({ name: 'gone.test', type: 'A' }, [server.address], limitMs);
    expect(answer).toEqual({ records: [], additional: [] });
  });

  it('is asked again over TCP when the answer is too long for UDP', async () => {
    const ips = Array.from({ length: 250 }, (_, index) => `10.0.${index}.1`);
    server.setAddresses('many.test', ips, 5);
    const { records } = await ask({ name: 'many.test', type: 'A' }, [server.address], limitMs);
    expect(records).toHaveLength(250);
    expect(server.asked).toEqual(['A many.test', 'A many.test over tcp']);
  });

  it('goes to the next server when the first refuses, and says what each said when all do', async () => {
    const other = await DnsServer.start('127.0.41.54');
    other.setAddresses('app.test', ['10.0.0.1'], 5);
    server.misbehavior = 5;
    const servers = [server.address, other.address];
    const { records } = await ask({ name: 'app.test', type: 'A' }, servers, limitMs);
    expect(records).toHaveLength(1);
    other.misbehavior = 2;
    await expect(ask({ name: 'app.test', type: 'A' }, servers, limitMs)).rejects.toThrow(
      `${server.address} said REFUSED, ${other.address} said SERVFAIL`,
    );
    await other.close();
  });

  it('is put in the plainest form when it was refused', async () => {
    server.misbehavior = 1;
    const asked = ask({ name: 'app.test', type: 'A' }, [server.address], limitMs);
    await expect(asked).rejects.toThrow('said FORMERR');
    expect(server.asked).toEqual(['A app.test', 'A app.test']);
  });

  it('is not answered by bytes that are no answer', async () => {
    server.misbehavior = 'garbage';
    const asked = ask({ name: 'app.test', type: 'A' }, [server.address], limitMs);
    await expect(asked).rejects.toThrow(/an answer that cannot be read|within/);
  });

  it.each(['silent', 'other id'] as const)('ends in time when the server is %s', async (how) => {
    server.setAddresses('app.test', ['10.0.0.1'], 5);
    server.misbehavior = how;
    const asked = ask({ name: 'app.test', type: 'A' }, [server.address], 60);
    await expect(asked).rejects.toThrow(/said nothing within \d+ ms/);
  });

  it.each(['a broadcast address', 'an interface that is gone'])(
    'goes to the next server where the machine can send nothing, as to %s',
    async (which) => {
      server.setAddresses('app.test', ['10.0.0.1'], 5);
      const closed = which === 'a broadcast address' ? '255.255.255.255' : '[fe80::1%gone]:53';
      const servers = [closed, server.address];
      const { records } = await ask({ name: 'app.test', type: 'A' }, servers, limitMs);
      expect(records).toHaveLength(1);
    },
  );

  it('ends at once where nobody listens', async () => {
    const { address } = server;
    await server.close();
    const asked = ask({ name: 'app.test', type: 'A' }, [address], limitMs);
    await expect(asked).rejects.toThrow(`${address} said`);
    server = await DnsServer.start('127.0.41.53');
  });
});
