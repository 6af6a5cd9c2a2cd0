// The certificates that a node would be started with, for those who want to know how long they hold. The files have been
// found usable before.

import type { PlannedCertificates } from './cli/index.ts';
import { readTextFile } from './config/index.ts';
import { certificatesIn } from './runtime/index.ts';
import type { StartOptions } from './start-options.ts';

type Named = readonly [option: string, path: string | undefined, isAuthority: boolean];

export function plannedCertificates(options: StartOptions): readonly PlannedCertificates[] {
  return [...ofRemoting(options), ...ofManagement(options), ...ofBootstrap(options)].flatMap(
    ([option, path, isAuthority]) => (path === undefined ? [] : read(option, path, isAuthority)),
  );
}

function ofRemoting({ remote }: StartOptions): readonly Named[] {
  if (remote?.transport !== 'tls-tcp') return [];
  return [
    ['remote.tls.certFile', remote.tls?.certFile, false],
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

function read(option: string, path: string, isAuthority: boolean): readonly PlannedCertificates[] {
  const certificates = certificatesIn(readTextFile(path)).map(
    ({ subject, validFrom, validTo }) => ({
      // One line each, and nothing where the certificate is for its alternative names alone.
      subject: (subject ?? '').split('\n').join(', '),
      fromMs: Date.parse(validFrom),
      toMs: Date.parse(validTo),
    }),
  );
  return [{ option, path, isAuthority, certificates }];
}
