// Key and certificate of the server and the authorities of its clients, read from files and read again when they change. A
// change that cannot be used, as when only one of the files has been written so far, leaves the old ones in use.

import { createSecureContext, type SecureContextOptions } from 'node:tls';
import type { ReadTextFile } from '../config/index.ts';
import { LogLimiter } from '../observe/index.ts';
import { type Cancellable, certificatesIn, errorLine } from '../runtime/index.ts';
import { ManagementError } from './errors.ts';
import type { ManagementTlsOptions } from './options.ts';
import type { FilePorts } from './secret.ts';

interface Texts {
  readonly key: string;
  readonly cert: string;
  readonly ca: string | undefined;
}

export class ServerTlsFiles {
  readonly #options: ManagementTlsOptions;
  readonly #ports: FilePorts;
  readonly #timer: Cancellable;
  readonly #listeners = new Set<(options: SecureContextOptions) => void>();
  #texts: Texts;

  /** @throws ManagementError `MANAGEMENT_TLS_FILES_INVALID` */
  constructor(options: ManagementTlsOptions, ports: FilePorts, reloadIntervalMs: number) {
    this.#options = options;
    this.#ports = ports;
    this.#texts = tlsTexts(options, ports.readText);
    const { log, clock, timers } = ports;
    const complaints = new LogLimiter({ log, clock, intervalMs: 3_600_000 });
    this.#timer = timers.every(reloadIntervalMs, () => {
      try {
        this.#reload();
      } catch (error) {
        const line =
          'Changed TLS files of management cannot be used; those read before stay in use';
        complaints.write(errorLine(error), 'warn', { error }, line);
      }
    });
  }

  get contextOptions(): SecureContextOptions {
    return contextOptionsOf(this.#texts);
  }

  /** Whether clients must show a certificate. */
  get isMutual(): boolean {
    return this.#options.clientCaFile !== undefined;
  }

  /** Calls back after each change. */
  onChange(listener: (options: SecureContextOptions) => void): void {
    this.#listeners.add(listener);
  }

  close(): void {
    this.#timer.cancel();
    this.#listeners.clear();
  }

  #reload(): void {
    const texts = tlsTexts(this.#options, this.#ports.readText);
    const { key, cert, ca } = this.#texts;
    if (texts.key === key && texts.cert === cert && texts.ca === ca) return;
    this.#texts = texts;
    for (const listener of this.#listeners) listener(this.contextOptions);
    this.#ports.log.info('TLS files of management have changed and hold for new connections');
  }
}

/** @throws ManagementError `MANAGEMENT_TLS_FILES_INVALID` */
export function tlsTexts(options: ManagementTlsOptions, readText: ReadTextFile): Texts {
  const { keyFile, certFile, clientCaFile } = options;
  const use = <T>(path: string, read: () => T): T => {
    try {
      return read();
    } catch (cause) {
      throw unusable(path, errorLine(cause), cause);
    }
  };
  const text = (path: string): string => use(path, () => readText(path));
  const certificates = (path: string): string => {
    const pem = text(path);
    use(path, () => certificatesIn(pem));
    return pem;
  };
  const texts = {
    key: text(keyFile),
    cert: certificates(certFile),
    ca: clientCaFile === undefined ? undefined : certificates(clientCaFile),
  };
  try {
    createSecureContext(contextOptionsOf(texts));
  } catch (cause) {
    const why = `${errorLine(cause)}; the key must be that of the first certificate of "${certFile}", PEM and not encrypted`;
    throw unusable(keyFile, why, cause);
  }
  return texts;
}

function contextOptionsOf({ key, cert, ca }: Texts): SecureContextOptions {
  return { key, cert, minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }) };
}

function unusable(path: string, why: string, cause: unknown): ManagementError {
  return new ManagementError(
    'MANAGEMENT_TLS_FILES_INVALID',
    `Cannot use "${path}" for TLS of management: ${why}`,
    { fields: { path }, cause },
  );
}
