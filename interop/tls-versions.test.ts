// TLS with each version of Pekko as it is set up by default: key stores, and the version of TLS and the suites that this
// version of Pekko chooses (1.2 in Pekko 1.0, 1.3 in later ones).

import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { agree, isUp, membersAre } from './harness/expectations.ts';
import { figure } from './harness/figures.ts';
import type { NodeProcess } from './harness/node-process.ts';
import { type Kind, type NodeOptions, Nodes } from './harness/nodes.ts';
import { buildPeer, newestPekko } from './harness/peer-build.ts';
import {
  CertificateFolders,
  certified,
  keptOut,
  shownBy,
  stored,
  stranger,
} from './harness/tls.ts';

let nodes = new Nodes();
const folders = new CertificateFolders();
afterEach(async () => {
  await nodes.stop();
  folders.remove();
  nodes = new Nodes();
});

const pairs: readonly (readonly [Kind, Kind])[] = [
  ['parvi', 'pekko'],
  ['pekko', 'parvi'],
];

const versions: readonly (readonly [version: string, suite: RegExp])[] = [
  ['1.0.3', /^TLSv1\.2 DHE-RSA-AES256-GCM-SHA384$/],
  ['1.4.0', /^TLSv1\.3 TLS_AES/],
  [newestPekko, /^TLSv1\.3 TLS_AES/],
  ['akka-2.6.21', /^TLSv1\.2 DHE-RSA-AES256-GCM-SHA384$/],
];

const isAkka = (version: string): boolean => version.startsWith('akka-');

async function first(kind: Kind, options: (host: string) => Promise<NodeOptions>) {
  const host = nodes.nextHost();
  const seeds = [nodes.address(host)];
  const node = await nodes.start(kind, host, { seeds, ...(await options(host)) });
  await isUp(node, node.address);
  return node;
}

async function askEachOther(a: NodeProcess, b: NodeProcess): Promise<void> {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    const ping = { to: to.path('typed'), text: 'sealed', n: '1', format: 'cbor' } as const;
    expect(await from.do('ping', ping)).toMatchObject({ text: 'pong:sealed' });
  }
}

describe.each(versions)('with %s and its own engine', (version, suite) => {
  beforeAll(async () => {
    await buildPeer();
    await buildPeer(version);
  });

  const right = async (host: string): Promise<NodeOptions> => ({
    version,
    ...(await stored(folders.add(certified([host])))),
  });

  it.each(pairs)(
    'a %s node has a %s node join it, and they ask each other',
    async (kind, other) => {
      if (isAkka(version)) nodes = new Nodes({ protocol: 'akka' });
      const a = await first(kind, right);
      const host = nodes.nextHost();
      const b = await nodes.start(other, host, { seeds: [a.address], ...(await right(host)) });
      await agree([a, b], membersAre([a, b]));
      await askEachOther(a, b);
      const shown = await shownBy(kind === 'pekko' ? a.host : b.host);
      expect(shown.suite).toMatch(suite);
      figure('TLS', `${isAkka(version) ? '' : 'Pekko '}${version} ${shown.suite}`);
    },
  );

  it.each(pairs)(
    'a %s node keeps out %s nodes of another authority and without TLS',
    async (kind, other) => {
      if (isAkka(version)) nodes = new Nodes({ protocol: 'akka' });
      const a = await first(kind, right);
      const [strange, plain] = [nodes.nextHost(), nodes.nextHost()];
      const own = folders.add(certified([strange], { from: stranger }));
      const seeds = [a.address];
      const b = await nodes.start(other, strange, { version, seeds, ...(await stored(own)) });
      await keptOut(a, b);
      await keptOut(a, await nodes.start(other, plain, { version, seeds }));
    },
  );
});

it('a Pekko node that verifies hosts does not speak to a Parvi node whose certificate names another', async () => {
  const verified = { 'pekko.remote.artery.ssl.config-ssl-engine.hostname-verification': 'on' };
  const pekko = (host: string) => stored(folders.add(certified([host])), verified);
  const a = await first('parvi', () => stored(folders.add(certified(['127.0.0.9']))));
  const host = nodes.nextHost();
  await keptOut(
    a,
    await nodes.start('pekko', host, { seeds: [a.address], ...(await pekko(host)) }),
  );
  await nodes.stop();
  // The same with the right name: it is the name alone that was refused.
  nodes = new Nodes();
  const b = await first('parvi', (own) => stored(folders.add(certified([own]))));
  const other = nodes.nextHost();
  const c = await nodes.start('pekko', other, { seeds: [b.address], ...(await pekko(other)) });
  await agree([b, c], membersAre([b, c]));
});
