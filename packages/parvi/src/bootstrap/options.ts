// Options of a bootstrap with Pekko's defaults, their rules, and the settings that follow from them.

import { unknownOption } from '../config/index.ts';
import {
  anyText,
  type Duration,
  durationFrom,
  durationMs,
  flag,
  nonEmptyText,
  numberFrom,
  type OptionRule,
  type OptionRules,
  optionWithValue,
  section,
  type WrongOption,
  wholeNumber,
  wrongOption,
} from '../runtime/index.ts';
import { BootstrapError } from './errors.ts';
import { lowestAddressDecider } from './join-decider.ts';
import type { BootstrapSettings } from './protocol.ts';

export interface BootstrapOptions {
  /** Off: joins a cluster and never forms one. Default true. */
  readonly newClusterEnabled?: boolean;
  /** What is looked up. Default the name of the actor system, in lower case, with `-` for `_` and blanks. */
  readonly serviceName?: string;
  /** Follows the service name after a dot, such as `default.svc.cluster.local`. Default none. */
  readonly serviceNamespace?: string;
  /** Name of the port of management, where discovery knows ports by name. Default none. */
  readonly portName?: string;
  /** Default `tcp`; DNS asks for services by it, when there is a port name. */
  readonly protocol?: string;
  /** How long the set of contact points must stay the same before a cluster is formed. Default 5 s. */
  readonly stableMargin?: Duration;
  /** Between lookups. Default 1 s. */
  readonly interval?: Duration;
  /** Share by which lookups are spread in time. Default 0.2. */
  readonly exponentialBackoffRandomFactor?: number;
  /** Longest time between lookups that fail. Default 15 s. */
  readonly exponentialBackoffMax?: Duration;
  /** How long a lookup may take. Default 3 s. */
  readonly resolveTimeout?: Duration;
  /** Contact points that must answer before a cluster is formed: the nodes that start together. Default 2. */
  readonly requiredContactPointNr?: number;
  /** Whether all that were found must answer, too. Default true. */
  readonly contactWithAllContactPoints?: boolean;
  /** A node that finds itself alone may form a cluster. Default false. */
  readonly formAlone?: boolean;
  /** Port of contact points for which discovery tells none. Default that of this node's management. */
  readonly fallbackPort?: number;
  /** Of several ports of a host only that one is a contact point, when there is no port name. Default true. */
  readonly filterOnFallbackPort?: boolean;
  /** Of a probe, and how long a contact point may be silent. Default 3 s. */
  readonly probingFailureTimeout?: Duration;
  /** Between probes of a contact point. Default 1 s. */
  readonly probeInterval?: Duration;
  /** Share by which probes are spread in time. Default 0.2. */
  readonly probeIntervalJitter?: number;
  /** How long the members asked may take to admit this node before it looks again. Default 15 s. */
  readonly joinTimeout?: Duration;
  /** For contact points with HTTPS. */
  readonly tls?: BootstrapTlsOptions;
}

export interface BootstrapTlsOptions {
  /** Authorities that may vouch for contact points, PEM. Default those of the machine. */
  readonly caFile?: string;
  /** Key and certificate of this node, PEM, where contact points ask for one. Default none. */
  readonly keyFile?: string;
  readonly certFile?: string;
  /** Default `TLSv1.2`, as in Pekko. */
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
}

const interval = durationFrom(1);
const portNumber: OptionRule = {
  takes: 'a port from 1 to 65535',
  accepts: (value) => wholeNumber(1).accepts(value) && Number(value) <= 65_535,
};

export const bootstrapOptionRules: OptionRules<BootstrapOptions> = {
  newClusterEnabled: flag,
  serviceName: nonEmptyText,
  serviceNamespace: anyText,
  portName: anyText,
  protocol: anyText,
  stableMargin: durationFrom(0),
  interval,
  exponentialBackoffRandomFactor: numberFrom(0),
  exponentialBackoffMax: interval,
  resolveTimeout: interval,
  requiredContactPointNr: wholeNumber(1),
  contactWithAllContactPoints: flag,
  formAlone: flag,
  fallbackPort: portNumber,
  filterOnFallbackPort: flag,
  probingFailureTimeout: interval,
  probeInterval: interval,
  probeIntervalJitter: numberFrom(0),
  joinTimeout: durationFrom(1000),
  tls: section,
};

