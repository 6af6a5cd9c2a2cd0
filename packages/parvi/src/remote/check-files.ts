// Whether the files that remoting is given for TLS can be used, for those who check a configuration without starting it.

import { type ReadTextFile, readSecretFile } from '../config/index.ts';
import type { RemotingOptions } from './options.ts';
import { resolveTlsOptions } from './tls-options.ts';

/**
 * Reads them as the start does, and keeps nothing of them.
 *
 * @throws RemoteError `REMOTE_OPTIONS_INVALID`, `REMOTE_TLS_FILES_INVALID`, as a rejection
 */
export async function checkRemotingFiles(
  { transport, tls }: Pick<RemotingOptions, 'transport' | 'tls'>,
  readText: ReadTextFile = readSecretFile,
): Promise<void> {
  if (transport !== 'tls-tcp') return;
  const { contextOf, tlsTexts } = await import('./tls-files.ts');
  const options = resolveTlsOptions(tls);
  contextOf(options, tlsTexts(options, readText));
}
