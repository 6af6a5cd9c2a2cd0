// What management may be started with. Names of files and configuration are the same (`node-options.ts`).

import { type ConfigEntry, unknownOption } from '../config/index.ts';
import type { LogControl } from '../observe/index.ts';
import {
  type Duration,
  durationFrom,
  flag,
  listOfTexts,
  nonEmptyText,
  type OptionRules,
  optionWithValue,
  section,
  type WrongOption,
  wholeNumber,
  wrongOption,
} from '../runtime/index.ts';
import { ManagementError } from './errors.ts';

/** Who may call: nobody is asked, or a name and a secret (RFC 7617), or a secret alone (RFC 6750). */
export interface AuthenticationOptions {
  readonly scheme: 'basic' | 'bearer';
  /** For `basic`. Default `parvi`. */
  readonly user?: string;
  /** The password or token. One of both must be there. */
  readonly secret?: string;
  /** File that holds it, read again at the interval; white space around it does not count. */
  readonly secretFile?: string;
  /** Whether health routes ask too. Default false, as orchestrators send nothing. */
  readonly health?: boolean;
  /** Whether `/bootstrap/seed-nodes` asks too. Default false, as bootstrapping JVM nodes send nothing. */
  readonly bootstrap?: boolean;
}

/** Files are PEM. They are read again at the interval, and a change holds for new connections. */
export interface ManagementTlsOptions {
  readonly keyFile: string;
  /** Certificate of this node, followed by those up to the authority. */
  readonly certFile: string;
  /** Authorities that may vouch for clients; with it each client must show a certificate. */
  readonly clientCaFile?: string;
}

export interface ManagementLimits {
  /** Connections at once; for a further one that goes which has had no whole request for the longest. Default 256. */
  readonly connectionsMax?: number;
  /** Bytes of all headers of a request. Default 16384. */
  readonly headerBytesMax?: number;
  /** Bytes of the body of a request. Default 65536. */
  readonly bodyBytesMax?: number;
  /** How long the headers of a request may take. Default 5 s. */
  readonly headersTimeout?: Duration;
  /** How long a whole request may take to arrive. Default 30 s. */
  readonly requestTimeout?: Duration;
  /** How long a connection may be silent. Default 60 s. */
  readonly idleTimeout?: Duration;
  /** Streams of events at once; further ones get 503. Default 32. */
  readonly eventStreamsMax?: number;
}

/** Paths below the base path, of one or several segments. */
export interface HealthPathOptions {
  readonly startup?: string;
  readonly ready?: string;
  readonly alive?: string;
}

export interface ManagementOptions {
  /** Host by which others reach it. Default that of remoting, else `127.0.0.1`. */
  readonly host?: string;
  /** Default 7626; 0 takes any free one. */
  readonly port?: number;
  /** Where it listens when that is another address than `host`, as in containers. */
  readonly bindHost?: string;
  readonly bindPort?: number;
  /** Prefix of all routes, such as `ops/management`. Default none. */
  readonly basePath?: string;
  /** Whether routes that change something are there. Default false. */
  readonly writes?: boolean;
  readonly healthPaths?: HealthPathOptions;
  /** Whether a member that is WeaklyUp is ready. Default true, as in Pekko. */
  readonly readyWhenWeaklyUp?: boolean;
  /** Names by which requests may call it, besides addresses and localhost. Default: on loopback no other, elsewhere any. */
  readonly allowedHosts?: readonly string[];
  readonly authentication?: AuthenticationOptions;
  readonly tls?: ManagementTlsOptions;
  /** How often the files of secret and TLS are looked at. Default 60 s. */
  readonly reloadInterval?: Duration;
  readonly limits?: ManagementLimits;
  /**
   * The configuration of the application, shown below `/parvi/config` with its secrets masked. `ActorSystem.start` shows
   * that of `startOptionsOf`, else the options that it was given.
   */
  readonly config?: { entries(): readonly ConfigEntry[] };
  /** What `/loglevel/…` changes. Without it these routes are not there. */
  readonly logControl?: LogControl;
  /** Version of the application's own program, shown by `/parvi/version` where the cluster tells none. */
  readonly appVersion?: string;
}

export const defaultManagementPort = 7626;

export const managementLimitsDefaults = {
  connectionsMax: 256,
  headerBytesMax: 16_384,
  bodyBytesMax: 65_536,
  headersTimeout: 5_000,
  requestTimeout: 30_000,
  idleTimeout: 60_000,
  eventStreamsMax: 32,
} as const satisfies Required<ManagementLimits>;

