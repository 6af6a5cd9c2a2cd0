// Key and certificates of this node and of its authorities, read from files and read again when they change, so that
// they can be renewed without a restart. A change that cannot be used, as when only one of the files has been written so
// far, leaves the old ones in use.

import { X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import type { ReadTextFile } from '../config/index.ts';
import { type Logger, LogLimiter } from '../observe/index.ts';
import {
  bareHost,
  type Cancellable,
  type Clock,
  errorLine,
  type Timers,
} from '../runtime/index.ts';
import { RemoteError } from './errors.ts';
import { type ResolvedTlsOptions, tlsProtocols } from './tls-options.ts';

export interface TlsFilePorts {
  readonly readText: ReadTextFile;
  readonly log: Logger;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Under which peers dial this node, and look for in its certificate. */
  readonly host: string;
}

interface Texts {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
}

export class TlsFiles {
  readonly options: ResolvedTlsOptions;
  readonly #ports: TlsFilePorts;
  readonly #complaints: LogLimiter;
  readonly #listeners = new Set<() => void>();
  readonly #timer: Cancellable;
  #texts: Texts;
  #context: SecureContext;

  /** @throws RemoteError `REMOTE_TLS_FILES_INVALID` */
  constructor(options: ResolvedTlsOptions, ports: TlsFilePorts) {
    this.options = options;
    this.#ports = ports;
    const { log, clock, timers } = ports;
    this.#complaints = new LogLimiter({ log, clock, intervalMs: 3_600_000 });
    this.#texts = tlsTexts(options, ports.readText);
    this.#context = contextOf(options, this.#texts);
    this.#announce('TLS is on');
    this.#timer = timers.every(options.reloadIntervalMs, () => this.#reload());
  }

  /** For connections made from now on. */
  get context(): SecureContext {
    return this.#context;
  }

  /** The same as options, for a server whose context is replaced. */
  get contextOptions(): SecureContextOptions {
    return contextOptionsOf(this.options, this.#texts);
  }

  /** Calls back after each change. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  close(): void {
    this.#timer.cancel();
    this.#listeners.clear();
  }

  #reload(): void {
    try {
      const texts = tlsTexts(this.options, this.#ports.readText);
      const { key, cert, ca } = this.#texts;
      if (texts.key === key && texts.cert === cert && texts.ca === ca) return;
      this.#context = contextOf(this.options, texts);
      this.#texts = texts;
    } catch (error) {
      const line = 'Changed TLS files cannot be used; those read before stay in use';
      this.#complaints.write(
        errorLine(error),
        'warn',
        { error, code: 'REMOTE_TLS_FILES_INVALID' },
        line,
      );
      return;
    }
    this.#announce('TLS files have changed and hold for new connections');
    for (const listener of this.#listeners) listener();
  }

  #announce(line: string): void {
    const { log, clock, host } = this.#ports;
    const [own] = certificatesOf(this.#texts.cert, this.options.certFile);
    if (own === undefined) return;
    const { subject, subjectAltName, validFrom, validTo } = own;
    const fields = { subject, subjectAltName, validFrom, validTo };
    const nowMs = clock.wallMs();
    const isValid = Date.parse(validFrom) <= nowMs && nowMs < Date.parse(validTo);
    if (isValid) log.info(fields, line);
    else {
      const code = 'REMOTE_TLS_CERTIFICATE_EXPIRED';
      log.warn({ ...fields, code }, `${line}, but the certificate of this node is not valid today`);
    }
    if (isNamedBy(own, host)) return;
    log.warn(
      { ...fields, host, code: 'REMOTE_TLS_HOST_MISMATCH' },
      `The certificate of this node does not name its host "${host}": peers that verify hosts refuse to connect to it; have it made with that name, or set remote.host to one that it names`,
    );
  }
}

/** @throws RemoteError `REMOTE_TLS_FILES_INVALID` */
export function tlsTexts(options: ResolvedTlsOptions, readText: ReadTextFile): Texts {
  const { keyFile, certFile, caFile } = options;
  const text = (path: string): string => {
    try {
      return readText(path);
    } catch (cause) {
      throw unusable(path, errorLine(cause), cause);
    }
  };
  return { key: text(keyFile), cert: text(certFile), ca: text(caFile) };
}

/** @throws RemoteError `REMOTE_TLS_FILES_INVALID` */
export function contextOf(options: ResolvedTlsOptions, texts: Texts): SecureContext {
  const { keyFile, certFile, caFile } = options;
  if (isEncrypted(texts.key)) {
    const why = `the key is encrypted, and a node has nobody to ask for its password; decrypt it, "openssl pkey -in ${keyFile} -out plain.key", let nobody else read the new file, and set keyFile to it`;
    throw unusable(keyFile, why, undefined);
  }
  certificatesOf(texts.cert, certFile);
  certificatesOf(texts.ca, caFile);
  try {
    return createSecureContext(contextOptionsOf(options, texts));
  } catch (cause) {
    throw unusable(
      keyFile,
      `${errorLine(cause)}; the key must be that of the first certificate of "${certFile}"`,
      cause,
    );
  }
}

function contextOptionsOf(
  { protocols, ciphers }: ResolvedTlsOptions,
  texts: Texts,
): SecureContextOptions {
  const spoken = tlsProtocols.filter((protocol) => protocols.includes(protocol));
  return {
    ...texts,
    minVersion: spoken.at(0),
    maxVersion: spoken.at(-1),
    ciphers: ciphers.join(':'),
    dhparam: 'auto',
  };
}

function isNamedBy(certificate: X509Certificate, host: string): boolean {
  const bare = bareHost(host);
  return (certificate.checkHost(bare) ?? certificate.checkIP(bare)) !== undefined;
}

/** PKCS#8 (RFC 5958, RFC 7468 section 11), and the older form with headers (RFC 1421 section 4.6). */
function isEncrypted(pem: string): boolean {
  return /^-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: *4, *ENCRYPTED/m.test(pem);
}

function certificatesOf(pem: string, path: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) throw unusable(path, 'it holds no certificate in PEM', undefined);
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch (cause) {
    throw unusable(path, errorLine(cause), cause);
  }
}

function unusable(path: string, why: string, cause: unknown): RemoteError {
  return new RemoteError('REMOTE_TLS_FILES_INVALID', `Cannot use "${path}" for TLS: ${why}`, {
    fields: { path },
    cause,
  });
}
