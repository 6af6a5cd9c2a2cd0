// Messages both ways: values of every kind, classes with refs, sizes up to the limits, order, and what cannot be read.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agree, membersAre } from './harness/expectations.ts';
import type { Line, NodeProcess } from './harness/node-process.ts';
import { Nodes } from './harness/nodes.ts';
import { buildPeer } from './harness/peer-build.ts';
import type { Value } from './harness/values.ts';

beforeAll(() => buildPeer());

const limitOfFrame = 262_144;

const values: readonly (readonly [string, Value])[] = [
  ['an empty text', { text: '' }],
  ['a text beyond ASCII', { text: 'häh? 😀 日本' }],
  ['a whole number', { int: -2_147_483_648 }],
  ['a long number', { long: '-9223372036854775808' }],
  ['a truth', { boolean: true }],
  ['bytes', { bytes: Buffer.from([0, 1, 2, 254, 255]).toString('base64') }],
  ['one byte', { bytes: 'AA==' }],
  ['10 kB of text', { textOf: 10_000 }],
  ['nearly a frame of text', { textOf: 260_000 }],
];

describe.each([
  ['parvi', 'pekko'],
  ['pekko', 'parvi'],
] as const)('from %s to %s', (from, to) => {
  const nodes = new Nodes();
  let sender: NodeProcess;
  let receiver: NodeProcess;

  beforeAll(async () => {
    const large = '/user/large';
    const [a, b] = await nodes.cluster([from, to], () => ({
      settings: { 'pekko.remote.artery.large-message-destinations': [large] },
      parvi: { remote: { largeMessageDestinations: [large] } },
    }));
    if (a === undefined || b === undefined) throw new Error('two nodes needed');
    sender = a;
    receiver = b;
    await b.do('spawn', { name: 'large', kind: 'sink' });
    await agree([a, b], membersAre([a, b]));
  });
  afterAll(() => nodes.stop());

  const asked = (value: Value, name = 'echo'): Promise<Line> =>
    sender.do('ask', { to: receiver.path(name), value });

  it.each(values)('%s comes back as it was', async (_, value) => {
    expect((await asked(value)).value).toEqual(value);
  });

  it('a ref comes back, and leads to the same actor', async () => {
    const { ref = '' } = await sender.do('identify', { to: sender.path('echo') });
    const value = (await asked({ ref })).value;
    expect(value).toEqual({ ref: expect.stringMatching(/\/user\/echo#-?\d+$/) });
  });

  it.each(['cbor', 'json'] as const)(
    'a class with a ref inside comes back as %s',
    async (format) => {
      const { ref = '' } = await receiver.do('identify', { to: receiver.path('echo') });
      const address = ref.startsWith(receiver.address)
        ? ref
        : `${receiver.address}${/\/user.*/.exec(ref)?.[0]}`;
      const record = {
        text: 'häh? 日本',
        n: '9007199254740993',
        x: 1.5,
        flag: true,
        list: ['a', 'b'],
        ref: address,
        ...(format === 'cbor' ? { bytes: 'AAEC/w==' } : {}),
      };
      const value: Value = format === 'cbor' ? { cbor: record } : { json: record };
      expect((await asked(value)).value).toEqual(value);
    },
  );

  it.each(['cbor', 'json'] as const)(
    'a typed ask is answered to the ref inside it, as %s',
    async (format) => {
      const order = { to: receiver.path('typed'), format, text: 'ü', n: '9007199254740993' };
      const reply = await sender.do('ping', order);
      expect(reply).toMatchObject({ text: 'pong:ü', n: '9007199254740994' });
    },
  );

  it('a message of 1.9 MB takes the large stream', async () => {
    expect((await asked({ textOf: 1_900_000 }, 'large')).value).toEqual({ int: 1_900_000 });
  });

  it('a message beyond the frame becomes a dead letter, and the rest goes on', async () => {
    const mark = sender.lines.length;
    await sender.do('tell', { to: receiver.path('echo'), value: { textOf: limitOfFrame + 10 } });
    await sender.until(
      'the dead letter',
      ({ event, recipient = '', message = '' }) =>
        (event === 'deadLetter' && recipient.includes('/user/echo')) ||
        (event === 'log' && /oversized payload/i.test(message)),
      { since: mark },
    );
    expect((await asked({ text: 'still here' })).value).toEqual({ text: 'still here' });
  });

  it.each([
    ['of an unknown class', { foreign: true }],
    ['of an unknown serializer', { odd: true }],
  ] as const)('a message %s is refused with its reason, and the rest goes on', async (_, value) => {
    const mark = receiver.lines.length;
    await sender.do('tell', { to: receiver.path('echo'), value });
    await receiver.until(
      'the refusal',
      ({ event, reason, message = '' }) =>
        (event === 'deadLetter' && reason === 'notDeserializable') ||
        (event === 'log' &&
          /failed to deserialize|cannot find serializer|unknown serializer/i.test(message)),
      { since: mark },
    );
    expect((await asked({ text: 'still here' })).value).toEqual({ text: 'still here' });
  });

  it('a message to nobody is a dead letter over there, and the rest goes on', async () => {
    await sender.do('tell', { to: receiver.path('nobody'), value: { text: 'hello?' } });
    await receiver.until(
      'the dead letter',
      ({ event, recipient = '' }) => event === 'deadLetter' && recipient.includes('/user/nobody'),
    );
    expect((await asked({ text: 'still here' })).value).toEqual({ text: 'still here' });
  });

  it('a million messages come in order, none is lost', async () => {
    await receiver.do('spawn', { name: 'sink', kind: 'sink' });
    const startMs = performance.now();
    await sender.do('flood', { to: receiver.path('sink'), count: 1_000_000 });
    const seconds = (performance.now() - startMs) / 1000;
    const { received, inOrder } = await receiver.do('count', { name: 'sink' });
    process.stdout.write(
      `${from} to ${to}: ${Math.round(1_000_000 / seconds).toLocaleString('en')} messages/s\n`,
    );
    expect({ received, inOrder }).toEqual({ received: 1_000_000, inOrder: true });
  });

  it('selections and Identify reach actors by path and by wildcard', async () => {
    const found = await sender.do('identify', { to: `${receiver.address}/user/ech*` });
    expect(found.ref).toContain(`${receiver.address}/user/echo#`);
    expect(
      (await sender.try('identify', { to: receiver.path('nobody'), timeoutMs: 3000 })).error,
    ).toMatch(/SELECTION_NOT_FOUND|ActorNotFound|Cannot find an actor/);
    const mark = sender.lines.length;
    await sender.do('select', { to: `${receiver.address}/user/*cho`, value: { text: 'anyone' } });
    await sender.until('the echo', ({ event }) => event === 'received', { since: mark });
  });
});
