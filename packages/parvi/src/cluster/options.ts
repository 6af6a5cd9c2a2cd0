// Options of the cluster part with Pekko's defaults, and the settings that follow from them.

import { type Duration, durationMs, optionWithValue } from '../runtime/index.ts';
import { type Address, isAppVersion, parseAddress } from '../wire/index.ts';
import { ClusterError } from './errors.ts';
import type { Lease } from './lease.ts';
import {
  dataCenterRolePrefix,
  defaultAppVersion,
  defaultDataCenter,
  withDataCenterRole,
} from './member.ts';
import { wrongClusterOption } from './option-rules.ts';
import type { ClusterSettings, JsonObject, JsonValue } from './settings.ts';
import type { SplitBrainSettings, StrategySettings } from './split-brain/settings.ts';

/** A duration, or `'off'`. */
export type DurationOrOff = Duration | 'off';

export interface ClusterOptions {
  /** Addresses asked for a cluster to join, as text or values; the first may form a new cluster. Default none. */
  readonly seedNodes?: readonly (string | Address)[];
  /** Names that this node goes by; the data center is added as `dc-<name>`. Default none. */
  readonly roles?: readonly string[];
  /** Default `default`. */
  readonly dataCenter?: string;
  /** `1.2.3`, at most three numbers, the last with an optional `-` or `+` suffix. Default `0.0.0`. */
  readonly appVersion?: string;
  /** Address protocols of nodes that may join. Default `['pekko']`. */
  readonly acceptProtocols?: readonly string[];
  /** How long the first seed waits for the others before it forms a cluster; how often others ask. Default 5 s. */
  readonly seedNodeTimeout?: Duration;
  /** How often an unanswered Join is repeated. Default 1 s. */
  readonly joinRetryInterval?: Duration;
  /** How long to wait for a Welcome before starting over. Default 10 s. */
  readonly retryUnsuccessfulJoinAfter?: DurationOrOff;
  /** Shut the system down when no cluster could be joined for so long. Default off. */
  readonly shutdownAfterUnsuccessfulJoin?: DurationOrOff;
  /** How long joining members wait for convergence before they take part as WeaklyUp. Default 7 s. */
  readonly allowWeaklyUp?: DurationOrOff;
  /** Members needed before any becomes Up. Default 1. */
  readonly membersMin?: number;
  /** The same per role. Default none. */
  readonly membersMinByRole?: Readonly<Record<string, number>>;
  /** Before the first periodic tick. Default 1 s. */
  readonly periodicTasksInitialDelay?: Duration;
  /** Default 1 s. Shorter spreads news faster and costs more messages. */
  readonly gossipInterval?: Duration;
  /** Gossip that waited longer in an overloaded process is dropped. Default 2 s. */
  readonly gossipTimeToLive?: Duration;
  /** Share of rounds that prefer members with another view. Default 0.8. */
  readonly gossipDifferentViewProbability?: number;
  /** Size of cluster from which that share falls. Default 400. */
  readonly reduceGossipDifferentViewProbability?: number;
  /** Default 1 s. */
  readonly leaderActionsInterval?: Duration;
  /** How often detectors are looked at. Default 1 s. */
  readonly unreachableReaperInterval?: Duration;
  /** How long removed incarnations are remembered. Default 24 h. */
  readonly pruneTombstonesAfter?: Duration;
  /** How long after a graceful leave the incarnation is banned. Default 5 s. */
  readonly quarantineRemovedNodeAfter?: Duration;
  readonly failureDetector?: FailureDetectorOptions;
  /** `'off'`: nobody is downed but by hand. Default keep-majority. */
  readonly splitBrain?: SplitBrainOptions | 'off';
  /** More settings that all members must agree on, as nested JSON, `{ pekko: … }`; e.g. of sharding on JVM nodes. */
  readonly joinConfig?: JsonObject;
  /** Refuse to join when the settings differ. Default true. */
  readonly enforceJoinConfig?: boolean;
  /** Shut the whole system down when this node was downed. Default true. */
  readonly shutdownWhenDown?: boolean;
}

export interface FailureDetectorOptions {
  /** Default 1 s. */
  readonly heartbeatInterval?: Duration;
  /** Default 8. */
  readonly threshold?: number;
  /** Default 1000. */
  readonly samplesMax?: number;
  /** Default 100 ms. */
  readonly minStdDeviation?: Duration;
  /** Silence that is forgiven, e.g. garbage collection. Default 3 s. */
  readonly acceptableHeartbeatPause?: Duration;
  /** Members that monitor each member. Default 9. */
  readonly monitoredByMembers?: number;
  /** From when a member that never answered is suspected. Default 1 s. */
  readonly expectedResponseAfter?: Duration;
}

