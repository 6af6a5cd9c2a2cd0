// TLS between both kinds of node, verified both ways: who is let in, who is not, and certificates renewed while they run.
// Pekko reads the same PEM files as Parvi does, by its engine with rotating keys.

import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CertificateFiles } from '../packages/parvi/test/remoting/certificates.ts';
import { agree, isUp, membersAre } from './harness/expectations.ts';
import type { NodeProcess } from './harness/node-process.ts';
import { type Kind, type NodeOptions, Nodes } from './harness/nodes.ts';
import { buildPeer } from './harness/peer-build.ts';
import {
  authority,
  CertificateFolders,
  certified,
  keptOut,
  rotating,
  shownBy,
  stranger,
} from './harness/tls.ts';

beforeAll(() => buildPeer());
let nodes = new Nodes();
const folders = new CertificateFolders();
afterEach(async () => {
  await nodes.stop();
  folders.remove();
  nodes = new Nodes();
});

const right = (host: string): NodeOptions => rotating(folders.add(certified([host])));

async function first(kind: Kind): Promise<NodeProcess> {
  const host = nodes.nextHost();
  const node = await nodes.start(kind, host, { seeds: [nodes.address(host)], ...right(host) });
  await isUp(node, node.address);
  return node;
}

const refused: readonly (readonly [string, (host: string) => NodeOptions])[] = [
  ['of another authority', (host) => rotating(folders.add(certified([host], { from: stranger })))],
  [
    'that has expired',
    (host) => rotating(folders.add(certified([host], { validity: [2001, 2002] }))),
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
  const options = rotating(folders.add(certified(['127.0.0.9'])));
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
    const own = folders.add(certified([host]));
    made.push(own);
    all.push(await nodes.start(kind, host, { seeds, ...rotating(own) }));
  }
  await agree(all, membersAre(all));
  for (const [index, own] of made.entries()) {
    const host = hosts[index] ?? '';
    const before = await shownBy(host);
    own.write(authority.cert, certified([host]));
    const start = performance.now();
    let after = before;
    while (after.serial === before.serial && performance.now() - start < 30_000) {
      after = await shownBy(host);
    }
    expect(after.serial).not.toBe(before.serial);
  }
  const host = nodes.nextHost();
  const guest = await nodes.start('parvi', host, { seeds, ...right(host) });
  await agree([...all, guest], membersAre([...all, guest]));
  expect(all.map((node) => node.lines.some((line) => line.event === 'UnreachableMember'))).toEqual([
    false,
    false,
  ]);
});
