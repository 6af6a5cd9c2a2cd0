// What goes wrong between two nodes that speak TLS, in words that say what to do. The codes on the left are those of
// Node.js and OpenSSL.

import { toError } from '../runtime/index.ts';
import { RemoteError, type RemoteErrorCode } from './errors.ts';

type TlsErrorCode = Extract<RemoteErrorCode, `REMOTE_TLS_${string}`>;

const causes: readonly { readonly code: RegExp; readonly as: TlsErrorCode }[] = [
  {
    code: /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$|^ERROR_IN_CERT_NOT_/,
    as: 'REMOTE_TLS_CERTIFICATE_EXPIRED',
  },
  { code: /^ERR_TLS_CERT_ALTNAME/, as: 'REMOTE_TLS_HOST_MISMATCH' },
  { code: /^ERR_SSL_PEER_DID_NOT_RETURN/, as: 'REMOTE_TLS_CERTIFICATE_MISSING' },
  {
    code: /^(UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_|INVALID_(CA|PURPOSE)|PATH_LENGTH|ERR_TLS_CERT)/,
    as: 'REMOTE_TLS_PEER_UNTRUSTED',
  },
  {
    code: /^ERR_SSL_(WRONG_VERSION_NUMBER|HTTP_REQUEST|PACKET_LENGTH)/,
    as: 'REMOTE_TLS_PLAIN_PEER',
  },
  {
    code: /^ERR_SSL_.*ALERT_(PROTOCOL_VERSION|HANDSHAKE_FAILURE)/,
    as: 'REMOTE_TLS_HANDSHAKE_FAILED',
  },
  { code: /^ERR_SSL_.*ALERT_/, as: 'REMOTE_TLS_REFUSED_BY_PEER' },
];

const texts: Readonly<Record<TlsErrorCode, string>> = {
  REMOTE_TLS_FILES_INVALID: 'the files of keys and certificates cannot be used; see the cause',
  REMOTE_TLS_CERTIFICATE_EXPIRED:
    'its certificate has expired or is not valid yet; renew it, or set its clock or ours',
  REMOTE_TLS_HOST_MISMATCH:
    'its certificate does not name the host by which it was dialled; name it there, or switch hostnameVerification off',
  REMOTE_TLS_CERTIFICATE_MISSING:
    'it showed no certificate; give it one, or switch requireMutualAuthentication off',
  REMOTE_TLS_PEER_UNTRUSTED:
    'no authority that this node trusts vouches for its certificate; both need the same caFile',
  REMOTE_TLS_PLAIN_PEER: 'it does not speak TLS; set remote.transport to "tls-tcp" there too',
  REMOTE_TLS_UNEXPECTED:
    'it speaks TLS and this node does not; set remote.transport to "tls-tcp" here too',
  REMOTE_TLS_REFUSED_BY_PEER: 'it refused our certificate; its log says why',
  REMOTE_TLS_HANDSHAKE_FAILED:
    'the TLS handshake failed; see whether it speaks TLS, in a version and with a cipher suite of this node',
};

/** The error that a person is told when TLS with a peer failed. `where` is its host and port. */
export function tlsError(code: TlsErrorCode, where: string, cause?: unknown): RemoteError {
  return new RemoteError(code, `Cannot speak with "${where}": ${texts[code]}`, {
    fields: { peer: where },
    cause,
  });
}

/** The same, by what the TLS library said. `undefined` for failures of the network below it. */
export function tlsErrorOf(thrown: unknown, where: string): RemoteError | undefined {
  const error = toError(thrown);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const known = causes.find((cause) => cause.code.test(code));
  if (known !== undefined) return tlsError(known.as, where, error);
  // Node's name for a connection that ended in the middle of the handshake, as by a peer that expects no TLS.
  const cutShort = code === 'ECONNRESET' && error.message.includes('before secure TLS connection');
  return code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS') || cutShort
    ? tlsError('REMOTE_TLS_HANDSHAKE_FAILED', where, error)
    : undefined;
}
