// What TLS says when it does not come about, in words that name what to set. Node hands on OpenSSL's own, by code or in
// the message.

import { errorLine } from '../runtime/index.ts';
import { CliError } from './exit-codes.ts';

interface Trouble {
  readonly sign: RegExp;
  /** Follows the address of the node. */
  readonly why: (said: string, base: string) => string;
}

const swapped = (base: string): string =>
  base.startsWith('https:') ? base.replace('https:', 'http:') : base.replace('http:', 'https:');

const ofConnection: readonly Trouble[] = [
  {
    sign: /wrong version number|packet length too long|WRONG_VERSION_NUMBER/,
    why: (_, base) => `speaks HTTP, not HTTPS: write ${swapped(base)}`,
  },
  {
    sign: /HPE_INVALID|Expected HTTP\//,
    why: (_, base) => `does not speak HTTP; if it speaks HTTPS, write ${swapped(base)}`,
  },
  {
    sign: /ERR_TLS_CERT_ALTNAME_INVALID/,
    why: (said) =>
      `shows a certificate of another name (${said}): call it by a name or address that stands in it`,
  },
  {
    sign: /CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/,
    why: (said) => `shows a certificate that does not hold now (${said})`,
  },
  {
    sign: /SELF_SIGNED_CERT|UNABLE_TO_(VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT)|CERT_(UNTRUSTED|SIGNATURE_FAILURE)|INVALID_CA/,
    why: () =>
      'shows a certificate that no authority known here vouches for: name the file of its authority with --ca',
  },
  {
    sign: /alert (certificate required|handshake failure|unknown ca|bad certificate|certificate unknown)/,
    why: () =>
      'wants to see a certificate that it trusts: name its file with --cert, and that of its key with --key',
  },
];

/** At HTTP where HTTPS is spoken, and at a certificate that is not trusted, the other side hangs up without a word. */
const hungUp = /^(ECONNRESET|EPIPE)$/;

/** An end with words of its own; `undefined` when TLS is not what went wrong. */
export function tlsTrouble(error: unknown, base: string): CliError | undefined {
  const code = String(Reflect.get(Object(error), 'code') ?? '');
  const said = errorLine(error)
    .trim()
    .replace(/\s*\n\s*/g, ' ');
  if (/^ERR_OSSL_/.test(code)) {
    return new CliError(
      'CLI_USAGE',
      `Cannot use the files of --ca, --cert and --key: ${fileTrouble(code, said)}`,
      error,
    );
  }
  const why = ofConnection.find(({ sign }) => sign.test(code) || sign.test(said))?.why(said, base);
  if (why !== undefined)
    return new CliError('CLI_UNREACHABLE', `What listens at ${base} ${why}`, error);
  if (!hungUp.test(code)) return undefined;
  const perhaps = base.startsWith('https:')
    ? 'if it wants a certificate that it trusts, see --cert and --key'
    : `if it speaks HTTPS, write ${swapped(base)}`;
  return new CliError(
    'CLI_UNREACHABLE',
    `What listens at ${base} hangs up, as a node that ends; ${perhaps}`,
    error,
  );
}

function fileTrouble(code: string, said: string): string {
  switch (code) {
    case 'ERR_OSSL_X509_KEY_VALUES_MISMATCH':
      return 'the key is not that of the certificate';
    case 'ERR_OSSL_PEM_NO_START_LINE':
    case 'ERR_OSSL_UNSUPPORTED':
      return 'a file is not in PEM, "-----BEGIN …"';
    case 'ERR_OSSL_BAD_DECRYPT':
    case 'ERR_OSSL_CRYPTO_INTERRUPTED_OR_CANCELLED':
      return 'the key is encrypted; decrypt it with "openssl pkey"';
    default:
      return said;
  }
}
