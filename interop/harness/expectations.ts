// What tests wait for: events of one node, and states in which all nodes agree. Nothing here waits for time to pass.

import type { Line, NodeProcess, StateLine } from './node-process.ts';

export type EventName =
  | 'MemberJoined'
  | 'MemberWeaklyUp'
  | 'MemberUp'
  | 'MemberLeft'
  | 'MemberExited'
  | 'MemberDowned'
  | 'MemberRemoved'
  | 'UnreachableMember'
  | 'ReachableMember';

/** Resolves when the node has seen that event of that member. */
export function sees(
  node: NodeProcess,
  event: EventName,
  address: string,
  options: { readonly timeoutMs?: number; readonly since?: number } = {},
): Promise<Line> {
  const test = (line: Line) => line.event === event && line.member === address;
  return node.until(`${event} of ${address}`, test, options);
}

export function isUp(node: NodeProcess, address: string): Promise<Line> {
  return sees(node, 'MemberUp', address, { timeoutMs: 120_000 });
}

/** The events of the members, without those of leaders, as `MemberUp 127.0.1.10`. */
export function memberEventsOf(node: NodeProcess, since = 0): string[] {
  return node.lines
    .slice(since)
    .filter(({ event = '', member }) => /Member/.test(event) && member !== undefined)
    .map(({ event, member = '' }) => `${event} ${hostOf(member)}`);
}

export function hostOf(address: string): string {
  return /@([^:]+):/.exec(address)?.[1] ?? address;
}

/**
 * Waits until all nodes report the same state, and it passes the test. What each has seen of the gossip must be the
 * same too, so the cluster has converged.
 *
 * @throws Error with the last states after the time
 */
export async function agree(
  nodes: readonly NodeProcess[],
  test: (state: StateLine) => boolean,
  options: { readonly timeoutMs?: number; readonly what?: string } = {},
): Promise<StateLine> {
  const { timeoutMs = 120_000, what = 'agreement' } = options;
  const start = performance.now();
  for (;;) {
    const states = await Promise.all(nodes.map((node) => node.state()));
    const [first] = states;
    if (first !== undefined) {
      const isSame = new Set(states.map((state) => comparable(state))).size === 1;
      if (isSame && test(first)) return first;
    }
    if (performance.now() - start > timeoutMs) {
      const shown = states.map((state, i) => `${nodes[i]?.host}: ${comparable(state)}`);
      throw new Error(`No ${what} within ${timeoutMs} ms:\n${shown.join('\n')}`);
    }
    await Promise.race(nodes.map((node) => node.nextLine(250)));
  }
}

function comparable({ members, unreachable, leader, oldest, seenBy }: StateLine): string {
  return JSON.stringify({ members, unreachable, leader, oldest, seenBy });
}

/** Test for {@link agree}: exactly these are members, all Up, none unreachable, all have seen it. */
export function membersAre(nodes: readonly NodeProcess[]): (state: StateLine) => boolean {
  const expected = nodes.map(({ address }) => address).sort();
  return (state) =>
    state.members.every(({ status }) => status === 'Up') &&
    state.unreachable.length === 0 &&
    JSON.stringify(state.members.map(({ address }) => address)) === JSON.stringify(expected) &&
    state.seenBy.length === expected.length;
}
