import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../runtime/index.ts';
import { testSystem } from '../testkit/test-system.ts';
import { actor } from './actor.ts';
import { HashRing, stableHash } from './internal/hash-ring.ts';
import type { ActorRef } from './ref.ts';
import { group, pool } from './router.ts';
import { createRouting, type RoutingStrategy } from './routing.ts';

type Work = { readonly type: 'work'; readonly key: string } | { readonly type: 'fail' | 'all' };

/** Actors that write down who got what. */
function workers() {
  const seen: [string, string][] = [];
  const definition = actor<Work>(
    (context) => ({
      onMessage(message) {
        if (message.type === 'fail') throw new Error('broken');
        seen.push([context.self.name, message.type === 'work' ? message.key : message.type]);
      },
    }),
    { supervision: 'stop' },
  );
  return { seen, definition };
}

function tally(counts: Uint32Array, index = -1): void {
  counts[index] = (counts[index] ?? 0) + 1;
}

const work = (key: string): Work => ({ type: 'work', key });

describe('a pool', () => {
  it('hands messages to its routees in turn', () => {
    const { system, tellAll } = testSystem();
    const { seen, definition } = workers();
    const ref = system.spawn(pool(definition, { size: 3 }), 'pool');
    tellAll(ref, ...['a', 'b', 'c', 'd'].map(work));
    const of = (routee: string): string[] =>
      seen.filter(([name]) => name === routee).map(([, key]) => key);
    expect([of('routee-1'), of('routee-2'), of('routee-3')]).toEqual([['a', 'd'], ['b'], ['c']]);
  });

  it('keeps the sender of the message', async () => {
    const { system, time } = testSystem();
    const echo = actor<string>((context) => ({
      onMessage: (message) => (context.sender as ActorRef<string> | undefined)?.tell(message),
    }));
    const ref = system.spawn(pool(echo, { size: 2 }));
    const reply = ref.ask<string>(() => 'hello');
    time.settle();
    expect(await reply).toBe('hello');
  });

  it('lives on when routees end, and replaces them after a while', () => {
    const { system, time, tellAll, deadLetters } = testSystem();
    const { seen, definition } = workers();
    const ref = system.spawn(pool(definition, { size: 2, replaceAfter: '1s' }));
    tellAll(ref, { type: 'fail' });
    tellAll(ref, work('a'), work('b'));
    expect(seen.map(([name]) => name)).toEqual(['routee-2', 'routee-2']);
    tellAll(ref, { type: 'fail' });
    tellAll(ref, work('c'));
    expect(deadLetters).toMatchObject([{ reason: 'noRoutee', recipient: ref.path }]);
    time.advance(1000);
    tellAll(ref, work('d'), work('e'));
    expect(
      seen
        .slice(2)
        .map(([name]) => name)
        .sort(),
    ).toEqual(['routee-1', 'routee-2']);
  });

  it('leads equal keys to the same routee', () => {
    const { system, tellAll } = testSystem();
    const { seen, definition } = workers();
    const strategy: RoutingStrategy<Work> = {
      consistentHash: (message) => (message.type === 'work' ? message.key : ''),
    };
    const ref = system.spawn(pool(definition, { size: 4, strategy }));
    const keys = Array.from({ length: 40 }, (_, i) => `key ${i % 10}`);
    tellAll(ref, ...keys.map(work));
    const routees = new Map(seen.map(([name, key]) => [key, name]));
    expect(seen.every(([name, key]) => routees.get(key) === name)).toBe(true);
    expect(new Set(routees.values()).size).toBeGreaterThan(1);
  });

  it('tells all routees what is to be told to all', () => {
    const { system, tellAll } = testSystem();
    const { seen, definition } = workers();
    const broadcast = ({ type }: Work): boolean => type === 'all';
    tellAll(system.spawn(pool(definition, { size: 3, broadcast })), { type: 'all' }, work('a'));
    expect(seen).toHaveLength(4);
  });

  it('of no size is refused', () => {
    const { definition } = workers();
    expect(() => pool(definition, { size: 0 })).toThrow(
      expect.objectContaining({ code: 'ACTOR_OPTION_INVALID' }),
    );
  });
});

