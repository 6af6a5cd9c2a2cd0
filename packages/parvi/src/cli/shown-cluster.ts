// What a tail has shown so far, as the state of a cluster. When its stream breaks and another one begins, that one first
// tells where things stand (members, then leaders, as Pekko's and our nodes do); held against what was shown, this is
// the difference that nobody was told.

import type { EventView } from './views.ts';

/**
 * An event as it is shown; `already`: it is how things stood when the first stream began; `missed`: it happened while no
 * node was heard, and is told afterwards.
 */
export interface ShownEvent extends EventView {
  readonly already?: true;
  readonly missed?: true;
}

type MemberOfEvent = NonNullable<EventView['member']>;

/** The order that statuses of a member come in; a node that lags behind tells earlier ones. */
const statusOrder = [
  'Joining',
  'WeaklyUp',
  'Up',
  'PreparingForShutdown',
  'ReadyForShutdown',
  'Leaving',
  'Exiting',
  'Down',
  'Removed',
];
const rankOf = (status: string): number => statusOrder.indexOf(status);

/** Of members that are gone, so many are remembered, so that a node that lags behind does not bring them back. */
const goneMax = 1000;

const keyOf = ({ uniqueAddress }: MemberOfEvent): string =>
  `${uniqueAddress.address}#${uniqueAddress.longUid}`;
const isStatus = ({ type }: EventView): boolean => type.startsWith('Member');
const isReachability = ({ type }: EventView): boolean => type.endsWith('reachableMember');
const isReachable = ({ type }: EventView): boolean => type.startsWith('Reachable');
const isDataCenter = ({ type }: EventView): boolean => type.endsWith('reachableDataCenter');
const isLeader = ({ type }: EventView): boolean => type.endsWith('LeaderChanged');
/** The leader of all has no role. */
const roleOf = ({ role = '' }: EventView): string => role;

/** How things stand is told in this order: members, who of them is unreachable, data centers, the leader, those of roles. */
function placeOf(event: EventView): number {
  if (isLeader(event)) return roleOf(event) === '' ? 3 : 4;
  if (isDataCenter(event)) return 2;
  return isReachability(event) ? 1 : 0;
}

const removal = (member: MemberOfEvent): EventView => ({
  type: 'MemberRemoved',
  member: { ...member, status: 'Removed' },
  previousStatus: member.status,
});

/** What the beginning of a stream has told of. */
class Beginning {
  readonly members = new Set<string>();
  readonly unreachable = new Set<string>();
  readonly dataCenters = new Set<string>();
  readonly leaders = new Set<string>();
  membersTold = false;
}

export class ShownCluster {
  readonly #members = new Map<string, MemberOfEvent>();
  readonly #gone = new Set<string>();
  readonly #unreachable = new Map<string, MemberOfEvent>();
  readonly #dataCenters = new Set<string>();
  readonly #leaders = new Map<string, string>();
  /** Of a stream that is not the first. */
  #beginning: Beginning | undefined;
  /** The first stream has told nothing yet but how things stand. */
  #isAtFirst = false;
  /** How far it has come with that. */
  #placeAtFirst = 0;

  /** A stream begins. Until {@link settle}, only what is news goes on to be shown. */
  begin(): void {
    this.#isAtFirst = this.#members.size === 0;
    this.#beginning = this.#isAtFirst ? undefined : new Beginning();
  }

  /** What to show of an event: itself, nothing when it was shown, or what must have come before it, too. */
  take(event: EventView): ShownEvent[] {
    const beginning = this.#beginning;
    if (beginning === undefined) return this.#shownOfFirst(event);
    const news = isLeader(event) ? this.#membersTold(beginning) : [];
    return this.#shownAsMissed([...news, ...this.#news(event, beginning)]);
  }

  /**
   * The beginning of the stream is over; what was shown and is not there any more. `undefined` when it told of no
   * member though some were known: then who was asked is none yet, and knows nothing of the cluster.
   */
  settle(): ShownEvent[] | undefined {
    this.#isAtFirst = false;
    const beginning = this.#beginning;
    if (beginning === undefined) return [];
    if (beginning.members.size === 0) return undefined;
    const news: EventView[] = this.#membersTold(beginning);
    for (const role of this.#leaders.keys()) {
      if (beginning.leaders.has(role)) continue;
      news.push(role === '' ? { type: 'LeaderChanged' } : { type: 'RoleLeaderChanged', role });
    }
    this.#beginning = undefined;
    return this.#shownAsMissed(news);
  }

