// What a leader may do and when, in the words of the protocol's description and not by its code, so that the code can be
// held against it: only the leader, only when all have seen the gossip, and new members always younger than all before.

import type { Gossip, Member, MemberStatus, MembershipState } from '../cluster/index.ts';
import type { SimProcess } from './sim-process.ts';

const upNumberNone = 2147483647;

const full: ReadonlySet<MemberStatus> = new Set<MemberStatus>([
  'Up',
  'Leaving',
  'PreparingForShutdown',
  'ReadyForShutdown',
]);

/** What is wrong with what this step did as a leader, if it did anything; of clusters of one data center. */
export function leaderFault(process: SimProcess, before: MembershipState): string | undefined {
  const { gossip } = process.state;
  if (gossip.members === before.gossip.members) return undefined;
  const old = [...before.gossip.members.values()];
  if (old.some(({ dataCenter }) => dataCenter !== before.at.dataCenter)) return undefined;
  const moved = [...gossip.members.values()].filter(
    (each) => before.gossip.members.get(each.node.key)?.status !== each.status,
  );
  const promoted = moved.filter(({ status }) => status === 'Up' || status === 'WeaklyUp');
  const gone = old.filter(({ node }) => !gossip.members.has(node.key));
  const exiting = moved.filter(({ status }) => status === 'Exiting');
  if (promoted.length + gone.length + exiting.length === 0) return undefined;
  const leader = leaderBy(before.gossip, process.node.key);
  if (leader !== undefined && leader.node.key !== process.node.key) {
    return `it acts as leader, and ${leader.node.key} is`;
  }
  const up = promoted.filter(({ status }) => status === 'Up');
  if (up.length + gone.length + exiting.length > 0) {
    const missing = notConverged(before);
    if (missing !== undefined) return `it acts without convergence: ${missing}`;
  }
  const kept = gone.map((member) => removalFault(member, before, gossip)).find(Boolean);
  if (kept !== undefined) return kept;
  if (promoted.length > 0 && old.length < before.settings.membersMin) {
    return `it lets members in when there are ${old.length} of ${before.settings.membersMin}`;
  }
  return ageFault(before.gossip, up);
}

/** The first member, in the order of addresses, that is reachable and takes part fully. */
function leaderBy(gossip: Gossip, self: string): Member | undefined {
  const { rows } = gossip.reachability;
  const accused = new Set(rows.flatMap((row) => (row.status === 'Reachable' ? [] : [row.subject])));
  return [...gossip.members.values()].find(
    ({ node, status }) => full.has(status) && (node.key === self || !accused.has(node.key)),
  );
}

function notConverged({ gossip, self, exitingConfirmed }: MembershipState): string | undefined {
  for (const { node, status } of gossip.members.values()) {
    if (!full.has(status) || gossip.seen.has(node.key) || exitingConfirmed.has(node.key)) continue;
    return `${node.key} has not seen it`;
  }
  for (const { observer, subject, status } of gossip.reachability.rows) {
    if (status === 'Reachable' || subject === self.key || exitingConfirmed.has(subject)) continue;
    const accused = gossip.members.get(subject)?.status;
    const accuser = gossip.members.get(observer)?.status;
    if (accuser === 'Down' || accused === 'Down' || accused === 'Exiting') continue;
    return `${observer} finds ${subject} unreachable`;
  }
  return undefined;
}

/** Only members that are Down or Exiting and out of reach, or say that they are done, and they leave a tombstone. */
function removalFault(
  { node, status }: Member,
  { gossip, exitingConfirmed }: MembershipState,
  after: Gossip,
): string | undefined {
  if (!after.tombstones.has(node.key)) return `it removes ${node.key} without a tombstone`;
  const isDone = status === 'Exiting' && exitingConfirmed.has(node.key);
  const isLost = gossip.reachability.rows.some(
    (row) => row.subject === node.key && row.status !== 'Reachable',
  );
  if ((status === 'Down' || status === 'Exiting') && (isDone || isLost)) return undefined;
  return `it removes ${node.key}, which is ${status} and ${isLost ? 'lost' : 'reachable'}`;
}

function ageFault(before: Gossip, promoted: readonly Member[]): string | undefined {
  const youngest = Math.max(
    0,
    ...[...before.members.values()].map(({ upNumber }) =>
      upNumber === upNumberNone ? 0 : upNumber,
    ),
  );
  const tooOld = promoted.find(({ upNumber }) => upNumber <= youngest);
  if (tooOld === undefined) return undefined;
  return `it makes ${tooOld.node.key} number ${tooOld.upNumber}, and ${youngest} was given before`;
}
