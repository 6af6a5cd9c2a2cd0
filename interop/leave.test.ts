// Ways to go: leaving, shutdown, death, standing still, coming back, being downed; and partitions.

import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { agree, membersAre, sees } from './harness/expectations.ts';
import type { NodeProcess } from './harness/node-process.ts';
import { type Kind, Nodes } from './harness/nodes.ts';
import { buildPeer } from './harness/peer-build.ts';
import { Tap } from './harness/tap.ts';

beforeAll(() => buildPeer());
let nodes = new Nodes();
const taps: Tap[] = [];
afterEach(async () => {
  for (const tap of taps.splice(0)) tap.close();
  await nodes.stop();
  nodes = new Nodes();
});

type Three = readonly [NodeProcess, NodeProcess, NodeProcess];

async function three(kinds: readonly Kind[], stableAfter: '3s' | '30s' = '3s'): Promise<Three> {
  const all = await nodes.cluster(kinds, () => ({
    settings: { 'pekko.cluster.split-brain-resolver.stable-after': stableAfter },
    parvi: { cluster: { splitBrain: { stableAfter } } },
  }));
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
    c.signal('SIGKILL');
    await Promise.all([a, b].map((node) => sees(node, 'UnreachableMember', c.address)));
    await Promise.all([a, b].map((node) => sees(node, 'MemberRemoved', c.address)));
    await agree([a, b], membersAre([a, b]));
    const again = await nodes.start(c.kind, c.host, { seeds: [a.address] });
    expect(again.uid).not.toBe(c.uid);
    await agree([a, b, again], membersAre([a, b, again]));
    // Faster than it could be noticed: the new incarnation drives the old one out.
    again.signal('SIGKILL');
    const third = await nodes.start(c.kind, c.host, { seeds: [a.address, b.address] });
    await agree([a, b, third], membersAre([a, b, third]));
  });

  it('a member that stands still is unreachable, and reachable again when it goes on', async () => {
    const all = await three(kinds, '30s');
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
      still.signal('SIGCONT');
      await Promise.all(
        others.map((node, i) =>
          sees(node, 'ReachableMember', still.address, { since: marks[i] ?? 0 }),
        ),
      );
      await agree([a, b, c], membersAre(all));
    }
  });

  it('either kind downs a member, which then ends itself', async () => {
    const [a, b, c] = await three(kinds);
    await b.do('down', { address: c.address });
    await Promise.all([a, b].map((node) => sees(node, 'MemberRemoved', c.address)));
    await c.exited;
    await agree([a, b], membersAre([a, b]));
  });
});

describe.each([
  ['parvi', 'pekko', 'parvi', 'pekko', 'parvi'],
  ['pekko', 'parvi', 'pekko', 'parvi', 'pekko'],
] as const)('in a partition of %s, %s | %s, %s, %s', (...kinds) => {
  it('both kinds decide alike: the majority stays one cluster, the minority ends itself', async () => {
    const bindPort = 25_521;
    const hosts = kinds.map(() => nodes.nextHost());
    const seeds = hosts.slice(0, 1).map((host) => nodes.address(host));
    const all: NodeProcess[] = [];
    const tapOf = new Map<NodeProcess, Tap>();
    for (const [index, kind] of kinds.entries()) {
      const host = hosts[index] ?? '';
      const tap = await Tap.open(host, 25_520, bindPort);
      taps.push(tap);
      const node = await nodes.start(kind, host, { seeds, bindPort });
      tapOf.set(node, tap);
      all.push(node);
    }
    await agree(all, membersAre(all));
    const minority = all.slice(0, 2);
    const majority = all.slice(2);
    const uids = (side: readonly NodeProcess[]) => side.map(({ uid }) => uid);
    for (const node of minority) tapOf.get(node)?.cutOff(uids(majority));
    for (const node of majority) tapOf.get(node)?.cutOff(uids(minority));
    await Promise.all(minority.map((node) => node.exited));
    const state = await agree(majority, membersAre(majority));
    expect(state.leader).toBe(majority[0]?.address);
  });
});
