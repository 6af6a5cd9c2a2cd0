// Addresses of actor systems: the values, their text forms and their order. Pekko compares hosts as text, so
// `localhost` and `127.0.0.1` are different systems; nothing here looks names up.

import { shortText, WireError } from './errors.ts';

/** Where an actor system listens. `host` empty and `port` 0 stand for "this system" (`pekko://sys/...`). */
export interface Address {
  readonly protocol: string;
  readonly system: string;
  /** A name, an IPv4 address, or an IPv6 address in brackets, as written. */
  readonly host: string;
  readonly port: number;
}

/** One incarnation of an actor system: a restarted process has the same address and another uid. */
export interface UniqueAddress {
  readonly address: Address;
  /** Signed 64 bits. */
  readonly uid: bigint;
}

/** What a short spelling such as `host:port` leaves out. */
export interface AddressDefaults {
  readonly protocol?: string;
  readonly system?: string;
  readonly port?: number;
  /** Use `protocol` even where the text names another one, as when seed nodes are still written `akka.tcp://`. */
  readonly protocolForced?: boolean;
}

const addressPattern =
  /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):\/\/)?(?:([a-zA-Z0-9][a-zA-Z0-9_-]*)@)?(\[[0-9a-fA-F:.]+(?:%[\w.-]+)?\]|[^\s:/@[\]#?]+)(?::([0-9]{1,5}))?\/?$/;
const hostlessPattern = /^([a-zA-Z][a-zA-Z0-9+.-]*):\/\/([a-zA-Z0-9][a-zA-Z0-9_-]*)\/?$/;

/**
 * Reads `pekko://Sys@host:port`, `akka://…`, `akka.tcp://…`, `Sys@host:port`, `host:port` or `host`; IPv6 hosts stand
 * in brackets. The transport suffix of old spellings (`.tcp`, `.ssl.tcp`) is dropped.
 *
 * @throws WireError `ADDRESS_INVALID` when the text is none of these, or a part is missing and has no default.
 */
export function parseAddress(text: string, defaults: AddressDefaults = {}): Address {
  const match = addressPattern.exec(text);
  if (match === null) {
    throw invalidAddress(text, 'it is not of the form "pekko://System@host:port"');
  }
  const [, scheme, named, host = '', portText] = match;
  const system = named ?? (scheme === undefined ? defaults.system : undefined);
  const port = portText === undefined ? defaults.port : Number(portText);
  const written = scheme?.replace(/(\.ssl)?\.tcp$/, '');
  const protocol =
    (defaults.protocolForced === true ? defaults.protocol : written) ??
    written ??
    defaults.protocol ??
    'pekko';
  if (system === undefined) throw invalidAddress(text, 'it does not name the actor system');
  if (port === undefined) throw invalidAddress(text, 'it has no port');
  if (port < 1 || port > 65535) throw invalidAddress(text, 'its port is not between 1 and 65535');
  return { protocol, system, host, port };
}

/** Reads the exact form that stands on the wire, with or without host; `undefined` for anything else. */
export function parseWireAddress(text: string): Address | undefined {
  const match = addressPattern.exec(text);
  if (match !== null) {
    const [, protocol, system, host = '', portText] = match;
    const port = Number(portText);
    if (protocol !== undefined && system !== undefined && port >= 0 && port <= 65535) {
      return { protocol, system, host, port };
    }
  }
  const hostless = hostlessPattern.exec(text);
  if (hostless === null) return undefined;
  const [, protocol = '', system = ''] = hostless;
  return { protocol, system, host: '', port: 0 };
}

function invalidAddress(text: string, reason: string): WireError {
  const shown = shortText(text);
  return new WireError(
    'ADDRESS_INVALID',
    `Cannot read the address "${shown}": ${reason}; write it as "pekko://System@host:port"`,
    { fields: { address: shown } },
  );
}

/** `pekko://sys@host:port`, or `pekko://sys` for an address without host. */
export function addressText(address: Address): string {
  const { protocol, system, host, port } = address;
  return host === '' ? `${protocol}://${system}` : `${protocol}://${system}@${host}:${port}`;
}

/** `pekko://sys@host:port#uid`; for logs, never sent as such. */
export function uniqueAddressText(node: UniqueAddress): string {
  return `${addressText(node.address)}#${node.uid}`;
}

export function sameAddress(a: Address, b: Address): boolean {
  return (
    a === b ||
    (a.port === b.port && a.host === b.host && a.system === b.system && a.protocol === b.protocol)
  );
}

export function sameUniqueAddress(a: UniqueAddress, b: UniqueAddress): boolean {
  return a === b || (a.uid === b.uid && sameAddress(a.address, b.address));
}

/**
 * Pekko's order of addresses (`Member.addressOrdering`): host by UTF-16 code units, then port. Protocol and system
 * do not count.
 */
export function compareAddresses(a: Address, b: Address): number {
  if (a.host !== b.host) return a.host < b.host ? -1 : 1;
  return a.port - b.port;
}

/** The order of members: address, then uid as a signed number. */
export function compareUniqueAddresses(a: UniqueAddress, b: UniqueAddress): number {
  const byAddress = compareAddresses(a.address, b.address);
  if (byAddress !== 0) return byAddress;
  return a.uid === b.uid ? 0 : a.uid < b.uid ? -1 : 1;
}
