// What a strategy decides upon: the members of the data center, who of them is unreachable, and who says so.

import { compareAge, compareMembers, hasRole, type Member } from '../member.ts';
import type { NodeKey } from '../node.ts';
import type { ReachabilityRow } from '../reachability.ts';

export interface SplitBrainView {
  readonly self: NodeKey;
  readonly dataCenter: string;
  /** All members of the data center, whatever their status. */
  readonly members: ReadonlyMap<NodeKey, Member>;
  readonly unreachable: ReadonlySet<NodeKey>;
  /** Rows that say Unreachable or Terminated, among members of the data center. */
  readonly rows: readonly ReachabilityRow[];
  /** Who has seen the current gossip, and therefore is connected somehow. */
  readonly seenBy: ReadonlySet<NodeKey>;
}

export interface Counting {
  readonly role?: string | undefined;
  /** Count Joining and WeaklyUp members: the other side may have made them Up meanwhile. */
  readonly possiblyUp?: boolean;
  /** Leave out Leaving members: the other side may have removed them meanwhile. */
  readonly excludeLeaving?: boolean;
}

export function emptyView(self: NodeKey, dataCenter: string): SplitBrainView {
  return {
    self,
    dataCenter,
    members: new Map(),
    unreachable: new Set(),
    rows: [],
    seenBy: new Set(),
  };
}

/** Members that count, in the order of addresses; never Down or Exiting ones. */
export function countedMembers(view: SplitBrainView, counting: Counting = {}): readonly Member[] {
  const { role, possiblyUp = false, excludeLeaving = false } = counting;
  const counted: Member[] = [];
  for (const member of view.members.values()) {
    const { status } = member;
    if (status === 'Down' || status === 'Exiting') continue;
    if (!possiblyUp && (status === 'Joining' || status === 'WeaklyUp')) continue;
    if (excludeLeaving && status === 'Leaving') continue;
    if (role === undefined || hasRole(member, role)) counted.push(member);
  }
  return counted.sort(compareMembers);
}

/** The same, oldest first. */
export function countedByAge(view: SplitBrainView, counting: Counting): readonly Member[] {
  return [...countedMembers(view, counting)].sort(compareAge);
}

/** How many of the members that count are on this side and on the other. */
export function sideSizes(
  view: SplitBrainView,
  counting: Counting,
): { readonly here: number; readonly there: number } {
  const counted = countedMembers(view, counting);
  const there = counted.filter((member) => view.unreachable.has(member.node.key)).length;
  return { here: counted.length - there, there };
}

/** Who may be downed: all that count, and those that are not yet Up. */
export function downableMembers(view: SplitBrainView): readonly Member[] {
  return countedMembers(view, { possiblyUp: true });
}
