// What a node may be started with, by name: programs without types, and options that come from elsewhere, are told of a
// misspelt one instead of running without it.

import type {
  ActorSystemCreateOptions,
  CoordinatedShutdownOptions,
  DeadLetterOptions,
} from './actor/index.ts';
import type { BootstrapOptions } from './bootstrap/index.ts';
import {
  type ClusterOptions,
  clusterOptionRules,
  failureDetectorOptionRules,
  splitBrainOptionRules,
} from './cluster/index.ts';
import { expectationOf, unknownOption } from './config/index.ts';
import type { DiscoveryOptions, ServiceDiscovery } from './discovery/index.ts';
import type { KubernetesOptions, LeaseOptions } from './kubernetes/index.ts';
import type { ManagementOptions } from './management/index.ts';
import { type LogOptions, logOptions, type TelemetryOptions } from './observe/index.ts';
import {
  type RemotingOptions,
  remotingLimitsDefaults,
  type SerializationOptions,
  type TlsOptions,
} from './remote/index.ts';
import {
  anyText,
  durationFrom,
  flag,
  nonEmptyText,
  numberFrom,
  type OptionRule,
  type OptionRules,
  optionWithValue,
  orOff,
  ParviError,
  section,
  type WrongOption,
  wrongOption,
} from './runtime/index.ts';

export interface StartOptions extends ActorSystemCreateOptions {
  /** Makes the node reachable for others. Left out: the system stays alone, unless `cluster` is given. */
  readonly remote?: Partial<RemotingOptions>;
  /** Makes the node a member. With `seedNodes` it joins by itself; else `Cluster.join` does. */
  readonly cluster?: ClusterOptions;
  /** What is taken from Kubernetes: the lease of `lease-majority`, the version, which pods to remove first. */
  readonly kubernetes?: KubernetesOptions;
  /** Serves health, members, metrics and more over HTTP. What is wrong with it is told before anything starts. */
  readonly management?: ManagementOptions;
  /** Records traces and sends them by OpenTelemetry's protocol; left out, nothing of it is loaded. */
  readonly telemetry?: TelemetryOptions;
  /**
   * Has the node find or form its cluster without seed nodes; needs `cluster`, `management` and `discovery`. What is
   * wrong with it is told before anything starts.
   */
  readonly bootstrap?: BootstrapOptions;
  /** How bootstrap finds the other nodes: options of a method, or a method of your own. */
  readonly discovery?: DiscoveryOptions | ServiceDiscovery;
  /** What is logged, in which form and where, unless a logger is handed in. Default level info, standard error. */
  readonly log?: Partial<LogOptions>;
  /** SIGTERM and SIGINT run coordinated shutdown, by which the node leaves its cluster. Default true. */
  readonly handleSignals?: boolean;
}

/** All names of a section; complete by its type. */
type Names<T> = Readonly<Record<keyof T, true>>;

const remoteNames: Names<RemotingOptions> = {
  host: true,
  port: true,
  bindHost: true,
  bindPort: true,
  protocol: true,
  transport: true,
  tls: true,
  largeMessageDestinations: true,
  openSystemPaths: true,
  serialization: true,
  limits: true,
};

const tlsNames: Names<TlsOptions> = {
  keyFile: true,
  certFile: true,
  caFile: true,
  requireMutualAuthentication: true,
  hostnameVerification: true,
  protocols: true,
  ciphers: true,
  reloadIntervalMs: true,
};
const serializationNames: Names<SerializationOptions> = {
  messageTypes: true,
  serializers: true,
  limits: true,
};

const kubernetesNames: Names<KubernetesOptions> = {
  apiServer: true,
  caFile: true,
  tokenFile: true,
  namespace: true,
  podName: true,
  requestTimeout: true,
  lease: true,
  podDeletionCost: true,
  podDeletionCostMembers: true,
  appVersionFromRevision: true,
};
const leaseNames: Names<LeaseOptions> = {
  name: true,
  owner: true,
  heartbeatTimeout: true,
  heartbeatInterval: true,
  operationTimeout: true,
};

/** Said better where it is read. */
const checkedLater: OptionRule = { takes: 'a duration', accepts: () => true };

