// The certificates that a node would be started with, for those who want to know how long they hold. The files have been
// found usable before.

import type { X509Certificate } from 'node:crypto';
import type { PlannedCertificates } from './cli/index.ts';
import { readSecretFile } from './config/index.ts';
import { bareHost, certificatesIn } from './runtime/index.ts';
import type { StartOptions } from './start-options.ts';

type Named = readonly [
  option: string,
  path: string | undefined,
  isAuthority: boolean,
  /** By which others call the node, if they look for it in the certificate. */
  host?: string | undefined,
];

export function plannedCertificates(options: StartOptions): readonly PlannedCertificates[] {
  return [...ofRemoting(options), ...ofManagement(options), ...ofBootstrap(options)].flatMap(
    ([option, path, isAuthority, host]) =>
      path === undefined ? [] : [read(path, { option, isAuthority }, host)],
  );
}

function ofRemoting({ remote }: StartOptions): readonly Named[] {
  if (remote?.transport !== 'tls-tcp') return [];
  const { hostnameVerification = true, certFile } = remote.tls ?? {};
  const { host } = hostnameVerification ? remote : {};
  return [
    ['remote.tls.certFile', certFile, false, host],
    ['remote.tls.caFile', remote.tls?.caFile, true],
  ];
}

function ofManagement({ management }: StartOptions): readonly Named[] {
  return [
    ['management.tls.certFile', management?.tls?.certFile, false],
    ['management.tls.clientCaFile', management?.tls?.clientCaFile, true],
  ];
}

/** Who joins by seed nodes asks no contact points. */
function ofBootstrap({ bootstrap, cluster }: StartOptions): readonly Named[] {
  if ((cluster?.seedNodes ?? []).length > 0) return [];
  return [
    ['bootstrap.tls.certFile', bootstrap?.tls?.certFile, false],
    ['bootstrap.tls.caFile', bootstrap?.tls?.caFile, true],
  ];
}

function read(
  path: string,
  about: Pick<PlannedCertificates, 'option' | 'isAuthority'>,
  host: string | undefined,
): PlannedCertificates {
  const found = certificatesIn(readSecretFile(path));
  const certificates = found.map(({ subject, validFrom, validTo }) => ({
    // One line each, and nothing where the certificate is for its alternative names alone.
    subject: (subject ?? '').split('\n').join(', '),
    fromMs: Date.parse(validFrom),
    toMs: Date.parse(validTo),
  }));
  const [own] = found;
  const isNamed = host === undefined || own === undefined || names(own, host);
  return { ...about, path, certificates, ...(isNamed ? {} : { hostMissing: host }) };
}

/** As those who dial the host find it. What looks like an address and is none is no error here: nobody finds it. */
function names(certificate: X509Certificate, host: string): boolean {
  const name = bareHost(host);
  const isAddress =
    URL.canParse(`http://[${name}]`) ||
    (/^\d+(\.\d+){3}$/.test(name) && URL.canParse(`http://${name}`));
  return (isAddress ? certificate.checkIP(name) : certificate.checkHost(name)) !== undefined;
}
