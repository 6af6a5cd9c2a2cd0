// Names by which the server may be called. A page of another site can have a name of its own lead to this machine (DNS
// rebinding): to the browser the server then is part of that site. Only the name in the request tells; an address or
// "localhost" cannot be given away like that.

import { isIP } from 'node:net';

/** The host of `name:port`, of `[::1]:port` or of either without port, in lower case; undefined when it is none. */
export function hostNameOf(authority: string): string | undefined {
  const [, bracketed, plain] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::\d*)?$/.exec(authority) ?? [];
  return (bracketed ?? plain)?.toLowerCase().replace(/\.$/, '');
}

/** The host of the page that made a request, as the header `Origin` has it; undefined for `null` and the like. */
export function originHostOf(origin: string): string | undefined {
  return hostNameOf(/^https?:\/\/([^/]+)$/i.exec(origin)?.[1] ?? '');
}

const isLocalName = (name: string): boolean => name === 'localhost' || name.endsWith('.localhost');

/** Whether what listens there is reached from this machine only. */
export function isLoopback(host: string): boolean {
  const name = hostNameOf(host) ?? host.toLowerCase();
  return isLocalName(name) || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'));
}

/** Whether a request may name the server like this: an address, localhost, or a name that was allowed. */
export function isAllowedHost(authority: string, allowed: readonly string[]): boolean {
  const name = hostNameOf(authority);
  if (name === undefined) return false;
  return isIP(name) !== 0 || isLocalName(name) || allowed.includes(name);
}

/** The names of the option as they are compared; undefined: every name is taken. */
export function checkedNames(
  listenHost: string,
  allowed: readonly string[],
): readonly string[] | undefined {
  if (allowed.length === 0 && !isLoopback(listenHost)) return undefined;
  return allowed.map((name) => hostNameOf(name) ?? name.toLowerCase());
}
