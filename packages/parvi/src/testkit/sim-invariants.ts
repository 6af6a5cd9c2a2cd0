// What must hold in a simulated cluster after every single step, whatever the network and the processes do.

import {
  type ClusterInput,
  type Effect,
  type Gossip,
  gossipViolation,
  isConverged,
  leaderOf,
  type MemberStatus,
  type MembershipState,
  mayMove,
  memberStatuses,
} from '../cluster/index.ts';
import { leaderFault } from './sim-leader-duties.ts';
import type { SimProcess } from './sim-process.ts';

/** An invariant that did not hold; names itself and the process where it was seen. */
export class InvariantViolation extends Error {
  readonly invariant: string;

  constructor(invariant: string, detail: string) {
    super(`Invariant "${invariant}" does not hold: ${detail}`);
    this.name = 'InvariantViolation';
    this.invariant = invariant;
  }
}

/** Checks one step at a time and remembers what it needs of the past. */
export class InvariantChecker {
  /** Incarnations that a process has seen removed; they must not come back there. */
  readonly #removed = new WeakMap<SimProcess, Set<string>>();
  /** Members that some process has lost in a merge; see {@link InvariantChecker.#noteLost}. */
  readonly #lostInMerge = new Set<string>();
  /** Versions of the gossip that each incarnation has had. */
  readonly #had = new Map<string, Set<string>>();
  /** What the members were at a version of the gossip, and who led. */
  readonly #byVersion = new Map<string, Gossip>();
  /** Versions that several contents may have; see {@link InvariantChecker.#noteAmbiguous}. */
  readonly #ambiguous = new Set<string>();
  /** Clock entries that somebody has forgotten. */
  readonly #forgotten = new Set<string>();
  readonly #leaderByVersion = new Map<string, string | undefined>();
  #checks = 0;

  get checks(): number {
    return this.#checks;
  }

  afterStep(
    process: SimProcess,
    before: MembershipState,
    effects: readonly Effect[],
    input: ClusterInput,
  ): void {
    const { state } = process;
    this.#noteSent(process, effects);
    if (state.gossip === before.gossip || state.phase.name === 'stopped') return;
    this.#checks++;
    const version = versionText(state.gossip);
    if (input.type === 'message') this.#noteLost(process, before.gossip);
    this.#noteForgotten(process, before);
    if (input.type === 'message' && input.message.type === 'GossipEnvelope') {
      this.#noteLost(process, input.message.gossip);
      this.#noteAmbiguous(process, before.gossip, input.message.gossip);
    }
    this.#form(process);
    if (input.type === 'leaderTick') this.#leaderDuties(process, before);
    this.#forward(process, before);
    this.#removedStayAway(process, before);
    this.#sameVersionSameMembers(process, version);
    this.#seenIsHonest(process, version);
    this.#oneLeader(process, version);
  }

