// What a node needs to speak TLS with its peers, and what it asks of them. Names and meanings follow Pekko's
// `pekko.remote.artery.ssl`; unlike there, the name of the host is verified unless that is switched off.

import { RemoteError } from './errors.ts';

export type TlsProtocol = 'TLSv1.2' | 'TLSv1.3';

/** Files are PEM. They are read again at the interval, and a change holds for connections made afterwards. */
export interface TlsOptions {
  /** Private key of this node, PKCS#8 or PKCS#1, not encrypted. */
  readonly keyFile: string;
  /** Certificate of this node, followed by those between it and the authority, if any. */
  readonly certFile: string;
  /** Certificates of the authorities that may vouch for peers. No others are trusted. */
  readonly caFile: string;
  /** Whether who dials us must show a certificate too. Default true. */
  readonly requireMutualAuthentication?: boolean;
  /**
   * Whether the certificate of a peer that we dial must name the host by which it is dialled. Default true (Pekko: off).
   */
  readonly hostnameVerification?: boolean;
  /** Versions of TLS that are spoken; Pekko speaks 1.3 from 1.2.0 on, and 1.2 before. Default both. */
  readonly protocols?: readonly TlsProtocol[];
  /** Cipher suites by their OpenSSL names. Default {@link cipherSuites}. */
  readonly ciphers?: readonly string[];
  /** How often the files are looked at, in milliseconds. Default 60000. */
  readonly reloadIntervalMs?: number;
}

/** Forward secret, with authenticated encryption; the last one is for Pekko 1.0 and 1.1 with their defaults. */
export const cipherSuites: readonly string[] = Object.freeze([
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'DHE-RSA-AES256-GCM-SHA384',
]);

export const tlsProtocols: readonly TlsProtocol[] = Object.freeze(['TLSv1.2', 'TLSv1.3']);

export type ResolvedTlsOptions = Required<TlsOptions>;

/** Why options of TLS are refused where the transport is `tcp`. */
export const plainTransport =
  'the transport is "tcp", which sends everything unencrypted; set remote.transport to "tls-tcp", or leave the files of remote.tls out';

/** @throws RemoteError `REMOTE_OPTIONS_INVALID` */
export function resolveTlsOptions(given: TlsOptions | undefined): ResolvedTlsOptions {
  const options = {
    requireMutualAuthentication: true,
    hostnameVerification: true,
    protocols: tlsProtocols,
    ciphers: cipherSuites,
    reloadIntervalMs: 60_000,
    ...given,
  };
  const { keyFile = '', certFile = '', caFile = '' } = options;
  for (const [name, value] of Object.entries({ keyFile, certFile, caFile })) {
    if (value !== '') continue;
    throw new RemoteError(
      'REMOTE_OPTIONS_INVALID',
      `Cannot start remoting without remote.tls.${name}: it is not set, and transport "tls-tcp" needs it`,
      { fields: { option: `tls.${name}`, value } },
    );
  }
  const unknown = options.protocols.find((protocol) => !tlsProtocols.includes(protocol));
  if (unknown !== undefined) {
    invalid('protocols', unknown, `is none of ${tlsProtocols.join(' and ')}`);
  }
  if (options.protocols.length === 0) invalid('protocols', '', 'names no version of TLS');
  if (options.ciphers.length === 0) invalid('ciphers', '', 'names no cipher suite');
  if (!(options.reloadIntervalMs > 0)) {
    invalid('reloadIntervalMs', options.reloadIntervalMs, 'is not above zero');
  }
  return { ...options, keyFile, certFile, caFile };
}

function invalid(name: string, value: unknown, why: string): never {
  throw new RemoteError(
    'REMOTE_OPTIONS_INVALID',
    `Cannot start remoting with remote.tls.${name} "${value}": it ${why}`,
    { fields: { option: `tls.${name}`, value } },
  );
}