describe('a group', () => {
  it('hands messages to actors that live elsewhere, and leaves out those that have ended', () => {
    const { system, time, tellAll } = testSystem();
    const { seen, definition } = workers();
    const routees = ['a', 'b'].map((name) => system.spawn(definition, name));
    const ref = system.spawn(group({ routees }));
    tellAll(ref, work('1'), work('2'));
    system.stop(routees[0] as ActorRef<Work>);
    time.settle();
    tellAll(ref, work('3'), work('4'));
    expect(seen.map(([name]) => name)).toEqual(['a', 'b', 'b', 'b']);
  });

  it('leaves an ended one out even if its path has changed, as it does when remoting starts', () => {
    const { system, time, tellAll } = testSystem();
    const { seen, definition } = workers();
    const routees = ['a', 'b'].map((name) => system.spawn(definition, name));
    const ref = system.spawn(group({ routees }));
    time.settle();
    system.setRefProvider({
      address: { protocol: 'pekko', system: 'test', host: '127.0.0.1', port: 25520 },
      remoteRef: () => ref as ActorRef<unknown>,
    });
    system.stop(routees[0] as ActorRef<Work>);
    time.settle();
    tellAll(ref, work('1'), work('2'));
    expect(seen.map(([name]) => name)).toEqual(['b', 'b']);
  });
});

describe('a function that chooses routees', () => {
  const broken = (): never => {
    throw new Error('no key in there');
  };

  it.each([
    ['key', { strategy: { consistentHash: broken } }],
    ['promise of a key', { strategy: { consistentHash: async () => broken() } as never }],
    ['broadcast', { broadcast: broken }],
    ['promise of a broadcast', { broadcast: (async () => broken()) as never }],
  ])('and fails (%s) costs the message only; the routees live on', async (_, options) => {
    const { system, time, tellAll, deadLetters } = testSystem();
    let setups = 0;
    const routee = actor<string>(() => {
      setups++;
      return { onMessage: () => undefined };
    });
    const ref = system.spawn(pool(routee, { size: 3, ...options }));
    tellAll(ref, ...Array.from({ length: 20 }, (_, i) => `message ${i}`));
    time.advance(60_000);
    await Promise.resolve();
    expect([setups, ref.isStopped]).toEqual([3, false]);
    expect(deadLetters).toHaveLength(20);
    expect(deadLetters[0]).toMatchObject({ reason: 'noRoutee', message: 'message 0' });
    expect(deadLetters[0]?.cause).toBeInstanceOf(Error);
  });

  it('and fails tells the asker why', async () => {
    const { system, time } = testSystem();
    const routee = actor<string>(() => ({ onMessage: () => undefined }));
    const ref = system.spawn(pool(routee, { size: 1, strategy: { consistentHash: broken } }));
    const asked = ref.ask<string>(() => 'hi');
    time.settle();
    await expect(asked).rejects.toMatchObject({
      code: 'ASK_UNDELIVERABLE',
      message: expect.stringContaining('no key in there'),
    });
  });
});

describe('options of a router', () => {
  const routee = actor<string>(() => ({ onMessage: () => undefined }));

  const numbers = [0, -1, Number.NaN, 1.5, true, 1e9];
  it.each([
    { strategy: 'nope' },
    { strategy: { consistentHash: 3 } },
    ...numbers.map((virtualNodes) => ({ strategy: { consistentHash: String, virtualNodes } })),
  ])('are refused when they are made: %j', (options) => {
    const code = 'ACTOR_OPTION_INVALID';
    expect(() => pool(routee, { size: 1, ...(options as object) })).toThrow(
      expect.objectContaining({ code }),
    );
    expect(() => group({ routees: [], ...(options as object) })).toThrow(
      expect.objectContaining({ code }),
    );
  });

  it.each(['x', undefined, {}, ['x'], [undefined]])('are refused as routees: %j', (routees) => {
    expect(() => group({ routees: routees as never })).toThrow(
      expect.objectContaining({ code: 'ACTOR_ARGUMENT_INVALID' }),
    );
  });

  it('are refused as a definition', () => {
    expect(() => pool((() => ({})) as never, { size: 1 })).toThrow(
      expect.objectContaining({ code: 'ACTOR_ARGUMENT_INVALID' }),
    );
  });
});

