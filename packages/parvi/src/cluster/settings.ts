// What the membership protocol is told once and never changes its mind about. Times are milliseconds; defaults and
// their meaning are in options.ts.

import type { PhiAccrualOptions } from '../remote/index.ts';
import type { Address } from '../wire/index.ts';
import type { SplitBrainSettings } from './split-brain/settings.ts';

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };
export type JsonObject = { readonly [key: string]: JsonValue };

export interface ClusterSettings {
  readonly seedNodes: readonly Address[];
  /** Own roles, the data-center role included. */
  readonly roles: readonly string[];
  readonly dataCenter: string;
  readonly appVersion: string;
  readonly acceptProtocols: readonly string[];
  readonly seedNodeTimeoutMs: number;
  /** How often an unanswered Join is repeated. */
  readonly joinRetryMs: number;
  /** After that long without Welcome, joining starts over; `undefined`: never. */
  readonly retryUnsuccessfulJoinAfterMs: number | undefined;
  readonly shutdownAfterUnsuccessfulJoinMs: number | undefined;
  /** `undefined`: members are not promoted to WeaklyUp. */
  readonly weaklyUpAfterMs: number | undefined;
  readonly membersMin: number;
  readonly membersMinByRole: Readonly<Record<string, number>>;
  readonly initialDelayMs: number;
  readonly gossipIntervalMs: number;
  readonly gossipTimeToLiveMs: number;
  readonly gossipDifferentViewProbability: number;
  readonly reduceDifferentViewProbabilityAt: number;
  readonly leaderActionsIntervalMs: number;
  readonly reaperIntervalMs: number;
  readonly pruneTombstonesAfterMs: number;
  readonly quarantineRemovedAfterMs: number;
  readonly crossDataCenterConnections: number;
  readonly crossDataCenterGossipProbability: number;
  readonly heartbeat: HeartbeatSettings;
  /** `undefined`: nobody is downed automatically. */
  readonly splitBrain: SplitBrainSettings | undefined;
  /** Sent in InitJoin and compared with what others send, as nested JSON below `pekko`. */
  readonly joinConfig: JsonObject;
  readonly enforceJoinConfig: boolean;
  readonly shutdownWhenDown: boolean;
}

export interface HeartbeatSettings {
  readonly intervalMs: number;
  readonly expectedResponseAfterMs: number;
  readonly monitoredBy: number;
  readonly detector: PhiAccrualOptions;
}