export interface SplitBrainOptions {
  /** Default `keep-majority`. */
  readonly strategy?: StrategySettings['name'];
  /** Only members with this role are counted. Default all. */
  readonly role?: string;
  /** No decision before things have been stable for so long. Default 20 s. */
  readonly stableAfter?: Duration;
  /** Default three quarters of the above, at least 4 s. */
  readonly downAllWhenUnstable?: DurationOrOff;
  /** For `static-quorum`; no default. */
  readonly quorumSize?: number;
  /** For `keep-oldest`: down the oldest when it is alone. Default true. */
  readonly downIfAlone?: boolean;
  /** For `lease-majority`; no default. */
  readonly lease?: Lease;
  /** For `lease-majority`. Default 2 s. */
  readonly acquireLeaseDelayForMinority?: Duration;
  /** For `lease-majority`. Default 40 s. */
  readonly releaseLeaseAfter?: Duration;
}

/**
 * By address protocol: under which name the settings stand, the class that JVM nodes name for the same resolver (members
 * of one cluster must name the same), and the version whose protocol is spoken. Akka 2.6 is what Pekko was made from.
 */
const products = {
  pekko: {
    root: 'pekko',
    splitBrainProvider: 'org.apache.pekko.cluster.sbr.SplitBrainResolverProvider',
    version: '1.7.0',
  },
  akka: {
    root: 'akka',
    splitBrainProvider: 'akka.cluster.sbr.SplitBrainResolverProvider',
    version: '2.6.21',
  },
} as const;

/**
 * Checks the options and fills in the defaults.
 *
 * @throws ClusterError `CLUSTER_OPTION_INVALID`; WireError `ADDRESS_INVALID`
 */
export function clusterSettings(
  options: ClusterOptions = {},
  self: { readonly protocol: string; readonly system: string; readonly port: number } = {
    protocol: 'pekko',
    system: 'default',
    port: 25520,
  },
): ClusterSettings {
  const wrong = wrongClusterOption(options);
  if (wrong !== undefined) throw invalid(wrong.option, wrong.value, `it takes ${wrong.takes}`);
  const dataCenter = options.dataCenter ?? defaultDataCenter;
  const splitBrain = splitBrainSettings(options.splitBrain);
  return {
    seedNodes: (options.seedNodes ?? []).map((seed) =>
      typeof seed === 'string' ? parseAddress(seed, { ...self, protocolForced: true }) : seed,
    ),
    roles: ownRoles(options.roles ?? [], dataCenter),
    dataCenter,
    appVersion: checkedAppVersion(options.appVersion ?? defaultAppVersion),
    acceptProtocols: options.acceptProtocols ?? ['pekko'],
    seedNodeTimeoutMs: ms(options.seedNodeTimeout, 5000, 'seedNodeTimeout'),
    joinRetryMs: ms(options.joinRetryInterval, 1000, 'joinRetryInterval'),
    retryUnsuccessfulJoinAfterMs: msOrOff(options.retryUnsuccessfulJoinAfter ?? '10s'),
    shutdownAfterUnsuccessfulJoinMs: msOrOff(options.shutdownAfterUnsuccessfulJoin ?? 'off'),
    weaklyUpAfterMs: msOrOff(options.allowWeaklyUp ?? '7s'),
    membersMin: options.membersMin ?? 1,
    membersMinByRole: options.membersMinByRole ?? {},
    initialDelayMs: ms(options.periodicTasksInitialDelay, 1000, 'periodicTasksInitialDelay'),
    gossipIntervalMs: ms(options.gossipInterval, 1000, 'gossipInterval'),
    gossipTimeToLiveMs: ms(options.gossipTimeToLive, 2000, 'gossipTimeToLive'),
    gossipDifferentViewProbability: options.gossipDifferentViewProbability ?? 0.8,
    reduceDifferentViewProbabilityAt: options.reduceGossipDifferentViewProbability ?? 400,
    leaderActionsIntervalMs: ms(options.leaderActionsInterval, 1000, 'leaderActionsInterval'),
    reaperIntervalMs: ms(options.unreachableReaperInterval, 1000, 'unreachableReaperInterval'),
    pruneTombstonesAfterMs: ms(options.pruneTombstonesAfter, 86_400_000, 'pruneTombstonesAfter'),
    quarantineRemovedAfterMs: ms(
      options.quarantineRemovedNodeAfter,
      5000,
      'quarantineRemovedNodeAfter',
    ),
    crossDataCenterConnections: 5,
    crossDataCenterGossipProbability: 0.2,
    heartbeat: heartbeatSettings(options.failureDetector ?? {}),
    splitBrain,
    joinConfig: ownJoinConfig(self.protocol, splitBrain, options.joinConfig ?? {}),
    enforceJoinConfig: options.enforceJoinConfig ?? true,
    shutdownWhenDown: options.shutdownWhenDown ?? true,
  };
}

function heartbeatSettings(options: FailureDetectorOptions): ClusterSettings['heartbeat'] {
  const intervalMs = ms(options.heartbeatInterval, 1000, 'heartbeatInterval');
  return {
    intervalMs,
    expectedResponseAfterMs: ms(options.expectedResponseAfter, 1000, 'expectedResponseAfter'),
    monitoredBy: options.monitoredByMembers ?? 9,
    detector: {
      threshold: options.threshold ?? 8,
      samplesMax: options.samplesMax ?? 1000,
      minStdDeviationMs: ms(options.minStdDeviation, 100, 'minStdDeviation'),
      acceptablePauseMs: ms(options.acceptableHeartbeatPause, 3000, 'acceptableHeartbeatPause'),
      firstEstimateMs: intervalMs,
    },
  };
}

