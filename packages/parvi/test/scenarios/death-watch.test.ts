// Watching actors of other members: who tells of their end, and when (Pekko `ClusterDeathWatchSpec` and its kin).

import { describe, expect, it } from 'vitest';
import { farRef, listener, pinger, speakerAndKeeper, type TestNode } from '../remoting/nodes.ts';
import { membersOf, unreachableOf, wholeNodes } from './whole-nodes.ts';

const nodes = wholeNodes();

/** An actor of `there` that one of `here` watches. */
function watch(here: TestNode, there: TestNode, name: string) {
  const subject = there.system.spawn(pinger, name);
  const far = farRef(here, subject);
  return { subject, far, ...listener(here.system, `watcher-of-${name}`, [far]) };
}

/** Frames on the control streams of that node so far: heartbeats show there. */
function controlFrames(node: TestNode, to: string): number {
  const view = node.remoting.associations().find((each) => each.address.host === to);
  return view?.streams.find((stream) => stream.name === 'control')?.framesSent ?? 0;
}

describe('a watched actor of another member', () => {
  it('is reported once when its node is downed and removed, and other ends are not', async () => {
    const whole = nodes({ cluster: { splitBrain: 'off' } });
    const [a, b, c, d] = await whole.form('abcd');
    const onB = watch(a, b, 'on-b');
    const onC = watch(a, c, 'on-c');
    await whole.run(1);
    whole.cut('b', 'acd');
    await whole.until(() => unreachableOf(d) === 'b', 15);
    d.cluster.down('b:2550');
    await whole.until(() => onB.heard.terminated.length === 1, 15);
    await whole.run(2);
    expect([onB.heard.terminated.length, onC.heard.terminated.length]).toEqual([1, 0]);
    whole.cut('c', 'ad');
    await whole.until(() => unreachableOf(a) === 'c', 15);
    a.cluster.down('c:2550');
    await whole.until(() => onC.heard.terminated.length === 1, 15);
    await whole.run(20);
    expect([onB.heard.terminated.length, onC.heard.terminated.length]).toEqual([1, 1]);
    expect([membersOf(a), membersOf(d)]).toEqual(['a:Up d:Up', 'a:Up d:Up']);
  });

  it('is reported although its node was removed before the watch', async () => {
    const whole = nodes({ cluster: { splitBrain: 'off' } });
    const [a, b] = await whole.form('ab');
    const subject = b.system.spawn(pinger, 'late');
    const far = farRef(a, subject);
    far.tell({ type: 'ping', n: 1, replyTo: far as never });
    whole.cut('b', 'a');
    await whole.until(() => unreachableOf(a) === 'b', 15);
    a.cluster.down('b:2550');
    await whole.until(() => membersOf(a) === 'a:Up', 15);
    await whole.run(5);
    const { heard } = listener(a.system, 'watcher', [far]);
    await whole.until(() => heard.terminated.length === 1, 0.2);
  });

  it('is reported when its system restarts on the same address after a leave', async () => {
    const whole = nodes();
    const [a, b] = await whole.form('ab');
    const first = watch(a, b, 'first');
    await whole.run(1);
    b.system.terminate().catch(() => undefined);
    await whole.until(() => b.system.isTerminated && membersOf(a) === 'a:Up', 30);
    expect(first.heard.terminated.length).toBe(1);
    const again = await whole.start('b');
    await whole.until(() => membersOf(a) === 'a:Up b:Up', 20);
    const second = watch(a, again, 'second');
    await whole.run(1);
    again.system.stop(second.subject);
    await whole.until(() => second.heard.terminated.length === 1, 5);
    expect(a.remoting.associations().map((each) => each.unacknowledgedSystemMessages)).toEqual([0]);
  });

  it('is reported for watches that were set up while its node could not be reached', async () => {
    const whole = nodes({ cluster: { splitBrain: 'off' } });
    const [a, b, c] = await whole.form('abc');
    const [onA, onB] = [a.system.spawn(pinger, 'echo'), b.system.spawn(pinger, 'echo')];
    whole.cut('a', 'b');
    const heard = [
      listener(a.system, 'watcher', [farRef(a, onB)]).heard,
      listener(c.system, 'watcher', [farRef(c, onB)]).heard,
      listener(b.system, 'watcher', [farRef(b, onA)]).heard,
    ];
    await whole.run(10);
    whole.heal();
    await whole.run(1);
    a.system.stop(onA);
    b.system.stop(onB);
    await whole.until(() => heard.every(({ terminated }) => terminated.length === 1), 10);
  });

  it.each(['stop', 'shutdown', 'leave'] as const)(
    'is reported after all that it sent before its end by %s',
    async (how) => {
      const whole = nodes();
      const [a, b] = await whole.form('ab');
      const { speaker, keeper, order } = speakerAndKeeper(b, a);
      await whole.run(2);
      speaker.tell({ type: 'go', to: farRef(b, keeper) });
      await whole.run(0);
      if (how === 'stop') b.system.stop(speaker);
      else if (how === 'leave') b.cluster.leave();
      else b.system.terminate().catch(() => undefined);
      await whole.until(() => order.includes('end'), 20);
      expect(order).toEqual([0, 1, 2, 3, 4, 'end']);
    },
  );
});

describe('a watched actor outside the cluster', () => {
  it('is watched over by heartbeats of its own until its node is a member', async () => {
    const whole = nodes();
    const a = await whole.start('a');
    const e = await whole.start('e', { seedNodes: [] });
    await whole.run(8);
    const { heard } = watch(a, e, 'on-e');
    await whole.run(5);
    const before = controlFrames(a, 'e');
    await whole.run(10);
    const heartbeats = controlFrames(a, 'e') - before;
    expect(heartbeats).toBeGreaterThanOrEqual(9);
    e.cluster.join('a:2550');
    await whole.until(() => membersOf(a) === 'a:Up e:Up', 15);
    e.cluster.leave();
    await whole.until(() => heard.terminated.length === 1, 30);
  });

  it('is reported across the border between a cluster and a node without one, either way', async () => {
    const whole = nodes();
    const a = await whole.start('a');
    const p = await whole.plain('p');
    await whole.run(3);
    const there = watch(a, p, 'there');
    const here = watch(p, a, 'here');
    await whole.run(2);
    p.system.stop(there.subject);
    a.system.stop(here.subject);
    await whole.until(() => there.heard.terminated.length + here.heard.terminated.length === 2, 5);
  });
});
