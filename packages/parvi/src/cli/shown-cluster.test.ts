// What a tail shows of streams that break and begin anew.

import {
  array as arrayOf,
  asyncProperty,
  assert as check,
  constantFrom,
  nat,
  record,
} from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ShownCluster, type ShownEvent } from './shown-cluster.ts';
import type { EventView } from './views.ts';

const member = (n: number, status: string) => ({
  uniqueAddress: { address: `pekko://shop@10.0.0.${n}:25520`, longUid: String(n) },
  status,
  roles: ['ctrl'],
});
const types: Readonly<Record<string, string>> = {
  Joining: 'MemberJoined',
  Up: 'MemberUp',
  Leaving: 'MemberLeft',
  Exiting: 'MemberExited',
  Down: 'MemberDowned',
};
const is = (n: number, status: string): EventView => ({
  type: types[status] ?? '',
  member: member(n, status),
});
const removed = (n: number, previousStatus: string): EventView => ({
  type: 'MemberRemoved',
  member: member(n, 'Removed'),
  previousStatus,
});
const leader = (n: number): EventView => ({ type: 'LeaderChanged', address: `node ${n}` });

/** Shows a whole stream, as one that lasts long enough to settle. */
function stream(cluster: ShownCluster, ...events: readonly EventView[]): ShownEvent[] | undefined {
  cluster.begin();
  const shown = events.flatMap((event) => cluster.take(event));
  const rest = cluster.settle();
  return rest === undefined ? undefined : [...shown, ...rest];
}

const unmarked = (events: readonly ShownEvent[] | undefined): EventView[] | undefined =>
  events?.map(({ already: _, ...event }) => event);

const missed = (event: EventView): ShownEvent => ({ ...event, missed: true });

describe('what a tail shows', () => {
  it('is all of its first stream', () => {
    const events = [is(1, 'Up'), is(2, 'Joining'), leader(1), is(2, 'Up'), is(2, 'Up')];
    expect(unmarked(stream(new ShownCluster(), ...events))).toEqual(events);
  });

  it('is marked where it tells how things stood at first, and not where it tells what happened', () => {
    const unreachable = { type: 'UnreachableMember', member: member(2, 'Up') };
    const role = { type: 'RoleLeaderChanged', role: 'ctrl', address: 'node 1' };
    const state = [is(1, 'Up'), is(2, 'Up'), unreachable, leader(1), role];
    const marked = state.map((event) => ({ ...event, already: true }));
    for (const event of [
      is(2, 'Leaving'),
      is(3, 'Joining'),
      removed(2, 'Up'),
      leader(2),
      { type: 'ReachableMember', member: member(2, 'Up') },
      { type: 'ClusterShuttingDown' },
    ]) {
      const both = stream(new ShownCluster(), ...state, event, is(4, 'Joining'));
      expect(both).toEqual([...marked, event, is(4, 'Joining')]);
    }
    const cluster = new ShownCluster();
    stream(cluster, is(1, 'Up'));
    expect(cluster.take(is(2, 'Up'))).toEqual([is(2, 'Up')]);
  });

  it('is not marked where it comes behind what is told after it at first', () => {
    const unreachable = (n: number) => ({
      type: 'UnreachableMember',
      member: member(n, 'Up'),
    });
    const roleLeader = (role: string) => ({ type: 'RoleLeaderChanged', role, address: 'node 1' });
    const cases: readonly (readonly [state: EventView[], news: EventView[]])[] = [
      // Nobody leads those who cannot all be reached.
      [
        [is(1, 'Up'), unreachable(1)],
        [is(3, 'Joining'), unreachable(3), leader(1)],
      ],
      [
        [is(1, 'Up'), leader(1), roleLeader('ctrl')],
        [roleLeader('valeng'), is(2, 'Joining')],
      ],
      [
        [is(1, 'Up'), roleLeader('ctrl')],
        [leader(1), roleLeader('valeng')],
      ],
    ];
    for (const [state, news] of cases) {
      const marked = state.map((event) => ({ ...event, already: true }));
      expect(stream(new ShownCluster(), ...state, ...news)).toEqual([...marked, ...news]);
    }
  });

  it('is nothing of another stream that tells the same', () => {
    const cluster = new ShownCluster();
    const events: EventView[] = [
      is(1, 'Up'),
      is(2, 'Up'),
      { type: 'UnreachableMember', member: member(2, 'Up') },
      { type: 'UnreachableDataCenter', dataCenter: 'far' },
      leader(1),
      { type: 'RoleLeaderChanged', role: 'ctrl', address: 'node 1' },
    ];
    stream(cluster, ...events);
    expect(stream(cluster, ...events)).toEqual([]);
  });

  it('is what has changed between two streams, marked as missed', () => {
    const cluster = new ShownCluster();
    stream(
      cluster,
      is(1, 'Up'),
      is(2, 'Up'),
      is(3, 'Up'),
      { type: 'UnreachableMember', member: member(3, 'Up') },
      { type: 'UnreachableDataCenter', dataCenter: 'far' },
      leader(1),
      { type: 'RoleLeaderChanged', role: 'batch', address: 'node 2' },
    );
    expect(stream(cluster, is(3, 'Up'), is(4, 'Up'), leader(3))).toEqual(
      [
        is(4, 'Up'),
        removed(1, 'Up'),
        removed(2, 'Up'),
        { type: 'ReachableMember', member: member(3, 'Up') } as const,
        { type: 'ReachableDataCenter', dataCenter: 'far' } as const,
        leader(3),
        { type: 'RoleLeaderChanged', role: 'batch' } as const,
      ].map(missed),
    );
  });

  it('is what must have happened as well: who exits has left before', () => {
    const cluster = new ShownCluster();
    stream(cluster, is(1, 'Up'), is(2, 'Up'), is(3, 'Leaving'));
    const shown = stream(cluster, is(1, 'Up'), is(2, 'Exiting'), is(3, 'Exiting'));
    expect(shown).toEqual([is(2, 'Leaving'), is(2, 'Exiting'), is(3, 'Exiting')].map(missed));
  });

  it('is no step back: neither of a status, nor of a member that is gone', () => {
    const cluster = new ShownCluster();
    stream(cluster, is(1, 'Up'), is(2, 'Leaving'), is(3, 'Up'), removed(3, 'Down'));
    expect(stream(cluster, is(1, 'Up'), is(2, 'Up'), is(3, 'Down'))).toEqual([]);
  });

  it('takes a node that was started anew at the same address for another member', () => {
    const cluster = new ShownCluster();
    stream(cluster, is(1, 'Up'), is(2, 'Up'));
    const anew = {
      ...member(2, 'Up'),
      uniqueAddress: { ...member(2, '').uniqueAddress, longUid: '9' },
    };
    const shown = stream(cluster, is(1, 'Up'), { type: 'MemberUp', member: anew });
    expect(shown).toEqual(
      [removed(2, 'Up'), { type: 'MemberUp', member: anew } as const].map(missed),
    );
  });

  it('is not taken from a node that knows of no member', () => {
    const cluster = new ShownCluster();
    stream(cluster, is(1, 'Up'), leader(1));
    expect(stream(cluster)).toBeUndefined();
    expect(stream(cluster, is(1, 'Up'), leader(1))).toEqual([]);
  });

  it('leaves nobody out when a stream breaks before it has told all', () => {
    const cluster = new ShownCluster();
    stream(cluster, is(1, 'Up'), is(2, 'Up'));
    cluster.begin();
    expect(cluster.take(is(1, 'Up'))).toEqual([]);
    expect(stream(cluster, is(1, 'Up'), is(2, 'Up'))).toEqual([]);
  });
});

