import { describe, expect, it } from 'vitest';
import { eventsBetween } from './events.ts';
import { emptyGossip, type Gossip, removeNodes } from './gossip.ts';
import { LocalView } from './local-view.ts';
import { gossipOf, memberWith, nodeAt } from './sample-values.ts';

/** What the member at the host is told when its gossip goes from one value to another. */
function events(before: Gossip, after: Gossip, host = 'a', dataCenter = 'default'): string[] {
  const at = { self: nodeAt(host).key, dataCenter };
  const old = new LocalView(before, at);
  return eventsBetween(old, new LocalView(after, at, old)).map((event) => {
    if (event.type === 'MemberRemoved') {
      return `MemberRemoved ${event.member.node.address.host} ${event.previousStatus}`;
    }
    if ('member' in event) return `${event.type} ${event.member.node.address.host}`;
    if ('role' in event) return `${event.type} ${event.role} ${event.leader?.address.host}`;
    if ('leader' in event) return `${event.type} ${event.leader?.address.host}`;
    return 'dataCenter' in event ? `${event.type} ${event.dataCenter}` : event.type;
  });
}

const only = (all: string[], start: string): string[] =>
  all.filter((each) => each.startsWith(start));

describe('cluster events', () => {
  it('are none when nothing changed', () => {
    const gossip = gossipOf('a:Up');
    expect(events(gossip, gossip)).toEqual([]);
  });

  it('tell of new members by their status', () => {
    expect(only(events(gossipOf('a:Up'), gossipOf('a:Up b:Up e:Joining')), 'Member')).toEqual([
      'MemberUp b',
      'MemberJoined e',
    ]);
  });

  it('tell of each status that changed, skipping those in between', () => {
    const before = gossipOf('a:Joining b:Up c:Up d:Up e:Joining f:Up');
    const after = gossipOf('a:Up b:Leaving c:Exiting d:Down e:WeaklyUp f:PreparingForShutdown');
    expect(only(events(before, after), 'Member')).toEqual([
      'MemberUp a',
      'MemberLeft b',
      'MemberExited c',
      'MemberDowned d',
      'MemberWeaklyUp e',
      'MemberPreparingForShutdown f',
    ]);
  });

  it('tell of removed members with the status they had', () => {
    const after = removeNodes(gossipOf('a:Up b:Exiting c:Up'), [nodeAt('b'), nodeAt('c')], 1);
    expect(only(events(gossipOf('a:Up b:Exiting c:Up'), after), 'Member')).toEqual([
      'MemberTombstonesChanged',
      'MemberRemoved b Exiting',
      'MemberRemoved c Up',
    ]);
  });

  it('tell of the removal before the return of a new incarnation', () => {
    const before = gossipOf([memberWith('a', 'Up'), memberWith('b', 'Up', { uid: 1n })]);
    const after = gossipOf([memberWith('a', 'Up'), memberWith('b', 'Up', { uid: 2n })]);
    expect(only(events(before, after), 'Member')).toEqual(['MemberRemoved b Up', 'MemberUp b']);
  });

  it('tell of unreachable members, but never of the own one', () => {
    const before = gossipOf('a:Up b:Up c:Up', { rows: 'c>b' });
    const after = gossipOf('a:Up b:Up c:Up', { rows: 'c>b b>a b>c' });
    expect(only(events(before, after), 'UnreachableMember')).toEqual(['UnreachableMember c']);
    expect(only(events(before, after, 'c'), 'UnreachableMember')).toEqual(['UnreachableMember a']);
  });

  it('tell of members that are reachable again, unless they are gone or terminated', () => {
    const before = gossipOf('a:Up b:Up c:Up d:Up', { rows: 'a>b a>c a>d!' });
    expect(only(events(before, gossipOf('a:Up b:Up d:Up')), 'ReachableMember')).toEqual([
      'ReachableMember b',
    ]);
  });

  it('tell of the leader only when it changes', () => {
    const before = gossipOf('a:Up b:Up');
    expect(only(events(before, gossipOf('a:Leaving b:Up')), 'LeaderChanged')).toEqual([]);
    expect(only(events(before, gossipOf('a:Exiting b:Up')), 'LeaderChanged')).toEqual([
      'LeaderChanged b',
    ]);
    expect(only(events(before, emptyGossip), 'LeaderChanged')).toEqual(['LeaderChanged undefined']);
  });

  it('tell of the leader of each role, the data center being one', () => {
    const a = memberWith('a', 'Up', { roles: ['AA', 'AB', 'dc-default'] });
    const b = memberWith('b', 'Up', { roles: ['AB', 'BB', 'dc-default'] });
    expect(only(events(gossipOf([a, b]), gossipOf([b]), 'b'), 'RoleLeaderChanged')).toEqual([
      'RoleLeaderChanged AB b',
      'RoleLeaderChanged dc-default b',
      'RoleLeaderChanged AA undefined',
    ]);
  });

  it('tell who has seen the gossip', () => {
    const before = gossipOf('a:Up b:Up', { seen: 'a' });
    const after = gossipOf('a:Up b:Up', { seen: 'a b' });
    expect(events(before, after)).toEqual(['SeenChanged']);
  });

  it('tell of a data center once, when its first member is lost and when its last is back', () => {
    const members = [
      memberWith('a', 'Up', { roles: ['dc-x'] }),
      memberWith('c', 'Up', { roles: ['dc-y'] }),
      memberWith('d', 'Up', { roles: ['dc-y'] }),
    ];
    const none = gossipOf(members);
    const one = gossipOf(members, { rows: 'a>c' });
    const two = gossipOf(members, { rows: 'a>c a>d' });
    const dc = (before: Gossip, after: Gossip) =>
      events(before, after, 'a', 'x').filter((each) => each.includes('DataCenter'));
    expect(dc(none, one)).toEqual(['UnreachableDataCenter y']);
    expect(dc(one, two)).toEqual([]);
    expect(dc(two, none)).toEqual(['ReachableDataCenter y']);
    const byOthers = gossipOf(members, { rows: 'c>d' });
    expect(dc(none, byOthers)).toEqual([]);
  });

  it('come in a fixed order', () => {
    const before = gossipOf('a:Up b:Up c:Up d:Up', { seen: 'a b c d', rows: 'a>c' });
    const after = removeNodes(
      gossipOf('a:Exiting b:Up c:Up d:Up e:Joining', { seen: 'a', rows: 'a>b' }),
      [nodeAt('d')],
      1,
    );
    expect(events(before, after).map((each) => each.split(' ')[0])).toEqual([
      'MemberTombstonesChanged',
      'MemberRemoved',
      'MemberExited',
      'MemberJoined',
      'UnreachableMember',
      'ReachableMember',
      'LeaderChanged',
      'RoleLeaderChanged',
      'SeenChanged',
      'ReachabilityChanged',
    ]);
  });
});