  /** A step may pass through versions that it sends and does not end with. */
  #noteSent(process: SimProcess, effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (!('message' in effect) || !('gossip' in effect.message)) continue;
      if (effect.message.gossip !== process.state.gossip) {
        this.#noteHad(process, versionText(effect.message.gossip));
      }
    }
  }

  #noteHad(process: SimProcess, version: string): void {
    const { key } = process.node;
    const had = this.#had.get(key) ?? new Set();
    this.#had.set(key, had.add(version));
  }

  /** Who is said to have seen a version has had exactly that version. */
  #seenIsHonest(process: SimProcess, version: string): void {
    const { key } = process.node;
    this.#noteHad(process, version);
    for (const other of process.state.gossip.seen) {
      if (this.#had.get(other)?.has(version) === true) continue;
      throw new InvariantViolation(
        'who is said to have seen a version has seen it',
        `${key} says so of ${other}, which never had ${version}`,
      );
    }
  }

  /**
   * A merge drops a Down or Exiting member that the other side has never heard of, as if it had been removed there
   * (Pekko `Member.pickHighestPriority`); without a tombstone it comes back with the next gossip of somebody who knows
   * it, with the status it had there, until it is downed again. Nothing can be said about such a member.
   */
  #noteLost(process: SimProcess, before: Gossip): void {
    const { members, tombstones } = process.state.gossip;
    for (const key of before.members.keys()) {
      if (!members.has(key) && !tombstones.has(key)) this.#lostInMerge.add(key);
    }
  }

  /** A node whose clock entry was forgotten while it still ran counts from one again. */
  #noteForgotten(process: SimProcess, before: MembershipState): void {
    const { version } = process.state.gossip;
    if (version === before.gossip.version) return;
    for (const key of before.gossip.version.keys()) {
      if (!version.has(key)) this.#forgotten.add(key);
    }
  }

  #isAmbiguous(gossip: Gossip, version: string): boolean {
    if (this.#ambiguous.has(version)) return true;
    for (const key of gossip.version.keys()) if (this.#forgotten.has(key)) return true;
    return false;
  }

  /**
   * A merge forgets the clock entries of members that were removed on one side, without a new version (as Pekko's
   * does); the changes that those members made are in the result, and no longer in its version.
   */
  #noteAmbiguous(process: SimProcess, local: Gossip, remote: Gossip): void {
    const { members, version } = process.state.gossip;
    if (members === local.members) return;
    const keys = [...local.version.keys(), ...remote.version.keys()];
    const forgets = keys.some((key) => !version.has(key));
    const text = versionText(process.state.gossip);
    if (forgets || versionText(local) === text) this.#ambiguous.add(text);
  }

  #form(process: SimProcess): void {
    const violation = gossipViolation(process.state.gossip);
    if (violation !== undefined) {
      throw new InvariantViolation('gossip is well formed', `${process.node.key}: ${violation}`);
    }
    const ages = new Set<string>();
    for (const { upNumber, node, dataCenter } of process.state.gossip.members.values()) {
      if (upNumber === 2147483647) continue;
      const age = `${dataCenter} ${upNumber}`;
      if (ages.has(age)) {
        const detail = `${process.node.key} has up number ${upNumber} twice, at ${node.key} too`;
        throw new InvariantViolation('members of a data center differ in age', detail);
      }
      ages.add(age);
    }
  }

  #leaderDuties(process: SimProcess, before: MembershipState): void {
    const fault = leaderFault(process, before);
    if (fault === undefined) return;
    const invariant = 'only the leader acts, when all have seen the gossip, and by age';
    throw new InvariantViolation(invariant, `${process.node.key}: ${fault}`);
  }

  #forward(process: SimProcess, before: MembershipState): void {
    for (const [key, member] of process.state.gossip.members) {
      const old = before.gossip.members.get(key);
      // A member that was downed or left where it was not yet known to be Up has no number in what is merged.
      if (old !== undefined && old.upNumber < member.upNumber && member.status === 'Up') {
        throw new InvariantViolation(
          'nobody grows younger',
          `${process.node.key} saw ${key} go from number ${old.upNumber} to ${member.upNumber}`,
        );
      }
      if (old === undefined || old === member || isForward(old.status, member.status)) continue;
      if (this.#lostInMerge.has(key)) continue;
      throw new InvariantViolation(
        'status only moves forward',
        `${process.node.key} saw ${key} go from ${old.status} to ${member.status}`,
      );
    }
  }

  #removedStayAway(process: SimProcess, before: MembershipState): void {
    let removed = this.#removed.get(process);
    for (const key of before.gossip.members.keys()) {
      if (process.state.gossip.members.has(key)) continue;
      removed ??= new Set();
      removed.add(key);
    }
    if (removed === undefined) return;
    this.#removed.set(process, removed);
    for (const key of process.state.gossip.members.keys()) {
      if (!removed.has(key) || this.#lostInMerge.has(key)) continue;
      throw new InvariantViolation(
        'a removed incarnation never returns',
        `${process.node.key} has ${key} as a member again`,
      );
    }
  }

  #sameVersionSameMembers(process: SimProcess, version: string): void {
    const { gossip } = process.state;
    if (this.#isAmbiguous(gossip, version)) return;
    const known = this.#byVersion.get(version);
    if (known === undefined) {
      this.#byVersion.set(version, gossip);
      return;
    }
    if (known.members === gossip.members) return;
    for (const key of new Set([...known.members.keys(), ...gossip.members.keys()])) {
      const [one, other] = [known.members.get(key), gossip.members.get(key)];
      if (one?.status === other?.status && one?.upNumber === other?.upNumber) continue;
      const only = one === undefined ? other : other === undefined ? one : undefined;
      if (only?.status === 'Down' || only?.status === 'Exiting') this.#lostInMerge.add(key);
      if (this.#lostInMerge.has(key)) continue;
      throw new InvariantViolation(
        'equal versions have equal members',
        `at ${version} ${process.node.key} has ${key} as ${other?.status}, another as ${one?.status}`,
      );
    }
  }

  #oneLeader(process: SimProcess, version: string): void {
    const { gossip, at } = process.state;
    if (this.#isAmbiguous(gossip, version)) return;
    if (!isConverged(gossip, at) || !gossip.reachability.isAllReachable) return;
    const leader = leaderOf(gossip, at)?.node.key;
    const view = `${at.dataCenter} ${version}`;
    if (this.#leaderByVersion.has(view)) {
      const other = this.#leaderByVersion.get(view);
      if (other === leader) return;
      throw new InvariantViolation(
        'one leader per data center and converged view',
        `${process.node.key} follows ${leader ?? 'nobody'}, another ${other ?? 'nobody'}`,
      );
    }
    this.#leaderByVersion.set(view, leader);
  }
}

/** Reachable by allowed moves; a view may skip statuses that others saw. */
function isForward(from: MemberStatus, to: MemberStatus): boolean {
  if (mayMove(from, to)) return true;
  return memberStatuses.some((via) => via !== from && mayMove(from, via) && isForward(via, to));
}

function versionText(gossip: Gossip): string {
  const entries = [...gossip.version].map(([key, count]) => `${key.slice(0, 12)}:${count}`);
  return entries.sort().join(' ');
}
