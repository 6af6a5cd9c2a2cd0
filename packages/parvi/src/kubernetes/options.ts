// Options of what a node asks of Kubernetes, their rules, and the settings that follow from them.

import {
  anyText,
  type Duration,
  durationFrom,
  durationMs,
  flag,
  nonEmptyText,
  type OptionRules,
  section,
  wholeNumber,
  wrongOption,
} from '../runtime/index.ts';
import { type Environment, podEnvironment } from './environment.ts';
import { KubernetesError } from './errors.ts';

export interface KubernetesOptions {
  /** Origin of the API server. Default: the one that Kubernetes names to every pod. */
  readonly apiServer?: string;
  /** Authorities that may vouch for it, PEM. Default: the file of the service account. */
  readonly caFile?: string;
  /** Bearer token, read anew for each request. Default: the file of the service account. */
  readonly tokenFile?: string;
  /** Default: `POD_NAMESPACE`, `KUBERNETES_NAMESPACE` or `NAMESPACE`, else the file of the service account. */
  readonly namespace?: string;
  /** Default: `POD_NAME` or `KUBERNETES_POD_NAME`. */
  readonly podName?: string;
  /** How long an answer may take. Default 2 s. */
  readonly requestTimeout?: Duration;
  /** The lease that decides with `lease-majority`, unless the cluster is given another one. */
  readonly lease?: LeaseOptions;
  /** Tell Kubernetes to remove young pods first. Default false. */
  readonly podDeletionCost?: boolean;
  /** How many of the oldest members have a cost. Default 3. */
  readonly podDeletionCostMembers?: number;
  /** Use the revision of the Deployment as `cluster.appVersion`. Default false. */
  readonly appVersionFromRevision?: boolean;
}

export interface LeaseOptions {
  /** Default `<system>-pekko-sbr`. */
  readonly name?: string;
  /** Default `<system>@<host>:<port>` of this node. */
  readonly owner?: string;
  /** How long after its last sign of life a holder has lost it, but for two intervals. Default 120 s. */
  readonly heartbeatTimeout?: Duration;
  /** How often the holder gives a sign. Default a tenth of the timeout, at least 5 s. */
  readonly heartbeatInterval?: Duration;
  /** How long an attempt to acquire or release it may take. Default 5 s. */
  readonly operationTimeout?: Duration;
}

const interval = durationFrom(1);

const kubernetesOptionRules: OptionRules<KubernetesOptions> = {
  apiServer: { takes: 'a URL such as "https://10.96.0.1:443"', accepts: isOrigin },
  caFile: nonEmptyText,
  tokenFile: nonEmptyText,
  namespace: nonEmptyText,
  podName: nonEmptyText,
  requestTimeout: interval,
  lease: section,
  podDeletionCost: flag,
  podDeletionCostMembers: wholeNumber(0),
  appVersionFromRevision: flag,
};

const leaseOptionRules: OptionRules<LeaseOptions> = {
  name: nonEmptyText,
  owner: anyText,
  heartbeatTimeout: interval,
  heartbeatInterval: interval,
  operationTimeout: interval,
};

function isOrigin(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  const { protocol, pathname, search, username } = new URL(value);
  return /^https?:$/.test(protocol) && pathname === '/' && search === '' && username === '';
}

/** What the requests need. */
export interface ApiSettings {
  readonly apiServer: string;
  readonly caFile: string;
  readonly tokenFile: string;
  readonly requestTimeoutMs: number;
}

const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount';
export const namespaceFile = `${serviceAccount}/namespace`;
const requestTimeoutMsDefault = 2000;

/** @throws KubernetesError `KUBERNETES_OPTION_INVALID`, `KUBERNETES_NOT_IN_CLUSTER` */
export function apiSettings(options: KubernetesOptions, environment: Environment): ApiSettings {
  refuseWrongOptions(options);
  const apiServer = options.apiServer ?? podEnvironment(environment).apiServer;
  if (apiServer === undefined) {
    throw new KubernetesError(
      'KUBERNETES_NOT_IN_CLUSTER',
      'Cannot find the Kubernetes API server: KUBERNETES_SERVICE_HOST is not set, so this process is not in a pod; set kubernetes.apiServer, or switch off what needs it',
    );
  }
  return {
    apiServer: new URL(apiServer).origin,
    caFile: options.caFile ?? `${serviceAccount}/ca.crt`,
    tokenFile: options.tokenFile ?? `${serviceAccount}/token`,
    requestTimeoutMs: durationMs(options.requestTimeout ?? requestTimeoutMsDefault),
  };
}

export interface LeaseSettings {
  readonly heartbeatTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly operationTimeoutMs: number;
}

/**
 * Defaults as Pekko's `TimeoutSettings`.
 *
 * @throws KubernetesError `KUBERNETES_OPTION_INVALID`
 */
export function leaseSettings(options: LeaseOptions = {}): LeaseSettings {
  refuseWrong(wrongOption(options, leaseOptionRules, 'lease.'));
  const heartbeatTimeoutMs = durationMs(options.heartbeatTimeout ?? 120_000);
  const heartbeatIntervalMs = durationMs(
    options.heartbeatInterval ?? Math.max(heartbeatTimeoutMs / 10, 5000),
  );
  if (heartbeatIntervalMs >= heartbeatTimeoutMs / 2) {
    refuseWrong({
      option: 'lease.heartbeatInterval',
      value: options.heartbeatInterval ?? heartbeatIntervalMs,
      takes: `less than half of lease.heartbeatTimeout (${heartbeatTimeoutMs} ms)`,
    });
  }
  const operationTimeoutMs = durationMs(options.operationTimeout ?? 5000);
  return { heartbeatTimeoutMs, heartbeatIntervalMs, operationTimeoutMs };
}

function refuseWrongOptions(options: KubernetesOptions): void {
  refuseWrong(wrongOption(options, kubernetesOptionRules));
}

function refuseWrong(wrong: ReturnType<typeof wrongOption>): void {
  if (wrong === undefined) return;
  const { option, value, takes } = wrong;
  throw new KubernetesError(
    'KUBERNETES_OPTION_INVALID',
    `Cannot use kubernetes.${option} "${String(value)}": it takes ${takes}`,
    { fields: { option, value } },
  );
}
