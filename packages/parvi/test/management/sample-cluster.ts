// Clusters in the state in which they were when answers were recorded.

import type { ClusterEvent, Member } from '../../src/cluster/index.ts';
import { clusterNode, type MemberStatus } from '../../src/cluster/index.ts';
import type { ClusterPort } from '../../src/management/cluster-port.ts';
import { parseAddress } from '../../src/wire/index.ts';

export function member(
  port: number,
  uid: bigint,
  given: { readonly status?: MemberStatus; readonly roles?: readonly string[] } = {},
): Member {
  const { status = 'Up', roles = [] } = given;
  return {
    node: clusterNode(parseAddress(`pekko://mg@127.0.0.1:${port}`), uid),
    status,
    upNumber: port - 26_800,
    roles: [...roles, 'dc-default'],
    dataCenter: 'default',
    appVersion: '0.0.0',
  };
}

export const first = member(26_801, -5844819917529673121n);
export const second = member(26_802, 2672942773166616193n);
export const third = member(26_803, 2057700021084873645n, { roles: ['x'] });
export const survivor = member(26_801, -6466370850827410467n);
export const lost = member(26_802, -1261213654791694055n);

type Publish = (event: ClusterEvent) => void;

/** A cluster of these members that notes what it was told to do. */
export class SampleCluster implements ClusterPort {
  readonly self: ClusterPort['self'];
  readonly selfMember: Member;
  readonly state: ClusterPort['state'];
  readonly unreachability: ClusterPort['unreachability'];
  readonly isTerminated = false;
  readonly commands: string[] = [];
  /** What a new subscriber is told first. */
  initial: readonly ClusterEvent[] = [];
  readonly #subscribers = new Set<Publish>();

  constructor(self: Member, members: readonly Member[], unreachable: readonly Member[] = []) {
    this.self = self.node;
    this.selfMember = self;
    this.state = {
      members,
      unreachable,
      seenBy: [],
      leader: members[0]?.node,
      roleLeaders: new Map(),
      unreachableDataCenters: new Set(),
    };
    this.unreachability = unreachable.map(({ node }) => ({
      subject: node,
      observers: [self.node],
    }));
  }

  get subscribers(): number {
    return this.#subscribers.size;
  }

  join(address: unknown): void {
    this.#note('join', address);
  }

  leave(address: unknown = this.self.address): void {
    this.#note('leave', address);
  }

  down(address: unknown): void {
    this.#note('down', address);
  }

  prepareForFullShutdown(): void {
    this.commands.push('prepare');
  }

  subscribe: ClusterPort['subscribe'] = (types, subscriber) => {
    const wanted = new Set<string>(types);
    const publish = (event: ClusterEvent): void => {
      if (wanted.has(event.type) && typeof subscriber === 'function') subscriber(event as never);
    };
    for (const event of this.initial) publish(event);
    this.#subscribers.add(publish);
    return { cancel: () => this.#subscribers.delete(publish) };
  };

  publish(event: ClusterEvent): void {
    for (const publish of this.#subscribers) publish(event);
  }

  #note(what: string, address: unknown): void {
    const { port } = address as { readonly port: number };
    this.commands.push(`${what} ${port}`);
  }
}
