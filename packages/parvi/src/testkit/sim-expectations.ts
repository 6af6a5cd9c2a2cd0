// What a fault must and must not lead to: who lives on, who is gone by when, who may be suspected. Faults that begin in
// a settled cluster say what they expect; the next fault ends that, since the two together may end otherwise.

import type { ClusterInput, Effect, MembershipState } from '../cluster/index.ts';
import type { SimCluster } from './sim-cluster.ts';
import { InvariantViolation } from './sim-invariants.ts';
import type { SimProcess } from './sim-process.ts';

/** From being told that one is banned to the end of the process: the last gossip, four leader ticks, and the way. */
const bannedMsMax = 15_000;

/** A check that is due some time later; says what is wrong, if anything. */
export type LaterCheck = () => string | undefined;

export class SimExpectations {
  readonly #cluster: SimCluster;
  readonly #due = new Set<object>();
  #living: ReadonlySet<SimProcess> = new Set();
  #livingUntilMs = 0;
  #tolerantUntilMs = 0;
  #checks = 0;
  #epoch = 0;

  constructor(cluster: SimCluster) {
    this.#cluster = cluster;
  }

  get checks(): number {
    return this.#checks;
  }

  /** Goes up with each {@link forget}; what was begun in another epoch expects nothing any more. */
  get epoch(): number {
    return this.#epoch;
  }

  /** From now on nothing is expected of what has happened so far. */
  forget(): void {
    this.#epoch++;
    this.#due.clear();
    this.#living = new Set();
  }

  /** None of these may end or be declared Down for so long. */
  mustLive(processes: readonly SimProcess[], forMs: number): void {
    this.#living = new Set(processes);
    this.#livingUntilMs = this.#cluster.nowMs + forMs;
  }

  /** Looks after so long, unless it was forgotten by then. */
  within(afterMs: number, invariant: string, check: LaterCheck): void {
    const token = {};
    this.#due.add(token);
    this.#cluster.after(afterMs, () => {
      if (this.#due.delete(token)) this.#mustHold(invariant, check);
    });
  }

  /** Silence has its reasons for so long; besides, nobody who runs may be found unreachable. */
  tolerateSuspicion(forMs: number): void {
    this.#tolerantUntilMs = Math.max(this.#tolerantUntilMs, this.#cluster.nowMs + forMs);
  }

  afterStep(
    process: SimProcess,
    before: MembershipState,
    effects: readonly Effect[],
    input: ClusterInput,
  ): void {
    if (input.type === 'quarantinedByRemote') this.#bannedMustEnd(process, before, input.node);
    if (this.#living.has(process)) this.#lives(process, before);
    if (this.#cluster.nowMs >= this.#tolerantUntilMs) this.#suspectsNobody(process, effects);
  }

  #mustHold(invariant: string, check: LaterCheck): void {
    this.#checks++;
    const violation = check();
    if (violation !== undefined) throw new InvariantViolation(invariant, violation);
  }

  #lives(process: SimProcess, before: MembershipState): void {
    if (this.#cluster.nowMs > this.#livingUntilMs) return;
    const invariant = 'whoever is on the side that survives lives on';
    if (process.life === 'ended')
      throw new InvariantViolation(invariant, `${process.node.key} ended`);
    const { gossip } = process.state;
    if (gossip.members === before.gossip.members) return;
    for (const { node } of this.#living) {
      if (gossip.members.get(node.key)?.status !== 'Down') continue;
      throw new InvariantViolation(invariant, `${process.node.key} has ${node.key} as Down`);
    }
  }

  /** Only where the ban is by somebody whom the process knows; others cannot ban it from anything. */
  #bannedMustEnd(process: SimProcess, before: MembershipState, by: string): void {
    if (before.phase.name !== 'member' || before.resolver === undefined) return;
    if (!before.resolver.view.members.has(by)) return;
    this.#cluster.after(bannedMsMax, () => {
      if (process.life !== 'running' || process.paused || process.slowMs > 0) return;
      this.#mustHold(
        'who was banned by a fellow member ends itself',
        () => `${process.node.key} still runs ${bannedMsMax / 1000} s after ${by} told it so`,
      );
    });
  }

  #suspectsNobody(process: SimProcess, effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.type !== 'publish' || effect.event.type !== 'UnreachableMember') continue;
      const { key } = effect.event.member.node;
      const suspect = this.#cluster.running().find(({ node }) => node.key === key);
      if (suspect === undefined) continue;
      throw new InvariantViolation(
        'nobody is suspected without a reason',
        `${process.node.key} finds ${key} unreachable, which runs, and all links are fast`,
      );
    }
  }
}