const startRules: OptionRules<StartOptions> = {
  name: anyText,
  askTimeout: checkedLater,
  deadLetters: section,
  shutdown: section,
  remote: section,
  cluster: section,
  kubernetes: section,
  management: section,
  telemetry: section,
  bootstrap: section,
  discovery: section,
  log: section,
  handleSignals: flag,
};
const deadLetterRules: OptionRules<DeadLetterOptions> = {
  logMax: numberFrom(0),
  logWindow: durationFrom(1),
};
const shutdownRules: OptionRules<CoordinatedShutdownOptions> = {
  phases: {
    takes: 'an object with an object for each phase',
    accepts: (value) =>
      section.accepts(value) && Object.values(Object(value)).every(section.accepts),
  },
  exitProcess: flag,
};
/** What `telemetry.endpoint` takes, for the configuration too. */
export const telemetryEndpointTakes = 'a URL such as "http://127.0.0.1:4318/v1/traces"';
const telemetryRules: OptionRules<TelemetryOptions> = {
  endpoint: {
    takes: telemetryEndpointTakes,
    accepts: (value) =>
      typeof value === 'string' && /^https?:$/.test(URL.parse(value)?.protocol ?? ''),
  },
  sampleRatio: {
    takes: 'a number from 0 to 1',
    accepts: (value) => typeof value === 'number' && value >= 0 && value <= 1,
  },
  tracesPerSecond: {
    takes: 'a number above 0',
    accepts: (value) => typeof value === 'number' && value > 0,
  },
  serviceName: nonEmptyText,
};
/** What stands in these sections is checked by the parts that use it. */
const remoteSections = { tls: section, limits: section, serialization: section };
const kubernetesSections = { lease: section };
const clusterSections = {
  failureDetector: section,
  splitBrain: orOff({ ...section, takes: 'an object such as { strategy: "keep-oldest" }' }),
};

/** @throws ParviError `START_OPTION_UNKNOWN`, `START_OPTION_INVALID` */
export function checkStartOptions(options: StartOptions): void {
  refuseWrong(wrongOption({ options: options ?? null }, { options: section }));
  refuseWrong(wrongOption(options, startRules));
  const { remote, cluster, kubernetes, telemetry, log = {}, deadLetters, shutdown } = options;
  refuseMissingEndpoint(telemetry);
  refuseWrong(wrongOption(telemetry ?? {}, telemetryRules, 'telemetry.'));
  refuseWrong(wrongOption(deadLetters ?? {}, deadLetterRules, 'deadLetters.'));
  refuseWrong(wrongOption(shutdown ?? {}, shutdownRules, 'shutdown.'));
  refuseWrong(wrongOption(remote ?? {}, remoteSections, 'remote.'));
  refuseWrong(wrongOption(cluster ?? {}, clusterSections, 'cluster.'));
  refuseWrong(wrongOption(kubernetes ?? {}, kubernetesSections, 'kubernetes.'));
  refuseUnknown('', options, startRules);
  refuseUnknown('deadLetters.', deadLetters, deadLetterRules);
  refuseUnknown('shutdown.', shutdown, shutdownRules);
  refuseUnknown('log.', log, logOptions.shape);
  refuseUnknown('remote.', remote, remoteNames);
  refuseUnknown('remote.tls.', remote?.tls, tlsNames);
  refuseUnknown('remote.limits.', remote?.limits, remotingLimitsDefaults);
  refuseUnknown('remote.serialization.', remote?.serialization, serializationNames);
  refuseUnknown('cluster.', cluster, clusterOptionRules);
  refuseUnknown('cluster.failureDetector.', cluster?.failureDetector, failureDetectorOptionRules);
  const splitBrain = cluster?.splitBrain;
  if (splitBrain !== 'off') refuseUnknown('cluster.splitBrain.', splitBrain, splitBrainOptionRules);
  refuseUnknown('kubernetes.', kubernetes, kubernetesNames);
  refuseUnknown('telemetry.', telemetry, telemetryRules);
  refuseUnknown('kubernetes.lease.', kubernetes?.lease, leaseNames);
  refuseWrongLog(log);
}

/** The same names; those that may be `undefined` may be absent instead. */
export type Given<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Without what is `undefined`, which would stand where a default belongs. */
export function given<T extends object>(options: T): Given<T> {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as Given<T>;
}

/** By programs without types. */
function refuseMissingEndpoint(telemetry: Partial<TelemetryOptions> | undefined): void {
  if (telemetry === undefined || telemetry.endpoint !== undefined) return;
  const { takes } = telemetryRules.endpoint;
  refuseWrong({ option: 'telemetry.endpoint', value: undefined, takes });
}

function refuseWrong(wrong: WrongOption | undefined): void {
  if (wrong === undefined) return;
  const { option, value, takes } = wrong;
  throw new ParviError(
    'START_OPTION_INVALID',
    `Cannot start with ${optionWithValue(option, value)}: it takes ${takes}`,
    { fields: { option, value } },
  );
}

function refuseWrongLog(log: object): void {
  const [problem] = logOptions.safeParse(log).error?.issues ?? [];
  if (problem === undefined) return;
  const option = `log.${problem.path.join('.')}`;
  const value: unknown = Reflect.get(log, problem.path[0] ?? '');
  refuseWrong({
    option,
    value,
    takes: expectationOf(logOptions, problem.path) ?? 'something else',
  });
}

function refuseUnknown(section: string, given: object | undefined, names: object): void {
  const unknown = unknownOption(given ?? {}, names, section);
  if (unknown === undefined) return;
  const { option, hint } = unknown;
  throw new ParviError(
    'START_OPTION_UNKNOWN',
    `Cannot start with the option "${option}": there is none of that name; ${hint}`,
    { fields: { option } },
  );
}
