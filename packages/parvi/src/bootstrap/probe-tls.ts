// The files by which probes speak HTTPS: read for each new connection, so that they can be renewed without a restart, and
// tried once before the first.

import { createPrivateKey, type X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { type ReadTextFile, readSecretFile } from '../config/index.ts';
import { certificatesIn, errorLine } from '../runtime/index.ts';
import { BootstrapError } from './errors.ts';
import type { BootstrapTlsOptions } from './options.ts';
import type { ProbeTls } from './probe-client.ts';

/** @throws BootstrapError `BOOTSTRAP_OPTION_INVALID` */
export function readProbeTls(
  { caFile, keyFile, certFile, minVersion = 'TLSv1.2' }: BootstrapTlsOptions,
  readText: ReadTextFile = readSecretFile,
): ProbeTls {
  const read = (option: string, path: string | undefined): string | undefined =>
    attempt(
      () => (path === undefined ? undefined : readText(path)),
      (why, cause) => unusable(option, path, why, cause),
    );
  const ca = read('caFile', caFile);
  const key = read('keyFile', keyFile);
  return { ca, key, cert: read('certFile', certFile), minVersion };
}

/** Whether probes could use them. @throws BootstrapError `BOOTSTRAP_OPTION_INVALID` */
export function checkProbeTls(options: BootstrapTlsOptions, readText?: ReadTextFile): void {
  const texts = readProbeTls(options, readText);
  checkTexts(options, texts);
  // OpenSSL is the judge of the rest: of what stands beside the certificates, and of keys that are too short for it.
  const option = texts.cert === undefined ? 'caFile' : 'certFile';
  attempt(
    () => createSecureContext(texts),
    (why, cause) => unusable(option, options[option], why, cause),
  );
}

function checkTexts(options: BootstrapTlsOptions, { ca, key, cert }: ProbeTls): void {
  const { caFile, keyFile, certFile } = options;
  // Node.js takes a text without authorities, and then trusts nobody.
  if (ca !== undefined) certificatesOf('caFile', caFile, ca);
  const [own] = cert === undefined ? [] : certificatesOf('certFile', certFile, cert);
  if (key === undefined) return;
  const privateKey = attempt(
    () => createPrivateKey(key),
    (why, cause) =>
      unusable('keyFile', keyFile, `${why}; it must be a key in PEM, not encrypted`, cause),
  );
  if (own?.checkPrivateKey(privateKey) === false) {
    const why = `the key must be that of the first certificate of "${certFile}"`;
    throw unusable('keyFile', keyFile, why, undefined);
  }
}

function certificatesOf(
  option: string,
  path: string | undefined,
  pem: string,
): readonly X509Certificate[] {
  return attempt(
    () => certificatesIn(pem),
    (why, cause) => unusable(option, path, why, cause),
  );
}

function attempt<T>(make: () => T, failure: (why: string, cause: unknown) => Error): T {
  try {
    return make();
  } catch (cause) {
    throw failure(errorLine(cause), cause);
  }
}

function unusable(
  option: string,
  path: string | undefined,
  why: string,
  cause: unknown,
): BootstrapError {
  return new BootstrapError(
    'BOOTSTRAP_OPTION_INVALID',
    `Cannot use bootstrap.tls.${option} "${path}": ${why}`,
    { fields: { option: `tls.${option}`, value: path }, cause },
  );
}
