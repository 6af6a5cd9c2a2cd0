// Errors of this layer. Codes are stable; the catalogue is compared with the error reference.

import { type ErrorFields, ParviError, type ParviErrorOptions } from '../runtime/index.ts';

export class RemoteError extends ParviError {
  constructor(code: RemoteErrorCode, message: string, options: ParviErrorOptions = {}) {
    super(code, message, options);
  }
}

/** Every code this layer raises or logs, with what to do about it. */
export const remoteErrorCodes = {
  REMOTE_BIND_FAILED:
    'The listening address cannot be used: free the port, choose another one, or correct the host',
  REMOTE_DIAL_FAILED:
    'A peer cannot be reached: check that it runs and that host and port are reachable from here',
  REMOTE_INBOUND_REFUSED:
    'A connection or frame from outside broke the protocol or a limit and was dropped; see its cause',
  REMOTE_HANDSHAKE_TIMEOUT:
    'A peer accepted the connection and did not answer: check that it announces the address it was dialled by',
  REMOTE_HANDSHAKE_REFUSED:
    'A peer introduced itself wrongly: it dialled another address than ours, or claims an identity that is taken',
  REMOTE_TLS_FILES_INVALID:
    'A file of keys or certificates cannot be read or used: the message names it',
  REMOTE_TLS_PEER_UNTRUSTED:
    'No trusted authority vouches for the certificate of a peer: give both nodes the same caFile',
  REMOTE_TLS_CERTIFICATE_EXPIRED: 'A certificate is not valid today: renew it, or set the clocks',
  REMOTE_TLS_CERTIFICATE_MISSING:
    'A peer showed no certificate: give it one, or switch requireMutualAuthentication off',
  REMOTE_TLS_HOST_MISMATCH:
    'The certificate of a peer does not name its host: name it there, or switch hostnameVerification off',
  REMOTE_TLS_PLAIN_PEER: 'A peer speaks no TLS to a node that does: set its transport to tls-tcp',
  REMOTE_TLS_UNEXPECTED: 'A peer speaks TLS to a node that does not: set our transport to tls-tcp',
  REMOTE_TLS_REFUSED_BY_PEER: 'A peer refused our certificate: its log says why',
  REMOTE_TLS_HANDSHAKE_FAILED:
    'No TLS connection came about: compare versions and cipher suites, and see whether the peer speaks TLS',
  REMOTE_ACTOR_OVERLOADED:
    'An actor gets more from other nodes than it handles, and what is too much becomes dead letters: see the advice in the line',
  REMOTE_PATH_UNSPEAKABLE:
    'The path of an actor of another node is longer than a frame can name, or not ASCII: shorten the names of actors',
  REMOTE_OPTIONS_INVALID: 'A remoting option has no usable value; the message names it',
} as const satisfies Record<string, string>;

export type RemoteErrorCode = keyof typeof remoteErrorCodes;

export function bindFailed(host: string, port: number, cause: Error): RemoteError {
  const fields: ErrorFields = { host, port };
  const code = 'code' in cause ? String(cause.code) : '';
  return new RemoteError(
    'REMOTE_BIND_FAILED',
    `Cannot listen on "${host}:${port}": ${bindReason(code, cause)}`,
    { fields, cause },
  );
}

function bindReason(code: string, cause: Error): string {
  switch (code) {
    case 'EADDRINUSE':
      return 'the port is in use; stop the process that holds it or set another port';
    case 'EADDRNOTAVAIL':
      return 'this machine has no such address; set bindHost to one of its own addresses';
    case 'EACCES':
      return 'the system does not allow it; choose a port above 1023';
    default:
      return `${cause.message}; check host and port`;
  }
}

/** The other end closed a link over which nothing was said yet. */
export function turnedAway(): RemoteError {
  return new RemoteError(
    'REMOTE_DIAL_FAILED',
    'The peer closed the connection before it introduced itself: it refuses this node, which its log would say, or speaks another protocol, such as TLS where this node does not',
  );
}

/** We closed a link because it leads nowhere. */
export function linkLeft(why: string): RemoteError {
  return new RemoteError('REMOTE_DIAL_FAILED', `The connection was given up: ${why}`);
}
