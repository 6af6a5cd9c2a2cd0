// Quarantine in a cluster: what it means for members, who believes it of himself, and who does not.

import { describe, expect, it } from 'vitest';
import { farRef, listener, pinger, watched } from '../remoting/nodes.ts';
import { membersOf, unreachableOf, type WholeNode, wholeNodes } from './whole-nodes.ts';

const nodes = wholeNodes();

function findPinger(from: WholeNode, host: string): void {
  from.system
    .select(`pekko://sys@${host}:2550/user/pinger`)
    .resolveOne()
    .catch(() => undefined);
}

describe('a member that acknowledges no system messages', () => {
  it('is quarantined when too many wait, stays a member that is Up, and goes when it is downed', async () => {
    const whole = nodes({
      cluster: { splitBrain: 'off' },
      remoting: { limits: { systemMessagesMax: 100 } },
    });
    const [a, b, c] = await whole.form('abc');
    const statuses: string[] = [];
    c.cluster.subscribe(['ReachabilityChanged'], (event) => {
      if (event.type !== 'ReachabilityChanged') return;
      const row = event.reachability.rows.find((each) => each.observer === c.cluster.self.key);
      statuses.push(row?.status ?? 'none');
    });
    whole.cut('b', 'ac');
    for (let i = 0; i < 101; i++) watched(c, b, `subject-${i}`);
    await whole.run(2);
    const marks = c.remoting.associations().find((each) => each.address.host === 'b');
    expect(marks?.quarantined).toMatchObject({ harmless: false });
    expect(statuses).toEqual(['Terminated']);
    await whole.until(() => unreachableOf(a) === 'b' && unreachableOf(c) === 'b', 15);
    expect([membersOf(a), membersOf(c)]).toEqual(['a:Up b:Up c:Up', 'a:Up b:Up c:Up']);
    expect(statuses.at(-1)).toBe('Terminated');
    a.cluster.down('b:2550');
    await whole.until(() => membersOf(a) === 'a:Up c:Up' && membersOf(c) === 'a:Up c:Up', 30);
    expect([unreachableOf(a), unreachableOf(c)]).toEqual(['', '']);
    whole.heal();
    const { ref, heard } = listener(c.system, 'listener');
    farRef(a, ref).tell('after');
    await whole.run(1);
    expect(heard.messages).toEqual(['after']);
  });
});

describe('a notice of quarantine', () => {
  it('from a node that is no member any more ends nobody', async () => {
    const whole = nodes({ cluster: { splitBrain: { stableAfter: '5m' } } });
    const four = await whole.form('abcd');
    const [a, b, c, d] = four;
    for (const node of four) node.system.spawn(pinger, 'pinger');
    whole.cut('ab', 'cd');
    await whole.until(() => unreachableOf(a) === 'cd' && unreachableOf(c) === 'ab', 15);
    for (const host of 'cd') a.cluster.down(`${host}:2550`);
    for (const host of 'ab') c.cluster.down(`${host}:2550`);
    await whole.until(() => membersOf(a) === 'a:Up b:Up' && membersOf(c) === 'c:Up d:Up', 15);
    whole.heal();
    for (let round = 0; round < 2; round++) {
      for (const node of [a, b]) for (const host of 'cd') findPinger(node, host);
      for (const node of [c, d]) for (const host of 'ab') findPinger(node, host);
      await whole.run(5);
    }
    expect(four.map((node) => node.cluster.isTerminated)).toEqual([false, false, false, false]);
    const told = four.map((node) => node.events.some((e) => e.type === 'thisSystemQuarantined'));
    expect(told).toEqual([true, true, true, true]);
    expect(four.map(membersOf)).toEqual(['a:Up b:Up', 'a:Up b:Up', 'c:Up d:Up', 'c:Up d:Up']);
  });

  it('from a member ends the node that it is for, once that node says more than heartbeats', async () => {
    const whole = nodes({ cluster: { splitBrain: { stableAfter: '5s' } } });
    const a = await whole.start('a');
    const b = await whole.start('b', {
      splitBrain: { stableAfter: '5m', downAllWhenUnstable: 'off' },
      failureDetector: { acceptableHeartbeatPause: '2m' },
    });
    const c = await whole.start('c');
    await whole.until(() => membersOf(a) === 'a:Up b:Up c:Up' && membersOf(b) === membersOf(a), 20);
    whole.cut('b', 'ac');
    await whole.until(() => membersOf(a) === 'a:Up c:Up', 60);
    expect(membersOf(b)).toBe('a:Up b:Up c:Up');
    whole.heal();
    for (let i = 0; i < 20; i++) for (const host of 'ac') findPinger(b, host);
    await whole.until(() => b.cluster.isTerminated, 10);
    const said = b.log.messages('warn').filter((text) => /quarantined this node\.|SBR/.test(text));
    expect(said).toEqual([
      expect.stringMatching(/Other node .* quarantined this node\./),
      expect.stringContaining('SBR took decision DownSelfQuarantinedByRemote'),
    ]);
    expect([a.cluster.isTerminated, c.cluster.isTerminated]).toEqual([false, false]);
  });

  it('is not sent to those who speak to a node that is shutting down', async () => {
    const whole = nodes();
    const [a, , c] = await whole.form('abc');
    const subject = c.system.spawn(pinger, 'pinger');
    const { ref } = listener(a.system, 'listener');
    c.system.terminate().catch(() => undefined);
    for (let i = 0; i < 25; i++) {
      farRef(a, subject).tell({ type: 'ping', n: i, replyTo: ref as never });
      await whole.run(0.2);
    }
    expect(a.events.filter((event) => event.type === 'thisSystemQuarantined')).toEqual([]);
    await whole.until(() => membersOf(a) === 'a:Up b:Up', 20);
  });
});
