import { describe, expect, it } from 'vitest';
import { MemoryNetwork } from '../../src/remote/index.ts';
import { seededRandom } from '../../src/runtime/index.ts';
import { ManualTime } from '../../src/testkit/manual-time.ts';
import { transportConformance } from './transport-conformance.ts';

function network(seed = 1) {
  const time = new ManualTime();
  return { time, net: new MemoryNetwork({ runtime: time.runtime(), random: seededRandom(seed) }) };
}

transportConformance('the memory transport', () => {
  const { time, net } = network();
  return {
    transport: net.transport('alpha'),
    host: 'alpha',
    until: async (condition) => {
      for (let i = 0; i < 50 && !condition(); i++) await time.advanceAsync(100);
      expect(condition()).toBe(true);
    },
  };
});

async function linked(seed = 1) {
  const { time, net } = network(seed);
  const got: string[] = [];
  const ends: unknown[] = [];
  await net.transport('b').listen({
    host: 'b',
    port: 1,
    onLink: () => ({
      onData: (chunk) => {
        got.push(`${time.clock.nowMs()} ${Buffer.from(chunk).toString()}`);
      },
      onClose: (error) => {
        ends.push(error?.message);
      },
    }),
  });
  const events: string[] = [];
  const dial = () =>
    net.transport('a').dial(
      { host: 'b', port: 1, timeoutMs: 500 },
      {
        onOpen: () => events.push('open'),
        onDrain: () => events.push('drain'),
        onClose: (error) => events.push(`close ${error?.message}`),
      },
    );
  return { time, net, got, ends, events, dial };
}

describe('faults of the memory network', () => {
  it('delays each write within the bounds, keeps the order, and repeats itself for the same seed', async () => {
    const run = async (seed: number) => {
      const { time, net, got, dial } = await linked(seed);
      net.delay({ min: 10, max: 50 });
      const link = dial();
      time.advance(60);
      for (const text of ['a', 'b', 'c']) link.write(Buffer.from(text));
      time.advance(1000);
      return got;
    };
    const first = await run(7);
    expect(first.map((line) => line.split(' ')[1])).toEqual(['a', 'b', 'c']);
    expect(await run(7)).toEqual(first);
    expect(await run(8)).not.toEqual(first);
  });

  it('holds bytes of a cut direction and lets them go when healed', async () => {
    const { time, net, got, dial } = await linked();
    const link = dial();
    time.settle();
    net.cut('a', 'b');
    link.write(Buffer.from('held'));
    time.advance(5000);
    expect(got).toEqual([]);
    net.heal();
    time.settle();
    expect(got).toEqual(['5000 held']);
  });

  it('lets a dial across a cut time out', async () => {
    const { time, net, events, dial } = await linked();
    net.cut('b', 'a');
    dial();
    time.advance(499);
    expect(events).toEqual([]);
    time.advance(1);
    expect(events).toEqual(['close connection timed out']);
  });

  it('loses what is under way when links break, and tells both sides', async () => {
    const { time, net, got, ends, events, dial } = await linked();
    net.delay({ min: 10, max: 10 });
    const link = dial();
    time.advance(10);
    link.write(Buffer.from('lost'));
    expect(net.breakLinks('b', 'a')).toBe(1);
    time.advance(100);
    expect(got).toEqual([]);
    expect(events).toEqual(['open', 'close connection reset']);
    expect(ends).toEqual(['connection reset']);
    expect(net.linkCount).toBe(0);
  });
});
