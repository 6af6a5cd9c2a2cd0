// What the management server of a node answers, as far as the command reads it.

import type { ActorView } from '../actor/index.ts';

export interface MemberView {
  readonly node: string;
  readonly nodeUid: string;
  readonly status: string;
  readonly roles: readonly string[];
}

export interface MembersView {
  readonly selfNode: string;
  readonly members: readonly MemberView[];
  readonly unreachable: readonly {
    readonly node: string;
    readonly observedBy: readonly string[];
  }[];
  readonly leader?: string;
  readonly oldest?: string;
}

/** Only Parvi nodes tell these; a JVM node knows `/cluster/members` alone. */
export interface DetailedMember extends MemberView {
  readonly dataCenter: string;
  readonly appVersion: string;
  readonly age: number;
}

export interface ActorsView {
  readonly total: number;
  readonly shown: number;
  readonly truncated: boolean;
  readonly actors: readonly ActorView[];
}

export interface DeadLettersView {
  readonly total: number;
  readonly byReason: Readonly<Record<string, number>>;
  readonly last: readonly (Readonly<Record<string, unknown>> & { readonly at: string })[];
}

export interface OptionView {
  readonly key: string;
  readonly value: string;
  readonly origin: string;
  readonly effect: string;
}

export interface VersionView {
  readonly parvi: string;
  readonly node: string;
  readonly appVersion?: string;
  readonly system: string;
  readonly address?: string;
  readonly uptimeSeconds: number;
}

export interface LoopView {
  readonly delaySeconds: Readonly<Record<'p50' | 'p90' | 'p99' | 'max', number>>;
}

export interface AssociationsView {
  readonly associations: readonly {
    readonly address: string;
    readonly quarantined?: unknown;
    readonly streams: readonly {
      readonly name: string;
      readonly state: string;
      readonly queuedFrames: number;
      readonly queuedBytes: number;
      readonly framesSent: number;
    }[];
  }[];
}

export interface EventView {
  readonly type: string;
  readonly member?: {
    readonly uniqueAddress: { readonly address: string; readonly longUid: string };
    readonly status: string;
    readonly roles: readonly string[];
  };
  readonly previousStatus?: string;
  readonly address?: string;
  readonly role?: string;
  readonly dataCenter?: string;
}