const port = {
  takes: 'a whole number from 0 to 65535',
  accepts: (value: unknown) =>
    Number.isInteger(value) && Number(value) >= 0 && Number(value) < 65_536,
};
const host = {
  takes: 'a name or an address, without a port',
  accepts: (value: unknown) =>
    typeof value === 'string' &&
    (/^[^\s/\\?#@:[\]]+$/.test(value) || /^\[?(?=.*:.*:)[0-9a-f:.]+(%\w+)?\]?$/i.test(value)),
};
const path = {
  takes: 'a path such as "health/ready", without "?", "#" and white space',
  accepts: (value: unknown) => typeof value === 'string' && /^[^?#\s]*$/.test(value),
};
const segments = {
  ...path,
  accepts: (value: unknown) => path.accepts(value) && pathOf(String(value)) !== '',
};
const withEntries = {
  takes: 'what loadConfig has returned',
  accepts: (value: unknown) =>
    typeof value === 'object' &&
    value !== null &&
    typeof Reflect.get(value, 'entries') === 'function',
};

export const managementOptionRules: OptionRules<ManagementOptions> = {
  host,
  port,
  bindHost: host,
  bindPort: port,
  basePath: path,
  writes: flag,
  healthPaths: section,
  readyWhenWeaklyUp: flag,
  allowedHosts: listOfTexts,
  authentication: section,
  tls: section,
  reloadInterval: durationFrom(1),
  limits: section,
  config: withEntries,
  logControl: section,
  appVersion: nonEmptyText,
};

export const healthPathRules: OptionRules<HealthPathOptions> = {
  startup: segments,
  ready: segments,
  alive: segments,
};

const schemes = '"basic" or "bearer"; for nobody to be asked, leave secret and secretFile out';

export const authenticationRules: OptionRules<AuthenticationOptions> = {
  scheme: {
    takes: schemes,
    accepts: (value) => value === 'basic' || value === 'bearer',
  },
  user: {
    takes: 'a name without ":"',
    accepts: (value) => nonEmptyText.accepts(value) && !String(value).includes(':'),
  },
  secret: nonEmptyText,
  secretFile: nonEmptyText,
  health: flag,
  bootstrap: flag,
};

export const managementTlsRules: OptionRules<ManagementTlsOptions> = {
  keyFile: nonEmptyText,
  certFile: nonEmptyText,
  clientCaFile: nonEmptyText,
};

export const managementLimitRules: OptionRules<ManagementLimits> = {
  connectionsMax: wholeNumber(1),
  headerBytesMax: wholeNumber(1024),
  bodyBytesMax: wholeNumber(1),
  headersTimeout: durationFrom(1),
  requestTimeout: durationFrom(1),
  idleTimeout: durationFrom(1),
  eventStreamsMax: wholeNumber(0),
};

/** @throws ManagementError `MANAGEMENT_OPTIONS_INVALID` */
export function checkManagementOptions(options: ManagementOptions): void {
  const { healthPaths = {}, authentication, tls, limits = {} } = options;
  refuseUnknown('', options, managementOptionRules);
  refuseUnknown('healthPaths.', healthPaths, healthPathRules);
  refuseUnknown('authentication.', authentication ?? {}, authenticationRules);
  refuseUnknown('tls.', tls ?? {}, managementTlsRules);
  refuseUnknown('limits.', limits, managementLimitRules);
  const wrong =
    wrongOption(options, managementOptionRules) ??
    wrongOption(healthPaths, healthPathRules, 'healthPaths.') ??
    wrongOption(authentication ?? {}, authenticationRules, 'authentication.') ??
    wrongOption(tls ?? {}, managementTlsRules, 'tls.') ??
    wrongOption(limits, managementLimitRules, 'limits.') ??
    (tls === undefined ? undefined : missing('tls', tls, ['keyFile', 'certFile'])) ??
    wrongSecret(authentication);
  if (wrong === undefined) return;
  const { option, value, takes } = wrong;
  const isHidden = option === 'authentication.secret' && value !== undefined;
  const named = optionWithValue(`management.${option}`, isHidden ? '***' : value);
  throw new ManagementError(
    'MANAGEMENT_OPTIONS_INVALID',
    `Cannot start management with ${named}: it takes ${takes}`,
    { fields: { option } },
  );
}

function refuseUnknown(section: string, given: object, rules: object): void {
  const unknown = unknownOption(given, rules, section);
  if (unknown === undefined) return;
  const { option, hint } = unknown;
  throw new ManagementError(
    'MANAGEMENT_OPTIONS_INVALID',
    `Cannot start management with the option "management.${option}": there is none of that name; ${hint}`,
    { fields: { option } },
  );
}

function missing(
  name: string,
  given: object,
  required: readonly string[],
): WrongOption | undefined {
  const absent = required.find((one) => Reflect.get(given, one) === undefined);
  if (absent === undefined) return undefined;
  return { option: `${name}.${absent}`, value: undefined, takes: 'the name of a file' };
}

function wrongSecret(given: AuthenticationOptions | undefined): WrongOption | undefined {
  if (given === undefined) return undefined;
  const { secret, secretFile } = given;
  if ((secret === undefined) !== (secretFile === undefined)) {
    return missing('authentication', given, ['scheme']) === undefined
      ? undefined
      : { option: 'authentication.scheme', value: undefined, takes: schemes };
  }
  const takes = 'the secret itself, or secretFile the name of a file, one of both';
  return { option: 'authentication.secret', value: secret, takes };
}

/** Without slashes at both ends. */
export function pathOf(text: string): string {
  return text.replace(/^\/+|\/+$/g, '');
}
