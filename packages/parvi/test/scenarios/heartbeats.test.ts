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

type Operation = 'up' | 'removed' | 'unreachable' | 'response';

const operations = fc.array(
  fc.tuple(
    fc.constantFrom<Operation[]>('up', 'removed', 'unreachable', 'response'),
    fc.integer({ min: 1, max: 30 }),
  ),
  { minLength: 100, maxLength: 400, size: 'max' },
);

const members = Array.from({ length: 31 }, (_, host) => memberAt(host));

/** The view of one node, and what is known to be true of it. */
class History {
  readonly #self: Member;
  readonly #known = new Map<string, Member>();
  readonly #unreachable = new Set<string>();
  #state: MembershipState;
  #nowMs = 0;
  /** How often there was somebody who had fallen silent and out of the ring. */
  silent = 0;

  constructor(self: Member) {
    this.#self = self;
    this.#state = newMembership(self.node, settings);
    this.#follow({ type: 'MemberUp', member: self });
  }

  happen(operation: Operation, member: Member): void {
    this.#nowMs += 100;
    const { key } = member.node;
    const silent = new Set(this.#state.heartbeats.oldReceivers.keys());
    if (operation === 'up') this.#up(member);
    else if (operation === 'response') this.#response(member);
    else if (!this.#known.has(key)) return;
    else if (operation === 'unreachable') this.#lost(member);
    else this.#removed(member);
    if (operation === 'removed' || operation === 'response') silent.delete(key);
    this.silent += silent.size;
    this.#check(silent);
  }

  #up(member: Member): void {
    this.#known.set(member.node.key, member);
    this.#follow({ type: 'MemberUp', member });
  }

  #lost(member: Member): void {
    this.#unreachable.add(member.node.key);
    this.#nowMs += 20_000;
    this.#follow({ type: 'UnreachableMember', member });
  }

  #removed(member: Member): void {
    const { key, addressKey } = member.node;
    this.#known.delete(key);
    this.#unreachable.delete(key);
    this.#follow({ type: 'MemberRemoved', member, previousStatus: 'Down' });
    expect(this.#state.detectors.has(addressKey)).toBe(false);
    expect(this.#state.heartbeats.oldReceivers.has(key)).toBe(false);
  }

  #response({ node }: Member): void {
    const { ring } = this.#state.heartbeats;
    const received = this.#active().has(node.key);
    this.#state = receiveHeartbeatResponse(this.#state, node, this.#turn());
    expect(this.#state.heartbeats.ring).toBe(ring);
    expect(this.#state.heartbeats.oldReceivers.has(node.key)).toBe(false);
    const receives = this.#active().has(node.key);
    const history = this.#state.detectors.get(node.addressKey);
    expect(history !== undefined).toBe(received && receives);
    if (receives) expect(isAvailable(history, this.#nowMs, settings.heartbeat.detector)).toBe(true);
  }

  /** Those who are silent go on being asked, as do enough others, and nobody else. */
  #check(silent: ReadonlySet<string>): void {
    const active = this.#active();
    expect(active.has(this.#self.node.key)).toBe(false);
    for (const key of silent) expect(active.has(key)).toBe(true);
    for (const key of active) expect(this.#known.has(key)).toBe(true);
    const least = Math.min(monitoredBy, this.#known.size - this.#unreachable.size);
    expect(this.#state.heartbeats.receivers.length).toBeGreaterThanOrEqual(least);
  }

  #active(): ReadonlySet<string> {
    return new Set(activeReceivers(this.#state.heartbeats).map((node) => node.key));
  }

  #follow(event: ClusterEvent): void {
    this.#state = heartbeatsAfter(this.#state, [event], this.#turn());
  }

  #turn(): Turn {
    const moment = { nowMs: this.#nowMs, wallMs: 0, random: seededRandom(1) };
    return new Turn(moment, this.#self.node);
  }
}

describe('the receivers of heartbeats', () => {
  it('are the next of the ring and those that fell silent, through any history', () => {
    let silent = 0;
    fc.assert(
      fc.property(operations, (script) => {
        const history = new History(memberAt(0));
        for (const [operation, host] of script) {
          history.happen(operation, members[host] ?? memberAt(host));
        }
        silent += history.silent;
      }),
      { numRuns: 60, seed: 7 },
    );
    expect(silent).toBeGreaterThan(100);
  });
});
