// Contact points: where a node answers HTTP, as it says itself and as others find it.

import { type ResolvedTarget, sameAddress } from '../discovery/index.ts';
import { bareHost, urlHost } from '../runtime/index.ts';

/** The management address of a node, as others reach it. */
export interface ContactPoint {
  readonly scheme: 'http' | 'https';
  /** Without brackets around an IPv6 address. */
  readonly host: string;
  readonly port: number;
  /** Prefix of all routes, such as `/management`; empty for none. */
  readonly basePath: string;
  /** Where the host is, if discovery has told that: no name need be resolved then. */
  readonly ip?: string | undefined;
}

/** The contact point that a management server names, such as `https://10.0.0.5:7626/base`. */
export function contactPointOfUrl(url: string): ContactPoint {
  const { protocol, hostname, port, pathname } = new URL(url);
  const scheme = protocol === 'https:' ? 'https' : 'http';
  const portDefault = scheme === 'https' ? 443 : 80;
  return {
    scheme,
    host: bareHost(hostname),
    port: port === '' ? portDefault : Number(port),
    basePath: pathname.replace(/\/$/, ''),
  };
}

/** Where a target is probed: what discovery does not say is as with this node. */
export function contactPointOf(
  { host, port, ip }: ResolvedTarget,
  { self, fallbackPort }: { readonly self: ContactPoint; readonly fallbackPort: number },
): ContactPoint {
  const { scheme, basePath } = self;
  return { scheme, host: bareHost(host), port: port ?? fallbackPort, basePath, ip };
}

export function contactPointText({ host, port }: ContactPoint): string {
  return `${urlHost(host)}:${port}`;
}

export function seedNodesUrl(contactPoint: ContactPoint): string {
  const { scheme, basePath } = contactPoint;
  return `${scheme}://${contactPointText(contactPoint)}${basePath}/bootstrap/seed-nodes`;
}

/**
 * Whether discovery means this node: by its host as text or its IP address, and by the port where the target has one
 * (Pekko `SelfAwareJoinDecider.matchesSelf`).
 */
export function matchesSelf(target: ResolvedTarget, self: ContactPoint): boolean {
  if (target.port !== undefined && target.port !== self.port) return false;
  const host = bareHost(target.host);
  return isSameHost(host, self.host) || sameAddress(target.ip ?? '', self.host);
}

/** Names compare without case and without the dot at their end (RFC 4343); the own one comes from a URL, in lower case. */
export function isSameHost(one: string, other: string): boolean {
  return plainName(one) === plainName(other) || sameAddress(one, other);
}

const plainName = (name: string): string => name.toLowerCase().replace(/\.$/, '');
