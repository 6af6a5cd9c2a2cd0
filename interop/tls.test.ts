// TLS between both kinds of node, verified both ways: who is let in, who is not, and certificates renewed while they run.
// Pekko reads the same PEM files as Parvi does, by its engine with rotating keys.

import { connect } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  Authority,
  CertificateFiles,
  type Certified,
} from '../packages/parvi/test/remoting/certificates.ts';
import { agree, isUp, membersAre } from './harness/expectations.ts';
import type { NodeProcess } from './harness/node-process.ts';
import { type Kind, type NodeOptions, Nodes } from './harness/nodes.ts';
import { buildPeer } from './harness/peer-build.ts';

beforeAll(() => buildPeer());
let nodes = new Nodes();
const folders: CertificateFiles[] = [];
afterEach(async () => {
  await nodes.stop();
  for (const folder of folders.splice(0)) folder.remove();
  nodes = new Nodes();
});

const authority = new Authority('Authority');
const stranger = new Authority('Other authority');
/** Pekko's engine wants the names of both ends to be alike. */
const name = 'interop';
const keyType = 'rsa';

function files(own: Certified, trusted = authority.cert): CertificateFiles {
  const made = new CertificateFiles(trusted, own);
  folders.push(made);
  return made;
}

function secured({ options: { keyFile, certFile, caFile } }: CertificateFiles): NodeOptions {
  const ssl = 'pekko.remote.artery.ssl';
  return {
    parvi: {
      remote: { transport: 'tls-tcp', tls: { keyFile, certFile, caFile, reloadIntervalMs: 500 } },
    },
    settings: {
      'pekko.remote.artery.transport': 'tls-tcp',
      [`${ssl}.ssl-engine-provider`]:
        'org.apache.pekko.remote.artery.tcp.ssl.RotatingKeysSSLEngineProvider',
      [`${ssl}.rotating-keys-engine.key-file`]: keyFile,
      [`${ssl}.rotating-keys-engine.cert-file`]: certFile,
      [`${ssl}.rotating-keys-engine.ca-cert-file`]: caFile,
      [`${ssl}.rotating-keys-engine.ssl-context-cache-ttl`]: '1s',
    },
  };
}

const right = (host: string): NodeOptions =>
  secured(files(authority.issue({ name, keyType, hosts: [host] })));

async function first(kind: Kind): Promise<NodeProcess> {
  const host = nodes.nextHost();
  const node = await nodes.start(kind, host, { seeds: [nodes.address(host)], ...right(host) });
  await isUp(node, node.address);
  return node;
}

const refused: readonly (readonly [string, (host: string) => NodeOptions])[] = [
  [
    'of another authority',
    (host) => secured(files(stranger.issue({ name, keyType, hosts: [host] }))),
  ],
  [
    'that has expired',
    (host) =>
      secured(files(authority.issue({ name, keyType, hosts: [host], validity: [2001, 2002] }))),
  ],
];

describe.each([
  ['parvi', 'pekko'],
  ['pekko', 'parvi'],
] as const)('a %s node with TLS', (kind, other) => {
  it(`has a ${other} node join it, and they ask each other`, async () => {
    const a = await first(kind);
    const host = nodes.nextHost();
    const b = await nodes.start(other, host, { seeds: [a.address], ...right(host) });
    await agree([a, b], membersAre([a, b]));
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const ping = { to: to.path('typed'), text: 'sealed', n: '1', format: 'cbor' } as const;
      expect(await from.do('ping', ping)).toMatchObject({ text: 'pong:sealed' });
    }
  });

  it.each(refused)(`keeps out a ${other} node with a certificate %s`, async (_, options) => {
    const a = await first(kind);
    const host = nodes.nextHost();
    const b = await nodes.start(other, host, { seeds: [a.address], ...options(host) });
    await keptOut(a, b);
  });

  it(`keeps out a ${other} node without TLS`, async () => {
    const a = await first(kind);
    await keptOut(a, await nodes.start(other, nodes.nextHost(), { seeds: [a.address] }));
  });
});

it('a Parvi node does not speak to a Pekko node whose certificate names another host', async () => {
  const a = await first('parvi');
  const options = secured(files(authority.issue({ name, keyType, hosts: ['127.0.0.9'] })));
  const b = await nodes.start('pekko', nodes.nextHost(), { seeds: [a.address], ...options });
  await keptOut(a, b);
  expect(a.errorText).toMatch(/127\.0\.0\.9|host/i);
});

it('certificates are renewed while both kinds of node run', async () => {
  const kinds = ['parvi', 'pekko'] as const;
  const hosts = kinds.map(() => nodes.nextHost());
  const seeds = hosts.slice(0, 1).map((host) => nodes.address(host));
  const all: NodeProcess[] = [];
  const made: CertificateFiles[] = [];
  for (const [index, kind] of kinds.entries()) {
    const host = hosts[index] ?? '';
    const own = files(authority.issue({ name, keyType, hosts: [host] }));
    made.push(own);
    all.push(await nodes.start(kind, host, { seeds, ...secured(own) }));
  }
  await agree(all, membersAre(all));
  const client = authority.issue({ name, keyType, hosts: ['127.0.0.1'] });
  for (const [index, own] of made.entries()) {
    const host = hosts[index] ?? '';
    const before = await serialNumberOf(host, client);
    own.write(authority.cert, authority.issue({ name, keyType, hosts: [host] }));
    const start = performance.now();
    let after = before;
    while (after === before && performance.now() - start < 30_000) {
      after = await serialNumberOf(host, client);
    }
    expect(after).not.toBe(before);
  }
  const host = nodes.nextHost();
  const guest = await nodes.start('parvi', host, { seeds, ...right(host) });
  await agree([...all, guest], membersAre([...all, guest]));
  expect(all.map((node) => node.lines.some((line) => line.event === 'UnreachableMember'))).toEqual([
    false,
    false,
  ]);
});

/** The number of the certificate that a node shows now. */
function serialNumberOf(host: string, { key, cert }: Certified): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect({ host, port: 25_520, key, cert, ca: authority.cert }, () => {
    resolve(socket.getPeerCertificate().serialNumber);
    socket.destroy();
  });
  socket.on('error', reject);
  return promise;
}

/** Neither reaches the other: an ask that would have been answered is not, and nobody has joined. */
async function keptOut(a: NodeProcess, b: NodeProcess): Promise<void> {
  const asked = { to: a.path('echo'), timeoutMs: 5000 };
  expect((await b.try('identify', asked)).error).toBeDefined();
  expect((await a.try('identify', { ...asked, to: b.path('echo') })).error).toBeDefined();
  expect((await a.state()).members).toHaveLength(1);
  expect((await b.state()).members).toHaveLength(0);
  const said = [a, b].map(({ errorText }) => errorText).join('');
  expect(said).toMatch(/"code":"REMOTE_TLS_/);
}