export const bootstrapTlsOptionRules: OptionRules<BootstrapTlsOptions> = {
  caFile: nonEmptyText,
  keyFile: nonEmptyText,
  certFile: nonEmptyText,
  minVersion: {
    takes: 'TLSv1.2 or TLSv1.3',
    accepts: (value) => value === 'TLSv1.2' || value === 'TLSv1.3',
  },
};

/**
 * Checks the options and fills in the defaults.
 *
 * @throws BootstrapError `BOOTSTRAP_OPTION_INVALID`
 */
export function bootstrapSettings(
  options: BootstrapOptions,
  node: { readonly system: string; readonly managementPort: number },
): BootstrapSettings {
  refuseUnknown('', options, bootstrapOptionRules);
  refuseUnknown('tls.', options.tls ?? {}, bootstrapTlsOptionRules);
  refuseWrong(wrongOption(options, bootstrapOptionRules));
  refuseWrong(wrongOption(options.tls ?? {}, bootstrapTlsOptionRules, 'tls.'));
  const ms = (value: Duration | undefined, defaultMs: number): number =>
    value === undefined ? defaultMs : durationMs(value);
  const settings: BootstrapSettings = {
    query: {
      serviceName: effectiveName(options, node.system),
      portName: options.portName ?? '',
      protocol: options.protocol ?? 'tcp',
    },
    newClusterEnabled: options.newClusterEnabled ?? true,
    requiredContactPointNr: options.requiredContactPointNr ?? 2,
    contactWithAllContactPoints: options.contactWithAllContactPoints ?? true,
    formAlone: options.formAlone ?? false,
    stableMarginMs: ms(options.stableMargin, 5000),
    intervalMs: ms(options.interval, 1000),
    exponentialBackoffRandomFactor: options.exponentialBackoffRandomFactor ?? 0.2,
    exponentialBackoffMaxMs: ms(options.exponentialBackoffMax, 15_000),
    resolveTimeoutMs: ms(options.resolveTimeout, 3000),
    fallbackPort: options.fallbackPort ?? node.managementPort,
    filterOnFallbackPort: options.filterOnFallbackPort ?? true,
    probingFailureTimeoutMs: ms(options.probingFailureTimeout, 3000),
    probeIntervalMs: ms(options.probeInterval, 1000),
    probeIntervalJitter: options.probeIntervalJitter ?? 0.2,
    joinTimeoutMs: ms(options.joinTimeout, 15_000),
    decide: lowestAddressDecider,
  };
  if (settings.exponentialBackoffMaxMs < settings.intervalMs) {
    const value = options.exponentialBackoffMax ?? settings.exponentialBackoffMaxMs;
    const takes = 'a duration of at least the interval between lookups';
    refuseWrong({ option: 'exponentialBackoffMax', value, takes });
  }
  return settings;
}

/** As Pekko's `effectiveName`. */
function effectiveName(options: BootstrapOptions, system: string): string {
  const name = options.serviceName ?? system.toLowerCase().replace(/[ _]/g, '-');
  const namespace = options.serviceNamespace ?? '';
  return namespace === '' ? name : `${name}.${namespace}`;
}

function refuseUnknown(section: string, options: object, rules: object): void {
  const unknown = unknownOption(options, rules, section);
  if (unknown === undefined) return;
  const { option, hint } = unknown;
  throw new BootstrapError(
    'BOOTSTRAP_OPTION_INVALID',
    `Cannot use bootstrap.${option}: there is no option of that name; ${hint}`,
    { fields: { option } },
  );
}

function refuseWrong(wrong: WrongOption | undefined): void {
  if (wrong === undefined) return;
  const { option, value, takes } = wrong;
  throw new BootstrapError(
    'BOOTSTRAP_OPTION_INVALID',
    `Cannot use ${optionWithValue(`bootstrap.${option}`, value)}: it takes ${takes}`,
    { fields: { option, value } },
  );
}
