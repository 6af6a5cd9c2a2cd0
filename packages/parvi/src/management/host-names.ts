// Names by which the server may be called. A page of another site can have a name of its own lead to this machine (DNS
// rebinding): to the browser the server then is part of that site. Only the name in the request tells; an address or
// "localhost" cannot be given away like that.

import { bareHost } from '../runtime/index.ts';
import { textAnswer } from './answers.ts';
import type { FullAnswer, ManagementRequest, RouteGroup } from './protocol.ts';

const hostCharsMax = 100;

/** The host of `name:port`, of `[::1]:port` or of either without port, in lower case; undefined when it is none. */
export function hostNameOf(authority: string): string | undefined {
  const [, bracketed, plain] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::\d*)?$/.exec(authority) ?? [];
  return (bracketed ?? plain)?.toLowerCase().replace(/\.$/, '');
}

/** What browsers and resolvers take for an address; other spellings of one are names to us, and refused. */
const isAddress = (name: string): boolean =>
  /^\d{1,3}(\.\d{1,3}){3}$/.test(name) || (name.includes(':') && /^[0-9a-f:.]+$/.test(name));

const isLocalName = (name: string): boolean => name === 'localhost' || name.endsWith('.localhost');

function isLoopback(host: string): boolean {
  const name = bareHost(host.toLowerCase());
  return isLocalName(name) || name === '::1' || (isAddress(name) && name.startsWith('127.'));
}

/**
 * The answer to a request that calls the server by a name that is not its own. Orchestrators and nodes that bootstrap use
 * whatever name discovery has told them: what they ask for is open to them under any.
 */
export function hostRefusal(
  listenHost: string,
  allowed: readonly string[],
): (request: ManagementRequest, group: RouteGroup) => FullAnswer | undefined {
  const names = allowed.map((name) => hostNameOf(name) ?? name.toLowerCase());
  if (names.length === 0 && !isLoopback(listenHost)) return () => undefined;
  return ({ headers: { host } }, group) => {
    if (host === undefined || group === 'health' || group === 'bootstrap') return undefined;
    const name = hostNameOf(host);
    const known =
      name !== undefined && (isAddress(name) || isLocalName(name) || names.includes(name));
    if (known) return undefined;
    return textAnswer(
      403,
      `This node is not called "${host.slice(0, hostCharsMax)}": call it by its address or as localhost, or allow the name with management.allowedHosts`,
    );
  };
}

/** The answer to a request that a page of another site makes: browsers say so, and where they do not, name the origin. */
export function crossSiteRefusal({ headers }: ManagementRequest): FullAnswer | undefined {
  const site = headers['sec-fetch-site'];
  const foreign =
    site === undefined ? isForeign(headers.origin, headers.host) : /^(cross|same)-site$/.test(site);
  if (!foreign) return undefined;
  return textAnswer(403, 'A page of another site made this request: only tools and people may');
}

function isForeign(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return false;
  const named = /^https?:\/\/([^/]+)$/i.exec(origin)?.[1];
  return named === undefined || hostNameOf(named) !== hostNameOf(host ?? '');
}
