// Ways to go: leaving, shutdown, death, standing still, coming back, being downed.

import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { agree, isUp, memberEventsOf, membersAre, sees } from './harness/expectations.ts';
import type { NodeProcess, StateLine } from './harness/node-process.ts';
import { type Kind, type NodeOptions, Nodes } from './harness/nodes.ts';
import { buildPeer } from './harness/peer-build.ts';

beforeAll(() => buildPeer());
let nodes = new Nodes();
afterEach(async () => {
  await nodes.stop();
  nodes = new Nodes();
});

type Three = readonly [NodeProcess, NodeProcess, NodeProcess];

/** Decisions about who is unreachable are late enough to be waited for, or to come back before. */
const undecided = {
  settings: { 'pekko.cluster.split-brain-resolver.stable-after': '60s' },
  parvi: { cluster: { splitBrain: { stableAfter: '60s' } } },
} as const satisfies NodeOptions;

async function three(kinds: readonly Kind[], options: NodeOptions = {}): Promise<Three> {
  const all = await nodes.cluster(kinds, () => options);
  const [a, b, c] = all;
  if (a === undefined || b === undefined || c === undefined) throw new Error('three nodes needed');
  await agree(all, membersAre(all));
  return [a, b, c];
}

const wasUnreachable = (node: NodeProcess): boolean =>
  node.lines.some(({ event }) => event === 'UnreachableMember');

const mixes: readonly (readonly Kind[])[] = [
  ['parvi', 'pekko', 'parvi'],
  ['pekko', 'parvi', 'pekko'],
  ['pekko', 'parvi', 'parvi'],
  ['parvi', 'pekko', 'pekko'],
];

describe.each(mixes.slice(0, 2))('from a cluster of %s, %s, %s', (...kinds) => {
  it('members leave by themselves, by order of another, and by shutdown, and are never unreachable', async () => {
    const [a, b, c] = await three(kinds);
    const seeds = [a.address];
    await b.do('leave', { address: c.address });
    await sees(a, 'MemberRemoved', c.address);
    expect(await c.exited).toBe(0);
    const guest = await nodes.start(kinds[1] ?? 'pekko', nodes.nextHost(), { seeds });
    await agree([a, b, guest], membersAre([a, b, guest]));
    guest.signal('SIGTERM');
    await Promise.all([a, b].map((node) => sees(node, 'MemberRemoved', guest.address)));
    await guest.exited;
    const other = await nodes.start(kinds[0] ?? 'parvi', nodes.nextHost(), { seeds });
    await agree([a, b, other], membersAre([a, b, other]));
    // The leader and oldest goes.
    await a.do('shutdown');
    await Promise.all([b, other].map((node) => sees(node, 'MemberRemoved', a.address)));
    await a.exited;
    const rest = [b, other];
    const state = await agree(rest, membersAre(rest));
    expect(state.leader).toBe(b.address);
    expect([a, b, c, guest, other].filter(wasUnreachable)).toEqual([]);
    expect(rest.flatMap((node) => node.logLines(['ERROR']))).toEqual([]);
  });
});

describe.each(mixes)('in a cluster of %s, %s, %s', (...kinds) => {
  it('a killed member is unreachable, then downed and removed, and comes back at the same address', async () => {
    const [a, b, c] = await three(kinds);
    const marks = [a, b].map((node) => node.lines.length);
    c.signal('SIGKILL');
    await Promise.all([a, b].map((node) => sees(node, 'UnreachableMember', c.address)));
    await Promise.all([a, b].map((node) => sees(node, 'MemberRemoved', c.address)));
    await agree([a, b], membersAre([a, b]));
    const order = ['UnreachableMember', 'MemberDowned', 'MemberRemoved'];
    for (const [index, node] of [a, b].entries()) {
      const events = memberEventsOf(node, marks[index]).filter((event) => event.endsWith(c.host));
      expect(events).toEqual(order.map((name) => `${name} ${c.host}`));
    }
    const again = await nodes.start(c.kind, c.host, { seeds: [a.address] });
    expect(again.uid).not.toBe(c.uid);
    await agree([a, b, again], membersAre([a, b, again]));
    // Faster than it could be noticed: the new incarnation drives the old one out.
    again.signal('SIGKILL');
    const third = await nodes.start(c.kind, c.host, { seeds: [a.address, b.address] });
    await agree([a, b, third], membersAre([a, b, third]));
  });
});

describe.each(mixes.slice(0, 2))('in a cluster of %s, %s, %s too', (...kinds) => {
  it('a member that stands still is unreachable, and reachable again when it goes on', async () => {
    const all = await three(kinds, undecided);
    const [a, b, c] = all;
    for (const still of [b, c]) {
      const others = all.filter((node) => node !== still);
      const marks = others.map((node) => node.lines.length);
      still.signal('SIGSTOP');
      await Promise.all(
        others.map((node, i) =>
          sees(node, 'UnreachableMember', still.address, { since: marks[i] ?? 0 }),
        ),
      );
      const isOut = (state: StateLine) => state.unreachable.join() === still.address;
      await agree(others, isOut, { what: 'agreement on who is unreachable' });
      still.signal('SIGCONT');
      await Promise.all(
        others.map((node, i) =>
          sees(node, 'ReachableMember', still.address, { since: marks[i] ?? 0 }),
        ),
      );
      await agree([a, b, c], membersAre(all));
    }
  });

  it('who joins while a member stands still is weakly up on all of them, and up when it goes on', async () => {
    const [a, b, c] = await three(kinds, undecided);
    c.signal('SIGSTOP');
    await Promise.all([a, b].map((node) => sees(node, 'UnreachableMember', c.address)));
    const seeds = [a.address];
    const guest = await nodes.start(b.kind, nodes.nextHost(), { seeds, ...undecided });
    await Promise.all([a, b, guest].map((node) => sees(node, 'MemberWeaklyUp', guest.address)));
    c.signal('SIGCONT');
    await Promise.all([a, b, c, guest].map((node) => isUp(node, guest.address)));
    await agree([a, b, c, guest], membersAre([a, b, c, guest]));
    const events = ['MemberJoined', 'MemberWeaklyUp', 'MemberUp'].map((e) => `${e} ${guest.host}`);
    const seenBy = (node: NodeProcess): string[] =>
      memberEventsOf(node).filter((event) => event.endsWith(guest.host));
    expect(seenBy(a)).toEqual(events);
    // Who hears late of one that has joined hears of one that is weakly up.
    expect([events, events.slice(1)]).toContainEqual(seenBy(b));
  });

  it('either kind downs a member, which then ends itself', async () => {
    const [a, b, c] = await three(kinds);
    await b.do('down', { address: c.address });
    await Promise.all([a, b].map((node) => sees(node, 'MemberRemoved', c.address)));
    await c.exited;
    await agree([a, b], membersAre([a, b]));
  });
});
