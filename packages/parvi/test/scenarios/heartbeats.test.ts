// Who sends heartbeats to whom while members come, go and fall silent at random (Pekko
// `ClusterHeartbeatSenderStateSpec`, its random part).

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClusterEvent } from '../../src/cluster/events.ts';
import {
  activeReceivers,
  heartbeatsAfter,
  receiveHeartbeatResponse,
} from '../../src/cluster/heartbeat-sender.ts';
import { clusterSettings, type MembershipState, newMembership } from '../../src/cluster/index.ts';
import { joiningMember, type Member, withUp } from '../../src/cluster/member.ts';
import { clusterNode } from '../../src/cluster/node.ts';
import { Turn } from '../../src/cluster/turn.ts';
import { isAvailable } from '../../src/remote/index.ts';
import { seededRandom } from '../../src/runtime/index.ts';

const monitoredBy = 3;
const settings = clusterSettings({ failureDetector: { monitoredByMembers: monitoredBy } });

function memberAt(host: number): Member {
  const address = { protocol: 'pekko', system: 'sys', host: `h${host}`, port: 2552 };
  return withUp(joiningMember(clusterNode(address, BigInt(host * 7919 + 1)), []), host + 1);
}

const operation = fc.record({
  kind: fc.constantFrom('up', 'removed', 'unreachable', 'response'),
  host: fc.integer({ min: 1, max: 30 }),
});

const hostsMax = 31;
const members = Array.from({ length: hostsMax }, (_, host) => memberAt(host));

describe('the receivers of heartbeats', () => {
  it('are the next of the ring and those that fell silent, through any history', () => {
    let silent = 0;
    fc.assert(
      fc.property(fc.array(operation, { minLength: 100, maxLength: 400, size: 'max' }), (operations) => {
        const [self] = members;
        if (self === undefined) return;
        let state = newMembership(self.node, settings);
        let nowMs = 0;
        const known = new Set([0]);
        const unreachable = new Set<number>();
        const follow = (event: ClusterEvent): void => {
          state = heartbeatsAfter(state, [event], turnAt(nowMs, state));
        };
        follow({ type: 'MemberUp', member: self });
        for (const { kind, host } of operations) {
          const member = members[host];
          if (member === undefined) continue;
          nowMs += 100;
          const old = new Set(state.heartbeats.oldReceivers.keys());
          if (kind === 'up') {
            known.add(host);
            follow({ type: 'MemberUp', member });
          } else if (kind === 'removed' && known.delete(host)) {
            unreachable.delete(host);
            follow({ type: 'MemberRemoved', member, previousStatus: 'Down' });
            expect(state.detectors.has(member.node.addressKey)).toBe(false);
            expect(state.heartbeats.oldReceivers.has(member.node.key)).toBe(false);
            old.delete(member.node.key);
          } else if (kind === 'unreachable' && known.has(host)) {
            unreachable.add(host);
            nowMs += 20_000;
            follow({ type: 'UnreachableMember', member });
          } else if (kind === 'response') {
            const ringBefore = state.heartbeats.ring;
            const wasReceiver = receivesFrom(state, member);
            state = receiveHeartbeatResponse(state, member.node, turnAt(nowMs, state));
            expect(state.heartbeats.ring).toBe(ringBefore);
            expect(state.heartbeats.oldReceivers.has(member.node.key)).toBe(false);
            old.delete(member.node.key);
            const isReceiver = receivesFrom(state, member);
            expect(state.detectors.has(member.node.addressKey)).toBe(wasReceiver && isReceiver);
            if (isReceiver) expect(available(state, member, nowMs)).toBe(true);
          }
          const active = new Set(activeReceivers(state.heartbeats).map((node) => node.key));
          expect(active.has(self.node.key)).toBe(false);
          for (const key of old) expect(active.has(key)).toBe(true);
          silent += old.size;
          const reachable = [...known].filter((each) => each !== 0 && !unreachable.has(each));
          const least = Math.min(monitoredBy, reachable.length);
          expect(state.heartbeats.receivers.length).toBeGreaterThanOrEqual(least);
          for (const key of active)
            expect([...known].some((h) => members[h]?.node.key === key)).toBe(true);
        }
      }),
      { numRuns: 60, seed: 7 },
    );
    expect(silent).toBeGreaterThan(100);
  });
});

function turnAt(nowMs: number, state: MembershipState): Turn {
  return new Turn({ nowMs, wallMs: 0, random: seededRandom(1) }, state.self);
}

function receivesFrom(state: MembershipState, { node }: Member): boolean {
  return activeReceivers(state.heartbeats).some((each) => each.key === node.key);
}

function available(state: MembershipState, { node }: Member, nowMs: number): boolean {
  const history = state.detectors.get(node.addressKey);
  return isAvailable(history, nowMs, settings.heartbeat.detector);
}
