// Whether the files that management is given can be used, for those who check a configuration without starting it.

import { type ReadTextFile, readSecretFile } from '../config/index.ts';
import type { ManagementOptions } from './options.ts';
import { secretText } from './secret.ts';

/**
 * Reads them as the start does, and keeps nothing of them.
 *
 * @throws ManagementError `MANAGEMENT_SECRET_UNREADABLE`, `MANAGEMENT_TLS_FILES_INVALID`, as a rejection
 */
export async function checkManagementFiles(
  { authentication, tls }: Pick<ManagementOptions, 'authentication' | 'tls'>,
  readText: ReadTextFile = readSecretFile,
): Promise<void> {
  if (authentication !== undefined) secretText(authentication, readText);
  if (tls === undefined) return;
  const { tlsTexts } = await import('./tls-files.ts');
  tlsTexts(tls, readText);
}
