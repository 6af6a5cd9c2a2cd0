// Joining: clusters of five of both kinds, either kind first; what each side reports, and what is refused.

import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { agree, hostOf, isUp, memberEventsOf, membersAre, sees } from './harness/expectations.ts';
import { type Kind, type NodeOptions, Nodes, patient } from './harness/nodes.ts';
import { buildPeer } from './harness/peer-build.ts';

beforeAll(() => buildPeer());
let nodes = new Nodes();
afterEach(async () => {
  await nodes.stop();
  nodes = new Nodes();
});

const mixes: readonly (readonly Kind[])[] = [
  ['parvi', 'pekko', 'parvi', 'pekko', 'parvi'],
  ['pekko', 'parvi', 'pekko', 'parvi', 'pekko'],
];

describe.each(mixes)('a cluster of %s, %s, %s, %s, %s', (...kinds) => {
  it('reports the same members, roles, versions, leader and oldest everywhere', async () => {
    const all = await nodes.cluster(kinds, (index) => ({
      roles: [index % 2 === 0 ? 'even' : 'odd', `r${index}`],
      appVersion: `1.${index}.0`,
    }));
    const state = await agree(all, membersAre(all));
    const [first] = all;
    expect(state.leader).toBe(first?.address);
    expect(state.oldest).toBe(first?.address);
    expect(state.members.map(({ appVersion }) => appVersion)).toEqual(
      all.map((_, index) => `1.${index}.0`),
    );
    expect(state.members.map(({ roles }) => roles)).toEqual(
      all.map((_, index) => ['dc-default', index % 2 === 0 ? 'even' : 'odd', `r${index}`]),
    );
  });

  it('tells the events of a member that comes and goes in the same order on both kinds', async () => {
    const all = await nodes.cluster(kinds.slice(0, 3), () => patient);
    const marks = all.map((node) => node.lines.length);
    const guestHost = nodes.nextHost();
    const seeds = all.map(({ address }) => address);
    const guest = await nodes.start(kinds[1] ?? 'pekko', guestHost, { seeds, ...patient });
    await Promise.all(all.map((node) => isUp(node, guest.address)));
    await guest.do('leave');
    await Promise.all(all.map((node) => sees(node, 'MemberRemoved', guest.address)));
    expect(await guest.exited).toBe(0);
    // The leader takes each step when all have seen the one before, so nobody misses any.
    const steps = ['MemberJoined', 'MemberUp', 'MemberLeft', 'MemberExited', 'MemberRemoved'];
    for (const [index, node] of all.entries()) {
      const events = memberEventsOf(node, marks[index]);
      expect(events).toEqual(steps.map((name) => `${name} ${guestHost}`));
    }
    expect(all.flatMap((node) => node.logLines(['ERROR']))).toEqual([]);
  });

  it('leads from the lowest address, whatever its kind, and grows old in the order of joining', async () => {
    const hosts = kinds.slice(0, 3).map(() => nodes.nextHost());
    const [lowest = '', middle = '', highest = ''] = hosts;
    const order = [highest, middle, lowest];
    const seeds = [nodes.address(highest)];
    const started = [];
    for (const [index, host] of order.entries()) {
      const node = await nodes.start(kinds[index] ?? 'parvi', host, { seeds });
      await isUp(node, node.address);
      started.push(node);
    }
    const state = await agree(started, membersAre(started));
    expect(hostOf(state.leader ?? '')).toBe(lowest);
    expect(hostOf(state.oldest ?? '')).toBe(highest);
    await started[0]?.do('leave');
    const rest = started.slice(1);
    const later = await agree(rest, membersAre(rest));
    expect(hostOf(later.oldest ?? '')).toBe(middle);
    expect(later.leader).toBe(state.leader);
  });
});

const differing: readonly (readonly [string, NodeOptions])[] = [
  [
    'downing provider',
    {
      settings: { 'pekko.cluster.downing-provider-class': '' },
      parvi: { cluster: { splitBrain: 'off' } },
    },
  ],
  [
    'split-brain strategy',
    {
      settings: { 'pekko.cluster.split-brain-resolver.active-strategy': 'keep-oldest' },
      parvi: { cluster: { splitBrain: { strategy: 'keep-oldest', stableAfter: '3s' } } },
    },
  ],
];

describe('the check of the configuration', () => {
  describe.each([
    ['parvi', 'pekko'],
    ['pekko', 'parvi'],
  ] as const)('of a %s node and a %s node that wants to join', (a, b) => {
    it.each(differing)('refuses another %s', async (_, options) => {
      const [first] = await nodes.cluster([a]);
      if (first === undefined) throw new Error('no node');
      const guest = await nodes.start(b, nodes.nextHost(), { seeds: [first.address], ...options });
      await guest.exited;
      expect((await first.state()).members).toHaveLength(1);
      const said = guest.logLines(['ERROR', 'WARN']).join('\n') + guest.errorText;
      expect(said).toMatch(/incompatible|configuration/i);
    });

    it('passes what need not be alike, and everything where it is not enforced', async () => {
      const [first] = await nodes.cluster([a], () => ({
        settings: { 'pekko.cluster.split-brain-resolver.stable-after': '4s' },
        parvi: { cluster: { splitBrain: { stableAfter: '4s' } } },
      }));
      if (first === undefined) throw new Error('no node');
      const seeds = [first.address];
      const second = await nodes.start(b, nodes.nextHost(), { seeds });
      await agree([first, second], membersAre([first, second]));
      const third = await nodes.start(b, nodes.nextHost(), {
        seeds,
        settings: {
          'pekko.cluster.split-brain-resolver.active-strategy': 'keep-oldest',
          'pekko.cluster.configuration-compatibility-check.enforce-on-join': 'off',
        },
        parvi: {
          cluster: {
            splitBrain: { strategy: 'keep-oldest', stableAfter: '3s' },
            enforceJoinConfig: false,
          },
        },
      });
      await agree([first, second, third], membersAre([first, second, third]));
    });
  });
});
