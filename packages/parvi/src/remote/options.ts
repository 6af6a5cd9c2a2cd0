// Settings of remoting: what each does, what raising it costs, and its default. Defaults are those of Pekko unless
// the comment says otherwise, so that both kinds of node behave alike in one cluster.

import {
  anyText,
  listOfTexts,
  nonEmptyText,
  optionWithValue,
  wrongOption,
} from '../runtime/index.ts';
import { RemoteError } from './errors.ts';
import type { SerializationOptions } from './message-codec.ts';
import { plainTransport, resolveTlsOptions, type TlsOptions } from './tls-options.ts';
import type { Transport } from './transport.ts';

export interface RemotingOptions {
  /** Host under which peers reach this node; compared as text, so all nodes must spell it alike. */
  readonly host: string;
  /** Port under which peers reach this node; 0 for any free one. Default 25520. */
  readonly port?: number;
  /** Address listened on, when it differs from the announced one (containers). Default `host` and `port`. */
  readonly bindHost?: string;
  readonly bindPort?: number;
  /** Address scheme; every node of a cluster has the same. Default `pekko`. */
  readonly protocol?: string;
  /** The network: TCP, TLS over TCP, or one that is handed in. The same on all nodes of a cluster. Default `tcp`. */
  readonly transport?: 'tcp' | 'tls-tcp' | Transport;
  /** Keys, certificates and what is asked of peers, for `tls-tcp`. */
  readonly tls?: TlsOptions;
  /** Path patterns (`/user/a`, `/user/big/*`) whose messages take the large stream; peers need some too. Default none. */
  readonly largeMessageDestinations?: readonly string[];
  /** Paths below `/system` that may receive ordinary messages from other nodes, besides those of the toolkit. */
  readonly openSystemPaths?: readonly string[];
  /** Message types with their JVM classes, own serializers, payload limits. */
  readonly serialization?: SerializationOptions;
  readonly limits?: Partial<RemotingLimits>;
}

/** Times are milliseconds. */
export interface RemotingLimits {
  /** Longest frame of control and ordinary streams that is sent. Default 262144. */
  readonly frameBytesMax: number;
  /** Longest frame of the large stream that is sent. Default 2097152. */
  readonly largeFrameBytesMax: number;
  /**
   * Longest frame accepted on the ordinary stream; who sends a longer one is disconnected. Raise it where a peer's
   * `maximum-frame-size` is larger than ours. Default `frameBytesMax`.
   */
  readonly inboundFrameBytesMax: number;
  /**
   * Longest frame accepted on the large stream, of peers that have introduced themselves and where
   * `largeMessageDestinations` are set. Default `largeFrameBytesMax`.
   */
  readonly inboundLargeFrameBytesMax: number;
  /**
   * Longest frame accepted on a connection over which no peer has introduced itself, unless the limit of its stream is
   * lower. Default 262144.
   */
  readonly inboundStrangerFrameBytesMax: number;
  /**
   * Memory of unfinished frames on all such connections together, and on those of peers that have not answered our
   * handshake at the address that they claim; who exceeds it is closed. Default 16777216.
   */
  readonly inboundStrangerBytesMax: number;
  /**
   * Peers known only because they sent a handshake, that have not answered ours; of more the oldest is forgotten.
   * Default 1000.
   */
  readonly unansweredPeersMax: number;
  /**
   * Peers that introduced themselves and that nobody here has spoken to first; of more the one that has been silent
   * longest is forgotten. Default 4096, as many as there may be connections.
   */
  readonly uninvitedPeersMax: number;
  /**
   * Inbound connections at once. Beyond that the oldest whose peer never answered our handshake is closed, or the new one
   * when all have. Default 4096.
   */
  readonly inboundConnectionsMax: number;
  /** An inbound connection over which no peer has introduced itself is closed after this time. Default 20000. */
  readonly inboundIntroductionMs: number;
  /** Frames waiting for one peer on the ordinary stream; more are dropped. Default 65536 (Pekko 3072). */
  readonly outboundMessagesMax: number;
  /** Bytes waiting for one peer on the ordinary stream; more are dropped. Default 16777216. */
  readonly outboundBytesMax: number;
  /** Frames waiting on the large stream. Default 256. */
  readonly outboundLargeMessagesMax: number;
  /** Bytes waiting on the large stream. Default 67108864. */
  readonly outboundLargeBytesMax: number;
  /** Frames waiting on the control stream; half as many system messages are on their way at once. Default 20000. */
  readonly outboundControlMessagesMax: number;
  /**
   * System messages (watches, notices of ends) to one peer without acknowledgement, on their way and waiting for their
   * turn; one more ends in quarantine. Default 200000 (Pekko 20000).
   */
  readonly systemMessagesMax: number;
  readonly dialTimeoutMs: number;
  readonly handshakeTimeoutMs: number;
  readonly handshakeRetryMs: number;
  readonly handshakeInjectMs: number;
  readonly reconnectMinMs: number;
  readonly reconnectMaxMs: number;
  /** Share of the wait that chance adds to a reconnect. Default 0.1. */
  readonly reconnectJitter: number;
  /** Quick failures after which an ordinary stream gives its messages up. Default 3. */
  readonly ordinaryReconnectsMax: number;
  readonly stopIdleOutboundAfterMs: number;
  readonly quarantineIdleOutboundAfterMs: number;
  readonly stopQuarantinedAfterIdleMs: number;
  readonly removeQuarantinedAfterMs: number;
  readonly giveUpSystemMessageAfterMs: number;
  readonly systemMessageResendMs: number;
  readonly shutdownFlushMs: number;
  readonly deathWatchFlushMs: number;
  /** How often tables of what comes most are offered to peers, if anything new came. Default 10000 (Pekko 60000). */
  readonly compressionAdvertiseMs: number;
  /** Entries of each table we advertise; 0 turns advertising off. Default 256. */
  readonly compressionEntriesMax: number;
  /** Heartbeat interval of remote watch outside the cluster. Default 1000. */
  readonly watchHeartbeatMs: number;
  /** Heartbeats that may be missing before a watched node counts as gone, as a pause. Default 10000. */
  readonly watchAcceptablePauseMs: number;
  /**
   * Messages in the mailbox of one actor from which the connection that brings more is not read until half are done, or
   * `inboundHoldBackMs` have passed. Raising it trades memory for fewer stops. Default 100000.
   */
  readonly inboundBacklogMax: number;
  /**
   * How long a connection waits for an actor with so many messages. After that it is read on, and what it brings for
   * that actor becomes dead letters (`mailboxFull`) until half are done; it does not wait again before the same time has
   * passed. All else of that peer waits as well, gossip included, so keep it below the acceptable pause of the failure
   * detector; 0 never waits. Default 2000.
   */
  readonly inboundHoldBackMs: number;
  /** Whether a peer that said goodbye and still sends is told that it is quarantined. Default true, as in Pekko 1.x. */
  readonly answerHarmlessQuarantine: boolean;
}

