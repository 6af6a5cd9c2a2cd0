// Messages both ways: values of every kind, classes with refs, sizes up to the limits, order, and what cannot be read.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectionsTo } from './harness/connections.ts';
import { agree, membersAre } from './harness/expectations.ts';
import { figure } from './harness/figures.ts';
import type { Line, NodeProcess } from './harness/node-process.ts';
import { Nodes } from './harness/nodes.ts';
import { buildPeer } from './harness/peer-build.ts';
import type { Value } from './harness/values.ts';

beforeAll(() => buildPeer());

const limitOfFrame = 262_144;
const limitOfLargeFrame = 2_097_152;
/** Around the lengths at which a field of a frame gets longer, and up to the limit. */
const sizes = [1, 2, 127, 128, 255, 256, 1023, 16_383, 16_384, 65_535, 65_536, 131_072, 200_000];
/** For the header with its paths. */
const headerBytesMax = 400;

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

  it('texts and bytes of every size from 1 B to the limit of the frame come back', async () => {
    const longest = limitOfFrame - headerBytesMax;
    for (const size of [...sizes, longest]) {
      const text: Value = size > 1000 ? { textOf: size } : { text: 'x'.repeat(size) };
      expect((await asked(text)).value).toEqual(text);
      const bytes: Value = { bytes: Buffer.alloc(size, 7).toString('base64') };
      expect((await asked(bytes)).value).toEqual(bytes);
    }
    figure('sizes', `${from} to ${to} and back 1 to ${longest} B`);
  });

  it('messages up to the limit of large frames take the large stream', async () => {
    const longest = limitOfLargeFrame - headerBytesMax;
    for (const size of [300_000, 1_900_000, longest]) {
      expect((await asked({ textOf: size }, 'large')).value).toEqual({ int: size });
    }
    figure('sizes', `${from} to ${to} by the large stream ${longest} B`);
  });

  /** Does it, and then the same connections are there as before. */
  async function staysConnected(harm: () => Promise<unknown>): Promise<void> {
    const both = () => [sender, receiver].flatMap(({ host }) => connectionsTo(host));
    await asked({ text: 'before' });
    const before = both();
    expect(before.length).toBeGreaterThanOrEqual(4);
    await harm();
    expect((await asked({ text: 'still here' })).value).toEqual({ text: 'still here' });
    expect(both()).toEqual(expect.arrayContaining(before));
  }

  it('a message beyond the frame becomes a dead letter, and the connection stays', async () => {
    const mark = sender.lines.length;
    const value: Value = { textOf: limitOfFrame + 10 };
    await staysConnected(async () => {
      await sender.do('tell', { to: receiver.path('echo'), value });
      await sender.until(
        'the dead letter',
        ({ event, recipient = '', reason, message = '' }) =>
          (event === 'deadLetter' &&
            recipient.includes('/user/echo') &&
            reason === 'messageTooLarge') ||
          (event === 'log' && /oversized payload/i.test(message)),
        { since: mark },
      );
    });
  });

  it.each([
    ['of an unknown class', { foreign: true }],
    ['of an unknown serializer', { odd: true }],
  ] as const)(
    'a message %s is refused with its reason, and the connection stays',
    async (_, value) => {
      const mark = receiver.lines.length;
      await staysConnected(async () => {
        await sender.do('tell', { to: receiver.path('echo'), value });
        await receiver.until(
          'the refusal',
          ({ event, reason, message = '' }) =>
            (event === 'deadLetter' && reason === 'notDeserializable') ||
            (event === 'log' &&
              /failed to deserialize|cannot find serializer|unknown serializer/i.test(message)),
          { since: mark },
        );
      });
    },
  );

  it('a message to nobody is a dead letter over there, and the connection stays', async () => {
    const mark = receiver.lines.length;
    await staysConnected(async () => {
      await sender.do('tell', { to: receiver.path('nobody'), value: { text: 'hello?' } });
      const letter = await receiver.until(
        'the dead letter',
        ({ event, recipient = '' }) => event === 'deadLetter' && recipient.includes('/user/nobody'),
        { since: mark },
      );
      if (to === 'parvi') expect(letter.reason).toBe('recipientNotFound');
    });
  });

  it('a million messages come in order, none is lost', async () => {
    await receiver.do('spawn', { name: 'sink', kind: 'sink' });
    const startMs = performance.now();
    await sender.do('flood', { to: receiver.path('sink'), count: 1_000_000 });
    const seconds = (performance.now() - startMs) / 1000;
    const { received, inOrder } = await receiver.do('count', { name: 'sink' });
    expect({ received, inOrder }).toEqual({ received: 1_000_000, inOrder: true });
    const perSecond = Math.round(1_000_000 / seconds).toLocaleString('en');
    figure('messages in order', `${from} to ${to} ${received} at ${perSecond}/s`);
  });

  it('Identify and selections reach actors by path and by wildcard', async () => {
    const found = await sender.do('identify', { to: `${receiver.address}/user/ech*` });
    expect(found.ref).toContain(`${receiver.address}/user/echo#`);
    expect(
      (await sender.try('identify', { to: receiver.path('nobody'), timeoutMs: 3000 })).error,
    ).toMatch(/SELECTION_NOT_FOUND|ActorNotFound|Cannot find an actor/);
    for (const name of ['flock-1', 'flock-2']) await receiver.do('spawn', { name });
    await receiver.do('spawn', { name: 'fold', kind: 'fragile' });
    // Pekko reads the address of a selection as a URI, whose path ends at a question mark.
    const single = [
      ['flock-?', 2],
      ['fol?/chi*', 1],
    ] as const;
    for (const [pattern, count] of [
      ['*cho', 1],
      ['f*-*', 2],
      ['fo*d/chi*', 1],
      ['fold/../flock-*', 2],
      ...(from === 'parvi' ? single : []),
    ] as const) {
      const mark = sender.lines.length;
      const value: Value = { text: pattern };
      await sender.do('select', { to: `${receiver.address}/user/${pattern}`, value });
      const answers = () =>
        sender.lines.slice(mark).filter(({ event, value: answer }) => {
          return event === 'received' && JSON.stringify(answer) === JSON.stringify(value);
        });
      const isAnswered = () => answers().length >= count;
      await sender.until(`${count} answers to ${pattern}`, isAnswered, { since: mark });
      // What was asked after them is answered after them, so there are no more.
      await asked({ text: 'all?' });
      expect(answers(), pattern).toHaveLength(count);
    }
  });
});
