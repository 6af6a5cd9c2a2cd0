// What the coordinator of a bootstrap is told, and what it has done.

import type { ResolvedTarget, ServiceQuery } from '../discovery/index.ts';
import type { LogLevel } from '../observe/index.ts';
import type { Random } from '../runtime/index.ts';
import type { ContactPoint } from './contact-point.ts';
import type { JoinDecider, JoinRules } from './join-decider.ts';

export interface BootstrapSettings extends JoinRules {
  readonly query: ServiceQuery;
  /** Between lookups, and the limits of how that grows while they fail. */
  readonly intervalMs: number;
  readonly exponentialBackoffRandomFactor: number;
  readonly exponentialBackoffMaxMs: number;
  readonly resolveTimeoutMs: number;
  readonly fallbackPort: number;
  readonly filterOnFallbackPort: boolean;
  /** Of a single probe, and how long a contact point may stay silent. */
  readonly probingFailureTimeoutMs: number;
  readonly probeIntervalMs: number;
  readonly probeIntervalJitter: number;
  /** How long the seed nodes may take to admit this node before it looks again. */
  readonly joinTimeoutMs: number;
  readonly decide: JoinDecider;
}

/** Who this node is. */
export interface BootstrapSelf {
  readonly contactPoint: ContactPoint;
  /** `pekko://system@host:port` */
  readonly address: string;
  readonly host: string;
  readonly port: number;
}

export type BootstrapEvent =
  | { readonly type: 'start' }
  | { readonly type: 'discoverTick'; readonly timer: number }
  | {
      readonly type: 'found';
      readonly lookup: number;
      readonly targets: readonly ResolvedTarget[];
    }
  | { readonly type: 'notFound'; readonly lookup: number; readonly reason: string }
  | { readonly type: 'probeTick'; readonly key: string; readonly probe: number }
  | {
      readonly type: 'answered';
      readonly key: string;
      readonly probe: number;
      /** Address of the node that answers, and of those that it is in a cluster with. */
      readonly selfNode: string;
      readonly seedNodes: readonly string[];
    }
  | {
      readonly type: 'unanswered';
      readonly key: string;
      readonly probe: number;
      readonly reason: string;
    }
  | { readonly type: 'decideTick' }
  | { readonly type: 'joinTick'; readonly attempt: number }
  | { readonly type: 'explainTick' }
  /** This node is a member, whatever led there. */
  | { readonly type: 'member' }
  | { readonly type: 'stop' };

export type BootstrapEffect =
  | { readonly type: 'schedule'; readonly afterMs: number; readonly event: BootstrapEvent }
  | {
      readonly type: 'lookup';
      readonly lookup: number;
      readonly query: ServiceQuery;
      readonly limitMs: number;
    }
  | {
      readonly type: 'probe';
      readonly key: string;
      readonly probe: number;
      readonly contactPoint: ContactPoint;
      readonly limitMs: number;
    }
  | { readonly type: 'joinSelf' }
  | { readonly type: 'joinSeedNodes'; readonly addresses: readonly string[] }
  | {
      readonly type: 'log';
      readonly level: LogLevel;
      readonly text: string;
      readonly fields?: Readonly<Record<string, unknown>>;
    }
  /** Nothing more will be asked for. */
  | { readonly type: 'ended' };

export interface BootstrapMoment {
  /** Monotonic milliseconds. */
  readonly nowMs: number;
  readonly random: Random;
}