  #shownOfFirst(event: EventView): ShownEvent[] {
    this.#isAtFirst &&= this.#isState(event);
    const shown = this.#shown([event]);
    return this.#isAtFirst ? shown.map((one) => ({ ...one, already: true })) : shown;
  }

  /** Whether it may be how things stand, which is told once of each: what changes or ends that has happened since. */
  #isState(event: EventView): boolean {
    const { type, member, dataCenter = '' } = event;
    const place = placeOf(event);
    if (place < this.#placeAtFirst) return false;
    this.#placeAtFirst = place;
    if (isLeader(event)) return !this.#leaders.has(roleOf(event)) && this.#hasRole(roleOf(event));
    if (isDataCenter(event)) return !isReachable(event) && !this.#dataCenters.has(dataCenter);
    if (member === undefined) return false;
    const key = keyOf(member);
    if (isReachability(event)) return !isReachable(event) && !this.#unreachable.has(key);
    return isStatus(event) && type !== 'MemberRemoved' && !this.#members.has(key);
  }

  /** A role that came since brings its leader with it. */
  #hasRole(role: string): boolean {
    return role === '' || [...this.#members.values()].some(({ roles }) => roles.includes(role));
  }

  #news(event: EventView, told: Beginning): EventView[] {
    const { member, address, dataCenter = '' } = event;
    if (isLeader(event)) {
      told.leaders.add(roleOf(event));
      return this.#leaders.get(roleOf(event)) === address ? [] : [event];
    }
    if (isDataCenter(event)) {
      if (!isReachable(event)) told.dataCenters.add(dataCenter);
      return this.#dataCenters.has(dataCenter) === isReachable(event) ? [event] : [];
    }
    if (member === undefined) return [event];
    const key = keyOf(member);
    if (isReachability(event)) {
      if (!isReachable(event)) told.unreachable.add(key);
      return this.#unreachable.has(key) === isReachable(event) ? [event] : [];
    }
    told.members.add(key);
    return [...this.#earlier(member, told), ...this.#newStatus(event, member)];
  }

  /** Who was at the same address before is gone: a cluster takes nobody in until then. */
  #earlier({ uniqueAddress }: MemberOfEvent, told: Beginning): EventView[] {
    const { address } = uniqueAddress;
    return [...this.#members.values()]
      .filter((one) => one.uniqueAddress.address === address && !told.members.has(keyOf(one)))
      .map(removal);
  }

  /** A member that exits has left before, whether or not somebody heard of it. */
  #newStatus(event: EventView, member: MemberOfEvent): EventView[] {
    const key = keyOf(member);
    const known = this.#members.get(key);
    const rank = known === undefined ? -1 : rankOf(known.status);
    if (this.#gone.has(key) || rankOf(member.status) <= rank) return [];
    if (event.type !== 'MemberExited' || known === undefined || rank >= rankOf('Leaving')) {
      return [event];
    }
    return [{ type: 'MemberLeft', member: { ...known, status: 'Leaving' } }, event];
  }

  /** All members have been told of: those that were not are gone, and those not told as unreachable are reachable. */
  #membersTold(told: Beginning): EventView[] {
    if (told.membersTold || told.members.size === 0) return [];
    told.membersTold = true;
    const news: EventView[] = [];
    for (const [key, member] of this.#members) {
      if (told.members.has(key)) continue;
      news.push(removal(member));
    }
    for (const [key, member] of this.#unreachable) {
      const stays = told.members.has(key) && !told.unreachable.has(key);
      if (stays) news.push({ type: 'ReachableMember', member });
    }
    for (const dataCenter of this.#dataCenters) {
      if (told.dataCenters.has(dataCenter)) continue;
      news.push({ type: 'ReachableDataCenter', dataCenter });
    }
    return news;
  }

  #shownAsMissed(events: readonly EventView[]): ShownEvent[] {
    return this.#shown(events).map((event) => ({ ...event, missed: true }));
  }

  #shown(events: readonly EventView[]): EventView[] {
    for (const event of events) this.#remember(event);
    return [...events];
  }

  #remember(event: EventView): void {
    const { member, address, dataCenter = '' } = event;
    if (isLeader(event)) {
      if (address === undefined) this.#leaders.delete(roleOf(event));
      else this.#leaders.set(roleOf(event), address);
    } else if (isDataCenter(event)) {
      if (isReachable(event)) this.#dataCenters.delete(dataCenter);
      else this.#dataCenters.add(dataCenter);
    } else if (member === undefined) {
      return;
    } else if (isReachability(event)) {
      if (isReachable(event)) this.#unreachable.delete(keyOf(member));
      else this.#unreachable.set(keyOf(member), member);
    } else if (isStatus(event)) {
      if (event.type === 'MemberRemoved') this.#forget(keyOf(member));
      else this.#members.set(keyOf(member), member);
    }
  }

  #forget(key: string): void {
    this.#members.delete(key);
    this.#unreachable.delete(key);
    this.#gone.add(key);
    const [oldest] = this.#gone;
    if (this.#gone.size > goneMax && oldest !== undefined) this.#gone.delete(oldest);
  }
}