function splitBrainSettings(
  options: SplitBrainOptions | 'off' | undefined,
): SplitBrainSettings | undefined {
  if (options === 'off') return undefined;
  const given = options ?? {};
  const stableAfterMs = ms(given.stableAfter, 20_000, 'stableAfter');
  const unstable = given.downAllWhenUnstable;
  return {
    strategy: strategySettings(given),
    stableAfterMs,
    downAllWhenUnstableMs:
      unstable === undefined ? Math.max(4000, (stableAfterMs * 3) / 4) : msOrOff(unstable),
    tickMs: 1000,
  };
}

function strategySettings(options: SplitBrainOptions): StrategySettings {
  const role = options.role === '' ? undefined : options.role;
  const name = options.strategy ?? 'keep-majority';
  switch (name) {
    case 'keep-majority':
      return { name, role };
    case 'static-quorum':
      return { name, role, quorumSize: checkedQuorum(options.quorumSize) };
    case 'keep-oldest':
      return { name, role, downIfAlone: options.downIfAlone ?? true };
    case 'down-all':
      return { name };
    case 'lease-majority':
      if (options.lease === undefined) {
        throw invalid(
          'splitBrain.lease',
          undefined,
          'the lease-majority strategy needs one to decide by',
        );
      }
      return {
        name,
        role,
        acquireDelayForMinorityMs: ms(options.acquireLeaseDelayForMinority, 2000, 'delay'),
        releaseAfterMs: ms(options.releaseLeaseAfter, 40_000, 'releaseLeaseAfter'),
      };
    default:
      throw invalid(
        'splitBrain.strategy',
        name,
        'there is none of that name; known are keep-majority, static-quorum, keep-oldest, down-all and lease-majority; splitBrain: "off", instead of an object, leaves unreachable members to an operator',
      );
  }
}

function checkedQuorum(quorumSize: number | undefined): number {
  if (quorumSize !== undefined && Number.isInteger(quorumSize) && quorumSize >= 1)
    return quorumSize;
  throw invalid(
    'splitBrain.quorumSize',
    quorumSize,
    'the static-quorum strategy needs a whole number of at least 1: more than half of the members that the cluster is meant to have',
  );
}

function ownRoles(roles: readonly string[], dataCenter: string): readonly string[] {
  const wrong = roles.find((role) => role.startsWith(dataCenterRolePrefix));
  if (wrong !== undefined) {
    throw invalid(
      'roles',
      wrong,
      'roles that start with "dc-" stand for the data center; set dataCenter instead',
    );
  }
  return withDataCenterRole([...roles, dataCenterRolePrefix + dataCenter]);
}

/** Pekko members refuse a whole gossip in which one version cannot be read (Pekko `Version`). */
const appVersionPattern = /^(?:\d+(?:\.\d+){0,2}(?:[-+][0-9A-Za-z.+-]*)?|[A-Za-z0-9]+)$/;

function checkedAppVersion(version: string): string {
  const suffix = /[-+](.*)$/.exec(version)?.[1] ?? '';
  if (appVersionPattern.test(version) && !suffix.includes('.') && isAppVersion(version)) {
    return version;
  }
  throw invalid(
    'appVersion',
    version,
    'members could not read the gossip with it; write up to three numbers, each at most 2147483647, with an optional suffix without dots, such as "1.2.3-rc1", or one word of letters and digits',
  );
}

/** What every member of this cluster must agree on, and what JVM nodes with sharding want to see besides. */
function ownJoinConfig(
  protocol: string,
  splitBrain: SplitBrainSettings | undefined,
  more: JsonObject,
): JsonObject {
  const strategy = splitBrain?.strategy.name ?? 'keep-majority';
  const { root, splitBrainProvider, version } = products[protocol === 'akka' ? 'akka' : 'pekko'];
  const own: JsonObject = {
    [root]: {
      cluster: {
        'downing-provider-class': splitBrain === undefined ? '' : splitBrainProvider,
        'split-brain-resolver': { 'active-strategy': strategy },
      },
      version,
    },
  };
  return merged(own, more);
}

function merged(base: JsonObject, more: JsonObject): JsonObject {
  const all: Record<string, JsonValue> = { ...base };
  for (const [key, value] of Object.entries(more)) {
    const old = all[key];
    all[key] = isObject(old) && isObject(value) ? merged(old, value) : value;
  }
  return all;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function ms(value: Duration | undefined, defaultMs: number, name: string): number {
  return value === undefined ? defaultMs : durationMs(value, name);
}

function msOrOff(value: DurationOrOff): number | undefined {
  return value === 'off' ? undefined : durationMs(value);
}

function invalid(option: string, value: unknown, reason: string): ClusterError {
  return new ClusterError(
    'CLUSTER_OPTION_INVALID',
    `Cannot use ${optionWithValue(`cluster.${option}`, value)}: ${reason}`,
    { fields: { option, value } },
  );
}
