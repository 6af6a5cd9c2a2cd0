// Hosts as texts. An IPv6 address stands in brackets where a port may follow (RFC 3986 section 3.2.2), and without them
// where sockets are made.

/** As in a URL, or in the address of a node. */
export function urlHost(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

/** As sockets and resolvers take it. */
export function bareHost(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}
