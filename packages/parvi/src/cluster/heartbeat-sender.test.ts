import { describe, expect, it } from 'vitest';
import { seededRandom } from '../runtime/index.ts';
import type { ClusterEvent } from './events.ts';
import {
  activeReceivers,
  expectedHeartbeat,
  heartbeatsAfter,
  heartbeatTick,
  receiveHeartbeat,
  receiveHeartbeatResponse,
} from './heartbeat-sender.ts';
import { type MembershipState, newMembership } from './membership-state.ts';
import { clusterSettings } from './options.ts';
import { hostsOf, memberWith, nodeAt } from './sample-values.ts';
import { type Effect, Turn } from './turn.ts';

const turnAt = (ms: number): Turn =>
  new Turn({ nowMs: ms, wallMs: ms, random: seededRandom(1) }, nodeAt('a'));

const up = (host: string): ClusterEvent => ({ type: 'MemberUp', member: memberWith(host, 'Up') });
const lost = (host: string): ClusterEvent => ({
  type: 'UnreachableMember',
  member: memberWith(host, 'Up'),
});
const removed = (host: string): ClusterEvent => ({
  type: 'MemberRemoved',
  member: memberWith(host, 'Removed'),
  previousStatus: 'Down',
});

/** Node a in a ring of these hosts, monitored by three; uids ascend with the letter. */
function ring(hosts: string): MembershipState {
  const settings = clusterSettings({ failureDetector: { monitoredByMembers: 3 } });
  return heartbeatsAfter(newMembership(nodeAt('a'), settings), hosts.split('').map(up), turnAt(0));
}

const receivers = (state: MembershipState): string =>
  hostsOf(activeReceivers(state.heartbeats).map((node) => node.key)).replaceAll(' ', '');
const after = (state: MembershipState, ms: number, ...events: ClusterEvent[]): MembershipState =>
  heartbeatsAfter(state, events, turnAt(ms));
const heard = (state: MembershipState, host: string, ms: number): MembershipState =>
  receiveHeartbeatResponse(state, nodeAt(host), turnAt(ms));
const monitored = (state: MembershipState): string =>
  hostsOf(state.detectors.keys()).replaceAll(' ', '');

describe('the heartbeat sender', () => {
  it('sends to the next members on the ring, as they come and go', () => {
    const state = ring('abc');
    expect(receivers(state)).toBe('bc');
    expect(receivers(after(state, 0, up('d'), up('e')))).toBe('bcd');
    expect(receivers(after(state, 0, removed('b')))).toBe('c');
  });

  it('goes on sending to unreachable ones and takes more besides', () => {
    expect(receivers(after(ring('abcdef'), 0, lost('c')))).toBe('bcde');
  });

  it('numbers its rounds, also those without receivers', () => {
    const settings = clusterSettings();
    let state = heartbeatTick(newMembership(nodeAt('a'), settings), turnAt(1000));
    state = after(state, 1000, up('a'), up('b'), up('c'));
    const turn = turnAt(2000);
    heartbeatTick(state, turn);
    const sent = turn.effects.flatMap((effect) => (effect.type === 'send' ? [effect.message] : []));
    expect(sent).toEqual([
      {
        type: 'Heartbeat',
        from: nodeAt('a').address,
        sequenceNr: 2n,
        creationNanos: 2_000_000_000n,
      },
      {
        type: 'Heartbeat',
        from: nodeAt('a').address,
        sequenceNr: 2n,
        creationNanos: 2_000_000_000n,
      },
    ]);
  });

  it('starts to monitor with the first answer, and only of receivers of that very incarnation', () => {
    const state = ring('abcdef');
    expect(monitored(heard(state, 'b', 10))).toBe('b');
    expect(monitored(heard(state, 'f', 10))).toBe('');
    const stranger = receiveHeartbeatResponse(state, nodeAt('b', 999n), turnAt(10));
    expect(monitored(stranger)).toBe('');
  });

  it('starts to monitor a receiver that never answers after a while', () => {
    const turn = turnAt(1000);
    const state = heartbeatTick(ring('ab'), turn);
    const scheduled = turn.effects.find(
      (effect): effect is Extract<Effect, { type: 'schedule' }> => effect.type === 'schedule',
    );
    expect(scheduled).toMatchObject({ afterMs: 1000, input: { type: 'expectedHeartbeat' } });
    const expected = expectedHeartbeat(state, nodeAt('b'), turnAt(2000));
    expect(monitored(expected)).toBe('b');
    expect(expectedHeartbeat(expected, nodeAt('b'), turnAt(3000))).toBe(expected);
    expect(monitored(expectedHeartbeat(state, nodeAt('c'), turnAt(2000)))).toBe('');
  });

  it('forgets a receiver that falls out of the ring while it answers', () => {
    const state = heard(ring('acde'), 'e', 100);
    const next = after(state, 200, up('b'));
    expect(receivers(next)).toBe('bcd');
    expect(monitored(next)).toBe('');
  });

  it('keeps at a silent one that falls out of the ring, until it answers or is removed', () => {
    const silent = heard(ring('acde'), 'e', 0);
    const next = after(silent, 60_000, up('b'));
    expect(receivers(next)).toBe('bcde');
    expect(monitored(next)).toBe('e');
    const answered = heard(next, 'e', 61_000);
    expect(receivers(answered)).toBe('bcd');
    expect(monitored(answered)).toBe('');
    expect(receivers(after(next, 61_000, removed('e')))).toBe('bcd');
  });

  it('says when a round was late', () => {
    const first = heartbeatTick(ring('ab'), turnAt(1000));
    const turn = turnAt(3100);
    heartbeatTick(first, turn);
    const log = turn.effects.find((effect) => effect.type === 'log');
    expect(log).toMatchObject({ level: 'warn' });
    expect(
      JSON.stringify(log, (_, value) => (typeof value === 'bigint' ? `${value}` : value)),
    ).toContain('Previous heartbeat was sent [2100] ms ago');
  });

  it('answers anybody, with the same number and time', () => {
    const turn = turnAt(5);
    const sender = { address: nodeAt('x').address };
    const message = {
      type: 'Heartbeat',
      from: nodeAt('x').address,
      sequenceNr: 7n,
      creationNanos: 2n ** 62n,
    } as const;
    receiveHeartbeat(newMembership(nodeAt('a'), clusterSettings()), message, sender, turn);
    expect(turn.effects).toEqual([
      {
        type: 'reply',
        to: sender,
        from: 'heartbeatReceiver',
        message: {
          type: 'HeartbeatRsp',
          from: nodeAt('a'),
          sequenceNr: 7n,
          creationNanos: 2n ** 62n,
        },
      },
    ]);
  });
});
