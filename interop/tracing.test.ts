// A node that traces beside a node of the JVM, which knows nothing of it: the metadata in our frames is skipped over there,
// and what comes back has none.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { OtlpSink } from '../apps/valuation/test/telemetry/otlp-sink.ts';
import { agree, membersAre } from './harness/expectations.ts';
import { figure } from './harness/figures.ts';
import type { NodeProcess } from './harness/node-process.ts';
import { Nodes, patient } from './harness/nodes.ts';
import { buildPeer } from './harness/peer-build.ts';
import type { Value } from './harness/values.ts';

const nodes = new Nodes();
let sink: OtlpSink;
let parvi: NodeProcess;
let pekko: NodeProcess;

beforeAll(async () => {
  await buildPeer();
  sink = await OtlpSink.start('127.0.0.1');
  const [first, second] = await nodes.cluster(['parvi', 'pekko'], () => ({
    settings: patient.settings,
    parvi: { ...patient.parvi, telemetry: { endpoint: sink.endpoint, sampleRatio: 1 } },
  }));
  if (first === undefined || second === undefined) throw new Error('two nodes needed');
  [parvi, pekko] = [first, second];
});
afterAll(async () => {
  await nodes.stop();
  sink?.close();
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
  const named = (name: string): number => sink.spans.filter((span) => span.name === name).length;
  await expect
    .poll(() => ['ask', 'ping', 'flood'].map(named), { timeout: 30_000 })
    .toEqual([4, 1, 1]);
  await agree([parvi, pekko], membersAre([parvi, pekko]));
  figure('spans', String(sink.spans.length));
  expect(pekko.logLines(['WARN', 'WARNING', 'ERROR'])).toEqual([]);
});
