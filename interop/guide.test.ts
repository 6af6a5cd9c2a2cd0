// The page about JVM nodes says what a Pekko node is configured with; with just that it becomes a member.

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { agree, isUp, membersAre } from './harness/expectations.ts';
import { Nodes } from './harness/nodes.ts';
import { buildPeer } from './harness/peer-build.ts';

beforeAll(() => buildPeer());
const nodes = new Nodes();
afterAll(() => nodes.stop());

it('a Pekko node with the configuration of the guide joins a Parvi node and is asked by it', async () => {
  const page = readFileSync(new URL('../docs/guide/jvm-cluster.md', import.meta.url), 'utf8');
  const [, block = ''] = /```hocon\n(.*?)```/s.exec(page) ?? [];
  const [parviHost, pekkoHost] = [nodes.nextHost(), nodes.nextHost()];
  const config = block
    .replace('shop.Message', 'parvi.interop.Messages$Cbor')
    .replace('pekko://shop@127.0.0.1:25520', nodes.address(parviHost))
    .replace('"127.0.0.1", port = 25521', `"${pekkoHost}", port = 25520`);
  expect(config).not.toMatch(/127\.0\.0\.1|shop/);
  const parvi = await nodes.start('parvi', parviHost, { seeds: [nodes.address(parviHost)] });
  await isUp(parvi, parvi.address);
  const pekko = await nodes.start('pekko', pekkoHost, { config });
  await agree([parvi, pekko], membersAre([parvi, pekko]));
  const ping = { to: pekko.path('typed'), text: 'hello', n: '1', format: 'cbor' } as const;
  expect(await parvi.do('ping', ping)).toMatchObject({ text: 'pong:hello', n: '2' });
});
