// Members that some can reach and others cannot: no clean split goes between them, so both ends of a broken link go
// down, unless the rest of the picture is a clean split on top (Pekko `DowningStrategy`).

import type { NodeKey } from '../node.ts';
import { downableMembers, type SplitBrainView } from './view.ts';

interface Indirect {
  /** Nodes that accuse others and are accused themselves. */
  readonly accused: ReadonlySet<NodeKey>;
  /** Both ends of links to a subject that has seen the current gossip all the same. */
  readonly seen: ReadonlySet<NodeKey>;
}

function indirectParts(view: SplitBrainView): Indirect {
  const accused = new Set<NodeKey>();
  const seen = new Set<NodeKey>();
  const subjects = new Set(view.rows.map((row) => row.subject));
  for (const row of view.rows) {
    if (subjects.has(row.observer)) accused.add(row.observer);
    if (view.seenBy.has(row.subject)) {
      seen.add(row.observer);
      seen.add(row.subject);
    }
  }
  return { accused, seen };
}

export function indirectlyConnected(view: SplitBrainView): ReadonlySet<NodeKey> {
  const { accused, seen } = indirectParts(view);
  return new Set([...accused, ...seen]);
}

/**
 * The view without what indirectly connected nodes say of each other; the strategy decides upon it a second time.
 *
 * Pekko takes that second look only when something unreachable is left that is not indirectly connected. Here it is
 * always taken: what members said of a third one before a clean split (say, of one that was just downed) makes the
 * whole other side look indirectly connected, on both sides, and both would survive. The second look only ever downs
 * more, and cannot contradict the first where Pekko would not have taken it.
 */
export function viewOfCleanSplit(view: SplitBrainView): SplitBrainView {
  const { accused, seen } = indirectParts(view);
  const downable = new Set(downableMembers(view).map((member) => member.node.key));
  const rows = view.rows.filter(({ observer, subject }) => {
    if (!downable.has(observer) || !downable.has(subject)) return false;
    if (accused.has(observer) && accused.has(subject)) return false;
    return !(seen.has(observer) && seen.has(subject));
  });
  return { ...view, rows, unreachable: new Set(rows.map((row) => row.subject)) };
}
