// What a strategy may decide, and whom that downs.

import { ClusterError } from '../errors.ts';
import type { Member } from '../member.ts';
import { indirectlyConnected, viewOfCleanSplit } from './indirect.ts';
import { downableMembers, type SplitBrainView } from './view.ts';

export type DecisionName =
  | 'DownUnreachable'
  | 'DownReachable'
  | 'DownAll'
  | 'DownIndirectlyConnected'
  | 'ReverseDownIndirectlyConnected'
  | 'DownSelfQuarantinedByRemote';

export interface Decision {
  readonly name: DecisionName;
  /** The decision holds only for the side that gets the lease; the other does the reverse. */
  readonly lease?: { readonly delayMs: number };
}

export type Strategy = (view: SplitBrainView) => Decision;

/** Whom the decision downs, in the order of addresses. A contradiction in the picture downs everybody. */
export function membersToDown(
  decision: Decision,
  view: SplitBrainView,
  strategy: Strategy,
): readonly Member[] {
  const downable = downableMembers(view);
  const isUnreachable = (member: Member): boolean => view.unreachable.has(member.node.key);
  switch (decision.name) {
    case 'DownUnreachable':
      return downable.filter(isUnreachable);
    case 'DownReachable':
      return downable.filter((member) => !isUnreachable(member));
    case 'DownAll':
      return downable;
    case 'DownSelfQuarantinedByRemote':
      return downable.filter((member) => member.node.key === view.self);
    case 'ReverseDownIndirectlyConnected': {
      const indirect = indirectlyConnected(view);
      return downable.filter((each) => indirect.has(each.node.key) || !isUnreachable(each));
    }
    case 'DownIndirectlyConnected': {
      const indirect = indirectlyConnected(view);
      const additional = new Set(additionalToDown(view, strategy));
      return downable.filter((each) => indirect.has(each.node.key) || additional.has(each));
    }
  }
}

function additionalToDown(view: SplitBrainView, strategy: Strategy): readonly Member[] {
  const clean = viewOfCleanSplit(view);
  const second = strategy(clean);
  if (second.name === 'DownIndirectlyConnected') {
    throw new ClusterError(
      'CLUSTER_SPLIT_BRAIN_CONTRADICTION',
      'Cannot tell a clean split from indirectly connected members: without what those say of each other there are indirectly connected members still, so all members are downed',
      { fields: { rows: clean.rows.length, members: clean.members.size } },
    );
  }
  return membersToDown(second, clean, strategy);
}
