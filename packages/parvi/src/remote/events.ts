// What remoting tells the layers above about its peers.

import type { Address, UniqueAddress } from '../wire/index.ts';

export type RemotingEvent =
  /** We declared that incarnation lost. */
  | {
      readonly type: 'quarantined';
      readonly peer: UniqueAddress;
      readonly reason: string;
      readonly harmless: boolean;
    }
  /** That peer declared us lost; a cluster member restarts with a new uid. */
  | { readonly type: 'thisSystemQuarantined'; readonly from: UniqueAddress }
  | {
      readonly type: 'associationState';
      readonly address: Address;
      readonly uid: bigint | undefined;
      readonly state: 'associated' | 'restarted' | 'forgotten';
    };

/** One peer, as the management view shows it. */
export interface AssociationView {
  readonly address: Address;
  readonly uid: bigint | undefined;
  readonly incarnations: number;
  readonly quarantined: { readonly reason: string; readonly harmless: boolean } | undefined;
  readonly streams: readonly StreamView[];
  /** Entries of the tables that the peer gave us for what we send. */
  readonly compression: { readonly actorRefs: number; readonly manifests: number };
  readonly unacknowledgedSystemMessages: number;
  readonly idleMs: number;
}

export const streamNames = { 1: 'control', 2: 'ordinary', 3: 'large' } as const;

export interface StreamView {
  readonly name: 'control' | 'ordinary' | 'large';
  readonly state: string;
  readonly queuedFrames: number;
  readonly queuedBytes: number;
  readonly framesSent: number;
}
