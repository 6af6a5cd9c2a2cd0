// The machine's file of name servers and search domains, as resolv.conf(5) has it.

import type { ResolverSettings } from './dns.ts';

export const resolverFile = '/etc/resolv.conf';

/** What the last of several lines says holds, as for the resolver of the system; servers add up. */
export function parseResolverFile(text: string): ResolverSettings {
  const servers: string[] = [];
  let searchDomains: readonly string[] = [];
  let ndots = 1;
  for (const line of text.split('\n')) {
    const [word, ...rest] = line
      .replace(/[#;].*$/, '')
      .trim()
      .split(/\s+/);
    if (word === 'nameserver' && rest[0] !== undefined) servers.push(rest[0]);
    else if (word === 'search' || word === 'domain') searchDomains = rest;
    else if (word === 'options') ndots = ndotsOf(rest) ?? ndots;
  }
  return {
    servers,
    searchDomains: searchDomains.map(withoutDot).filter((each) => each !== ''),
    ndots,
  };
}

function ndotsOf(options: readonly string[]): number | undefined {
  const digits = options.map((option) => /^ndots:(\d{1,2})$/.exec(option)?.[1]).find(Boolean);
  return digits === undefined ? undefined : Math.min(Number(digits), 15);
}

function withoutDot(name: string): string {
  return name.replace(/\.$/, '');
}

/**
 * The names that a name may stand for, in the order in which they are tried; one with a dot at its end for itself only.
 * As in resolv.conf(5), and Pekko's asynchronous DNS.
 */
export function candidateNames(name: string, settings: ResolverSettings): readonly string[] {
  if (name.endsWith('.')) return [withoutDot(name)];
  const searched = settings.searchDomains.map((domain) => `${name}.${domain}`);
  const dots = name.split('.').length - 1;
  return dots >= settings.ndots ? [name, ...searched] : [...searched, name];
}