describe('routing', () => {
  it('by chance is fair in the long run', () => {
    const routing = createRouting<string, number>('random', seededRandom(7));
    for (let i = 0; i < 4; i++) routing.add(`r${i}`, i);
    const counts = new Uint32Array(4);
    for (let i = 0; i < 4000; i++) tally(counts, routing.pick(''));
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it('picks nobody where there is nobody', () => {
    const strategies: RoutingStrategy<string>[] = [
      'roundRobin',
      'random',
      { consistentHash: (m) => m },
    ];
    for (const strategy of strategies) {
      const routing = createRouting<string, string>(strategy, seededRandom(1));
      expect(routing.pick('a')).toBeUndefined();
      routing.add('r', 'r');
      expect(routing.pick('a')).toBe('r');
      routing.remove('r');
      expect([routing.pick('a'), routing.size]).toEqual([undefined, 0]);
    }
  });

  it('by key moves only the keys of a node that comes or goes, whatever the order of arrival', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), { minLength: 2, maxLength: 8 }),
        fc.integer({ min: 0, max: 7 }),
        (names, pick) => {
          const keys = Array.from({ length: 200 }, (_, i) => `key-${i}`);
          const ring = new HashRing<string>(32);
          for (const name of names) ring.add(name, name);
          const backwards = new HashRing<string>(32);
          for (const name of names.slice().reverse()) backwards.add(name, name);
          const before = keys.map((key) => ring.find(key));
          expect(keys.map((key) => backwards.find(key))).toEqual(before);
          const gone = names[pick % names.length] as string;
          ring.remove(gone);
          for (const [i, key] of keys.entries()) {
            if (before[i] !== gone) expect(ring.find(key)).toBe(before[i]);
          }
          ring.add(gone, gone);
          expect(keys.map((key) => ring.find(key))).toEqual(before);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('by key gives what a ring made in one go gives, after any changes and look-ups between', () => {
    const name = fc.integer({ min: 0, max: 9 }).map((n) => `node-${n}`);
    const change = fc.record({ name, comes: fc.boolean(), looksUp: fc.boolean() });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        const ring = new HashRing<string>(16);
        const present = new Map<string, string>();
        for (const [i, { name, comes, looksUp }] of changes.entries()) {
          const value = `${name} of change ${i}`;
          if (comes) ring.add(name, value);
          else ring.remove(name);
          if (comes) present.set(name, value);
          else present.delete(name);
          if (looksUp) ring.find('key');
        }
        const fresh = new HashRing<string>(16);
        for (const [name, value] of present) fresh.add(name, value);
        const keys = Array.from({ length: 100 }, (_, i) => `key-${i}`);
        expect(keys.map((key) => ring.find(key))).toEqual(keys.map((key) => fresh.find(key)));
        expect(ring.size).toBe(present.size);
      }),
    );
  });

  it('by key takes thousands of nodes that come and go at once', () => {
    // A ring put in order with each of them would take minutes.
    const ring = new HashRing<number>(64);
    for (let i = 0; i < 4000; i++) ring.add(`node-${i}`, i);
    expect(ring.find('key')).toBeTypeOf('number');
    for (let i = 1; i < 4000; i++) ring.remove(`node-${i}`);
    expect(ring.find('key')).toBe(0);
  });

  it('by key spreads keys over the nodes', () => {
    const ring = new HashRing<number>(64);
    for (let i = 0; i < 5; i++) ring.add(`pekko://sys@10.0.0.${i}:25520/user/worker`, i);
    const counts = new Uint32Array(5);
    for (let i = 0; i < 10_000; i++) tally(counts, ring.find(`order-${i}`));
    for (const count of counts) {
      expect(count).toBeGreaterThan(1000);
      expect(count).toBeLessThan(3200);
    }
  });

  it('hashes to the same value on every machine and in every version', () => {
    expect([stableHash(''), stableHash('a'), stableHash('parvi'), stableHash('\u{1f426}')]).toEqual(
      [2872998923, 2448022055, 2034743540, 281583433],
    );
  });
});
