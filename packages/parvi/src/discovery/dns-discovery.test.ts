import { describe, expect, it } from 'vitest';
import { ManualTime } from '../testkit/index.ts';
import type { DnsAnswer, DnsQuestion, DnsRecord, ResolverSettings } from './dns.ts';
import { dnsDiscovery } from './dns-discovery.ts';

const settings: ResolverSettings = { servers: ['10.0.0.10'], searchDomains: [], ndots: 1 };
const none: DnsAnswer = { records: [], additional: [] };

type Answers = Readonly<Record<string, DnsAnswer | Error>>;

/** Discovery over a table of answers by type and name. */
function discovery(answers: Answers, own: Partial<ResolverSettings> = {}) {
  const time = new ManualTime();
  const asked: string[] = [];
  const table: { answers: Answers } = { answers };
  const made = dnsDiscovery({
    clock: time.clock,
    ask: ({ type, name }: DnsQuestion) => {
      const key = `${type} ${name}`;
      asked.push(key);
      const answer = table.answers[key] ?? none;
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    settings: () => ({ ...settings, ...own }),
  });
  return { made, asked, time, table };
}

function address(ip: string, ttlSeconds = 5, name = 'app.test'): DnsRecord {
  return { type: ip.includes(':') ? 'AAAA' : 'A', name, ttlSeconds, ip };
}

function answer(...records: DnsRecord[]): DnsAnswer {
  return { records, additional: [] };
}

const app = { serviceName: 'app.test', portName: '', protocol: 'tcp' };

const services = '_management._tcp.app.test';
const service = (target: string): DnsRecord => ({
  type: 'SRV',
  name: services,
  ttlSeconds: 5,
  target,
  port: 7626,
});

describe('discovery by DNS', () => {
  it('finds the addresses of a name, of both kinds', async () => {
    const { made } = discovery({
      'A app.test': answer(address('10.0.0.1'), address('10.0.0.2')),
      'AAAA app.test': answer(address('fd00::1')),
    });
    expect(await made.lookup(app, 1000)).toEqual(
      ['10.0.0.1', '10.0.0.2', 'fd00::1'].map((ip) => ({ host: ip, port: undefined, ip })),
    );
  });

  it('finds services by the name of their port, with addresses where the server tells them', async () => {
    const { made } = discovery({
      [`SRV ${services}`]: {
        records: [service('a.app.test'), service('b.app.test')],
        additional: [address('10.0.0.1', 5, 'a.app.test')],
      },
    });
    expect(await made.lookup({ ...app, portName: 'management' }, 1000)).toEqual([
      { host: 'a.app.test', port: 7626, ip: '10.0.0.1' },
      { host: 'b.app.test', port: 7626, ip: undefined },
    ]);
  });

  it('asks servers of its own also for the addresses of services that came without any', async () => {
    const targets = ['a', 'b', 'c', 'd'].map((one) => service(`${one}.app.test`));
    const { made, asked } = discovery(
      {
        [`SRV ${services}`]: {
          records: targets,
          additional: [address('10.0.0.1', 5, 'a.app.test')],
        },
        'A b.app.test': answer(address('10.0.0.2', 5, 'b.app.test')),
        'AAAA b.app.test': answer(address('fd00::2', 5, 'b.app.test')),
        'A c.app.test': new Error('refused'),
      },
      { isOwn: true },
    );
    expect(await made.lookup({ ...app, portName: 'management' }, 1000)).toEqual([
      { host: 'a.app.test', port: 7626, ip: '10.0.0.1' },
      { host: 'b.app.test', port: 7626, ip: '10.0.0.2' },
      { host: 'b.app.test', port: 7626, ip: 'fd00::2' },
      { host: 'c.app.test', port: 7626, ip: undefined },
      { host: 'd.app.test', port: 7626, ip: undefined },
    ]);
    expect(asked).not.toContain('A a.app.test');
  });

  it('remembers an answer for as long as its shortest record says, and no longer', async () => {
    const { made, asked, time, table } = discovery({
      'A app.test': answer(address('10.0.0.1', 30), address('10.0.0.2', 10)),
      'AAAA app.test': answer(address('fd00::1', 60)),
    });
    await made.lookup(app, 1000);
    table.answers = { 'A app.test': answer(address('10.0.0.9')) };
    time.advance(9999);
    expect(await made.lookup(app, 1000)).toHaveLength(3);
    expect(asked).toHaveLength(2);
    time.advance(1);
    expect((await made.lookup(app, 1000)).map(({ host }) => host)).toEqual(['10.0.0.9', 'fd00::1']);
    expect(asked).toEqual(['A app.test', 'AAAA app.test', 'A app.test']);
  });

  it('does not remember that there was nothing, nor what may not be remembered', async () => {
    const { made, asked, table } = discovery({});
    expect(await made.lookup(app, 1000)).toEqual([]);
    table.answers = { 'A app.test': answer(address('10.0.0.1', 0)) };
    expect(await made.lookup(app, 1000)).toHaveLength(1);
    expect(await made.lookup(app, 1000)).toHaveLength(1);
    expect(asked.filter((each) => each === 'A app.test')).toHaveLength(3);
  });

  it('tries short names with the search domains first, and whole ones last', async () => {
    const search = { searchDomains: ['default.svc.test', 'svc.test'], ndots: 5 };
    const { made, asked } = discovery({ 'A app.test': answer(address('10.0.0.1')) }, search);
    expect(await made.lookup(app, 1000)).toHaveLength(1);
    expect(asked.filter((each) => each.startsWith('A '))).toEqual([
      'A app.test.default.svc.test',
      'A app.test.svc.test',
      'A app.test',
    ]);
    await made.lookup({ ...app, serviceName: 'app.test.' }, 1000);
    expect(asked.at(-1)).toBe('AAAA app.test');
  });

  it('is content with one kind of address where the server does not answer for the other', async () => {
    const { made } = discovery({
      'A app.test': answer(address('10.0.0.1')),
      'AAAA app.test': new Error('SERVFAIL'),
    });
    expect(await made.lookup(app, 1000)).toHaveLength(1);
  });

  it('says what was asked and what came when nothing did', async () => {
    const { made } = discovery({ 'A app.test': new Error('10.0.0.10 said SERVFAIL') });
    await expect(made.lookup(app, 1000)).rejects.toMatchObject({
      code: 'DISCOVERY_DNS_FAILED',
      message: expect.stringMatching(
        /"app.test" by DNS: .*10\.0\.0\.10 said SERVFAIL.*check the name/,
      ),
    });
  });

  it('says that no name server is known', async () => {
    const { made } = discovery({}, { servers: [] });
    await expect(made.lookup(app, 1000)).rejects.toMatchObject({
      code: 'DISCOVERY_DNS_UNCONFIGURED',
    });
  });
});