const minuteMs = 60_000;

export const remotingLimitsDefaults: RemotingLimits = Object.freeze({
  frameBytesMax: 262_144,
  largeFrameBytesMax: 2_097_152,
  inboundFrameBytesMax: 262_144,
  inboundLargeFrameBytesMax: 2_097_152,
  inboundStrangerFrameBytesMax: 262_144,
  inboundStrangerBytesMax: 16_777_216,
  unansweredPeersMax: 1000,
  uninvitedPeersMax: 4096,
  inboundConnectionsMax: 4096,
  inboundIntroductionMs: 20_000,
  outboundMessagesMax: 65_536,
  outboundBytesMax: 16_777_216,
  outboundLargeMessagesMax: 256,
  outboundLargeBytesMax: 67_108_864,
  outboundControlMessagesMax: 20_000,
  systemMessagesMax: 200_000,
  dialTimeoutMs: 5000,
  handshakeTimeoutMs: 20_000,
  handshakeRetryMs: 1000,
  handshakeInjectMs: 1000,
  reconnectMinMs: 1000,
  reconnectMaxMs: 5000,
  reconnectJitter: 0.1,
  ordinaryReconnectsMax: 3,
  stopIdleOutboundAfterMs: 5 * minuteMs,
  quarantineIdleOutboundAfterMs: 360 * minuteMs,
  stopQuarantinedAfterIdleMs: 3000,
  removeQuarantinedAfterMs: 60 * minuteMs,
  giveUpSystemMessageAfterMs: 360 * minuteMs,
  systemMessageResendMs: 1000,
  shutdownFlushMs: 1000,
  deathWatchFlushMs: 3000,
  compressionAdvertiseMs: 10_000,
  compressionEntriesMax: 256,
  watchHeartbeatMs: 1000,
  watchAcceptablePauseMs: 10_000,
  inboundBacklogMax: 100_000,
  inboundHoldBackMs: 2000,
  answerHarmlessQuarantine: true,
});

export const defaultPort = 25_520;

const frameBytesMin = 32_768;
/** Longer frames have a length that a Pekko node reads as negative, and would never get over. */
const frameBytesTop = 0x7fff_ffff;
/** Nothing of remoting's own is longer, however long users' messages may be. Pekko's default of `maximum-frame-size`. */
export const controlFrameBytesMax = 262_144;

/**
 * All that can be known to be wrong before anything listens; gives the limits, the given ones over the defaults.
 *
 * @throws RemoteError `REMOTE_OPTIONS_INVALID`
 */
export function checkRemotingOptions(options: RemotingOptions): RemotingLimits {
  const limits = resolveLimits(options.limits);
  checkNetwork(options);
  if (options.transport === 'tls-tcp') resolveTlsOptions(options.tls);
  return limits;
}

