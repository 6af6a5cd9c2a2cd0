// Bootstrap: nodes of both kinds without seed nodes form one cluster together, find it again after a restart, and let late
// ones in. Pekko Management is the newest of which all parts can be had.

import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DnsServer } from '../packages/parvi/src/discovery/fixtures/dns-server.ts';
import {
  addressesName,
  bootstrapping,
  byDns,
  byList,
  type Finding,
  managementPort,
  servicesName,
} from './harness/bootstrapping.ts';
import { agree, hostOf, isUp, membersAre } from './harness/expectations.ts';
import type { NodeProcess } from './harness/node-process.ts';
import { type Kind, Nodes } from './harness/nodes.ts';
import { buildPeer, pekkoWithManagement } from './harness/peer-build.ts';

beforeAll(() => buildPeer(pekkoWithManagement));
let nodes = new Nodes();
let server: DnsServer | undefined;
afterEach(async () => {
  await nodes.stop();
  nodes = new Nodes();
  await server?.close();
  server = undefined;
});

/** Starts all at once. */
async function startAll(
  kinds: readonly Kind[],
  hosts: readonly string[],
  finding: Finding,
): Promise<NodeProcess[]> {
  return Promise.all(
    hosts.map((host, index) =>
      startOne(kinds[index] ?? 'parvi', host, { required: hosts.length, finding }),
    ),
  );
}

function startOne(
  kind: Kind,
  host: string,
  { required, finding }: { readonly required: number; readonly finding: Finding },
): Promise<NodeProcess> {
  return nodes.start(kind, host, bootstrapping(host, required, finding));
}

/** What Pekko says of a contact point that has taken more than 3 s to start. */
function isOfSlowStart(line: string): boolean {
  return line.includes('Overdue of probing-failure-timeout');
}

/** All are in one cluster, which that one has formed. */
async function areOne(all: readonly NodeProcess[], founder: string | undefined): Promise<void> {
  const state = await agree(all, membersAre(all));
  if (founder !== undefined) expect(hostOf(state.oldest ?? '')).toBe(founder);
}

const mixes: readonly (readonly Kind[])[] = [
  ['parvi', 'pekko', 'parvi'],
  ['pekko', 'parvi', 'parvi'],
  ['pekko', 'parvi', 'pekko', 'parvi', 'parvi'],
];

describe.each(mixes)('nodes with one list: %s, %s, %s, …', (...kinds) => {
  it('form one cluster, by way of the lowest', async () => {
    const hosts = kinds.map(() => nodes.nextHost());
    const all = await startAll(kinds, hosts, byList(hosts));
    await areOne(all, hosts[0]);
    const errors = all.flatMap((node) => node.logLines(['ERROR']));
    expect(errors.filter((line) => !isOfSlowStart(line))).toEqual([]);
  });
});

/** Hosts whose order by signed bytes is another than by number or text: 200 before 130 before 20 before 90. */
function trickyHosts(): string[] {
  const net = nodes.nextHost().replace(/\.\d+$/, '');
  return [130, 200, 20, 90].map((last) => `${net}.${last}`);
}

describe.each([
  ['parvi', 'pekko', 'parvi', 'pekko'],
  ['pekko', 'parvi', 'pekko', 'parvi'],
] as const)('nodes with one name server: %s, %s, %s, %s', (...kinds) => {
  it('form one cluster by the addresses of their name, let a late one in and one that died', async () => {
    const hosts = trickyHosts();
    const [first = '', , third = '', fourth = ''] = hosts;
    server = await DnsServer.start('127.0.41.60');
    server.setAddresses(addressesName, hosts.slice(0, 3), 1);
    const finding = byDns(server.address);
    const all = await startAll(kinds.slice(0, 3), hosts.slice(0, 3), finding);
    // By bytes of the JVM, 130 is -126 and 200 is -56.
    await areOne(all, first);

    server.setAddresses(addressesName, hosts, 1);
    const late = await startOne(kinds[3] ?? 'parvi', fourth, { required: 3, finding });
    await areOne([...all, late], first);

    const [one, two, dying] = all;
    if (one === undefined || two === undefined || dying === undefined) throw new Error('no node');
    dying.signal('SIGKILL');
    await dying.exited;
    const again = await startOne(kinds[2] ?? 'parvi', third, { required: 3, finding });
    await isUp(again, again.address);
    await areOne([one, two, late, again], first);
  });

  it('form one cluster by the services of their port name', async () => {
    const hosts = trickyHosts().slice(1);
    server = await DnsServer.start('127.0.41.60');
    // Names that every resolver takes for addresses: the one of the machine knows no others.
    const services = hosts.map((host) => ({ target: host, port: managementPort, ip: host }));
    server.setServices(servicesName, services, 1);
    const all = await startAll(kinds.slice(1), hosts, byDns(server.address, 'management'));
    await areOne(all, hosts[0]);
  });
});

describe.each(['parvi', 'pekko'] as const)('a %s node whose lookups find it alone', (kind) => {
  it('does not become a second cluster beside the others', async () => {
    const hosts = [nodes.nextHost(), nodes.nextHost()];
    const lonely = nodes.nextHost();
    const others = await startAll(['parvi', 'pekko'], hosts, byList(hosts));
    const alone = await startOne(kind, lonely, { required: 2, finding: byList([lonely]) });
    await areOne(others, hosts[0]);
    expect((await alone.state()).members).toEqual([]);
  });
});