/** The cluster as somebody has it who reads what is shown line by line. */
function replayed(shown: readonly ShownEvent[]) {
  const members = new Map<string, string>();
  let first: string | undefined;
  for (const { type, member: one, address } of shown) {
    const key = one?.uniqueAddress.longUid ?? '';
    if (type === 'MemberRemoved') members.delete(key);
    else if (one !== undefined) members.set(key, one.status);
    else first = address;
  }
  return { members: Object.fromEntries([...members].sort()), first };
}

it('shows, however often streams break, what leads to where things stand', async () => {
  const steps = arrayOf(
    record({ what: constantFrom('join', 'on', 'down', 'break', 'mend'), who: nat(5) }),
    { maxLength: 60 },
  );
  const after: Readonly<Record<string, string>> = {
    Joining: 'Up',
    Up: 'Leaving',
    Leaving: 'Exiting',
  };
  await check(
    asyncProperty(steps, async (given) => {
      const cluster = new ShownCluster();
      const shown: ShownEvent[] = [];
      const members = new Map<number, string>([[100, 'Up']]);
      let leads = 100;
      let nextId = 101;
      let isOn = true;
      const tell = (event: EventView): void => {
        if (isOn) shown.push(...cluster.take(event));
      };
      const mend = (): void => {
        isOn = true;
        cluster.begin();
        for (const [n, status] of members) tell(is(n, status));
        tell(leader(leads));
        shown.push(...(cluster.settle() ?? []));
      };
      mend();
      for (const { what, who } of given) {
        const [n, status] = [...members][who % members.size] ?? [0, ''];
        if (what === 'break') isOn = false;
        else if (what === 'mend') mend();
        else if (what === 'join') {
          members.set(nextId, 'Joining');
          tell(is(nextId++, 'Joining'));
        } else if (n !== 100) {
          const next = what === 'down' ? 'Down' : (after[status] ?? 'Removed');
          if (next === 'Removed' || status === 'Down') {
            members.delete(n);
            tell(removed(n, status));
          } else {
            members.set(n, next);
            tell(is(n, next));
          }
        } else {
          leads = 100 + who;
          tell(leader(leads));
        }
      }
      mend();
      const { members: known, first } = replayed(shown);
      expect(known).toEqual(
        Object.fromEntries([...members].map(([n, s]) => [String(n), s]).sort()),
      );
      expect(first).toBe(`node ${leads}`);
    }),
  );
});