/**
 * Refuses what no network can be opened with, and options of TLS where there is none: nobody who gives a key means to
 * send in the clear.
 *
 * @throws RemoteError `REMOTE_OPTIONS_INVALID`
 */
export function checkNetwork(network: Network): void {
  const wrong = wrongOption(network, networkRules);
  if (wrong !== undefined) invalid(wrong.option, wrong.value, `is not ${wrong.takes}`);
  const { host, port, bindPort, transport = 'tcp', tls = {} } = network;
  if (host.includes(':') && !/^\[.*\]$/.test(host)) {
    invalid(
      'host',
      host,
      `is no name and no IPv4 address; put an IPv6 address in brackets, "[::1]"`,
    );
  }
  for (const [name, value] of Object.entries({ port, bindPort })) {
    if (value === undefined) continue;
    const isPort = Number.isInteger(value) && value >= 0 && value <= 65_535;
    if (!isPort) invalid(name, value, 'is not a whole number from 0 to 65535');
  }
  if (typeof transport !== 'string') return;
  if (!['tcp', 'tls-tcp'].includes(transport)) {
    invalid('transport', transport, 'is none of tcp and tls-tcp, and no transport of your own');
  }
  const given = Object.entries(tls).find(([, value]) => value !== undefined);
  if (transport === 'tcp' && given !== undefined) {
    throw new RemoteError(
      'REMOTE_OPTIONS_INVALID',
      `Cannot start remoting with remote.tls.${given[0]} "${String(given[1])}": ${plainTransport}`,
      { fields: { option: `tls.${given[0]}`, value: given[1] } },
    );
  }
}

const networkRules = {
  host: nonEmptyText,
  bindHost: anyText,
  protocol: nonEmptyText,
  largeMessageDestinations: listOfTexts,
  openSystemPaths: listOfTexts,
};

type Network = Pick<RemotingOptions, 'host' | 'port' | 'bindPort' | 'transport'> & {
  readonly tls?: Partial<TlsOptions>;
};

/** All limits, the given ones over the defaults. @throws RemoteError `REMOTE_OPTIONS_INVALID` */
export function resolveLimits(given: Partial<RemotingLimits> = {}): RemotingLimits {
  const { frameBytesMax, largeFrameBytesMax } = { ...remotingLimitsDefaults, ...given };
  const limits = {
    ...remotingLimitsDefaults,
    inboundFrameBytesMax: frameBytesMax,
    inboundLargeFrameBytesMax: largeFrameBytesMax,
    ...given,
  };
  for (const [name, value] of Object.entries(limits)) checkLimit(name, value);
  for (const name of ['frameBytesMax', 'largeFrameBytesMax'] as const) {
    if (limits[name] < frameBytesMin) invalid(name, limits[name], `is below ${frameBytesMin}`);
    if (limits[name] > frameBytesTop) invalid(name, limits[name], `is above ${frameBytesTop}`);
  }
  if (limits.inboundFrameBytesMax < limits.frameBytesMax) {
    invalid('inboundFrameBytesMax', limits.inboundFrameBytesMax, 'is below frameBytesMax');
  }
  if (limits.compressionEntriesMax > 65_536) {
    invalid('compressionEntriesMax', limits.compressionEntriesMax, 'is above 65536');
  }
  if (limits.reconnectJitter > 1) {
    invalid('reconnectJitter', limits.reconnectJitter, 'is above 1, the whole of the wait');
  }
  return Object.freeze(limits);
}

/** Nothing goes through a queue of none, and an interval of nothing never lets the process rest. */
const limitsFromOne: readonly string[] = [
  'outboundMessagesMax',
  'outboundBytesMax',
  'outboundLargeMessagesMax',
  'outboundLargeBytesMax',
  'outboundControlMessagesMax',
  'systemMessagesMax',
  'dialTimeoutMs',
  'handshakeTimeoutMs',
  'handshakeRetryMs',
  'systemMessageResendMs',
  'watchHeartbeatMs',
  'compressionAdvertiseMs',
];

function checkLimit(name: string, value: unknown): void {
  if (typeof Reflect.get(remotingLimitsDefaults, name) === 'boolean') {
    if (typeof value !== 'boolean') invalid(name, value, 'is neither true nor false');
    return;
  }
  const min = limitsFromOne.includes(name) ? 1 : 0;
  if (typeof value !== 'number' || !(value >= min)) {
    invalid(name, value, `is not a number of at least ${min}`);
  }
  if (name.endsWith('Ms') && value === Number.POSITIVE_INFINITY) {
    invalid(name, value, 'is not a number of milliseconds');
  }
}

function invalid(name: string, value: unknown, why: string): never {
  throw new RemoteError(
    'REMOTE_OPTIONS_INVALID',
    `Cannot start remoting with ${optionWithValue(`remote.${name}`, value)}: it ${why}`,
    { fields: { option: name, value } },
  );
}
