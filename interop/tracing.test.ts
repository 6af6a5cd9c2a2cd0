// A node that traces beside a node of the JVM, which knows nothing of it: the metadata in our frames is skipped over there,
// and what comes back has none.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { agree, membersAre } from './harness/expectations.ts';
import { figure } from './harness/figures.ts';
import type { NodeProcess } from './harness/node-process.ts';
import { Nodes, patient } from './harness/nodes.ts';
import { buildPeer } from './harness/peer-build.ts';
import type { Value } from './harness/values.ts';

interface Batch {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly { readonly name: string }[] }[];
  }[];
}

const nodes = new Nodes();
let collector: Server;
const spans = new Map<string, number>();
let awaited: () => void = () => undefined;
let parvi: NodeProcess;
let pekko: NodeProcess;

/** Takes what a collector of OpenTelemetry takes, and counts spans by name. */
async function startCollector(): Promise<string> {
  collector = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const batch: Batch = JSON.parse(Buffer.concat(parts).toString('utf8'));
      for (const { scopeSpans } of batch.resourceSpans) {
        for (const { name } of scopeSpans.flatMap((scope) => scope.spans)) {
          spans.set(name, (spans.get(name) ?? 0) + 1);
        }
      }
      response.end('{}');
      awaited();
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(collector.address() as AddressInfo).port}/v1/traces`;
}

beforeAll(async () => {
  await buildPeer();
  const endpoint = await startCollector();
  const [first, second] = await nodes.cluster(['parvi', 'pekko'], () => ({
    settings: patient.settings,
    parvi: { ...patient.parvi, telemetry: { endpoint, sampleRatio: 1 } },
  }));
  if (first === undefined || second === undefined) throw new Error('two nodes needed');
  [parvi, pekko] = [first, second];
});
afterAll(async () => {
  await nodes.stop();
  collector?.closeAllConnections();
  collector?.close();
});

const asked = async (value: Value) =>
  (await parvi.do('ask', { to: pekko.path('echo'), value })).value;

it('values of traced questions come back from the JVM as they were', async () => {
  const values: Value[] = [
    { text: 'häh? 😀' },
    { long: '-9223372036854775808' },
    { bytes: 'AAEC' },
  ];
  for (const value of [...values, { textOf: 200_000 }]) expect(await asked(value)).toEqual(value);
  const order = { to: pekko.path('typed'), format: 'cbor', text: 'ü', n: '41' } as const;
  expect(await parvi.do('ping', order)).toMatchObject({ text: 'pong:ü', n: '42' });
});

it('traced messages come to the JVM in order, none is lost', async () => {
  await pekko.do('spawn', { name: 'sink', kind: 'sink' });
  await parvi.do('flood', { to: pekko.path('sink'), count: 100_000 });
  expect(await pekko.do('count', { name: 'sink' })).toMatchObject({
    received: 100_000,
    inOrder: true,
  });
});

it('the JVM answers what it is asked without a trace to a node that traces', async () => {
  const value: Value = { text: 'and back' };
  expect((await pekko.do('ask', { to: parvi.path('echo'), value })).value).toEqual(value);
});

it('the questions were traced, and the JVM has no word about any of it', async () => {
  const seen = (name: string): number => spans.get(name) ?? 0;
  while (seen('ask') < 4 || seen('flood') < 1) {
    await new Promise<void>((resolve) => {
      awaited = resolve;
    });
  }
  await agree([parvi, pekko], membersAre([parvi, pekko]));
  figure('spans', [...spans].map(([name, count]) => `${name} ${count}`).join(', '));
  expect([seen('ask'), seen('ping'), seen('flood')]).toEqual([4, 1, 1]);
  expect(pekko.logLines(['WARN', 'WARNING', 'ERROR'])).toEqual([]);
});
