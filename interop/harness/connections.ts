// The TCP connections to a node, as the kernel lists them: whoever is disconnected and comes back comes by another port.

import { readFileSync } from 'node:fs';

const established = '01';

/** Ports from which connections to that address are open; both ends of which are on this machine. */
export function connectionsTo(host: string, port = 25_520): string[] {
  const octets = host.split('.').map((octet) => hex(Number(octet), 2));
  const address = `${octets.reverse().join('')}:${hex(port, 4)}`;
  // A JVM has IPv4 addresses as those of IPv6, with a prefix.
  return ['/proc/net/tcp', '/proc/net/tcp6']
    .flatMap((path) => readFileSync(path, 'utf8').split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , remote = '', state]) => remote.endsWith(address) && state === established)
    .map(([, local = '']) => local.slice(-4))
    .sort();
}

function hex(number: number, digits: number): string {
  return number.toString(16).toUpperCase().padStart(digits, '0');
}
