// Whether the files that bootstrap is given can be used, for those who check a configuration without starting it.

import type { BootstrapOptions } from './options.ts';

/**
 * Reads them as the start does, and keeps nothing of them.
 *
 * @throws BootstrapError `BOOTSTRAP_OPTION_INVALID`, as a rejection
 */
export async function checkBootstrapFiles({ tls }: Pick<BootstrapOptions, 'tls'>): Promise<void> {
  if (tls === undefined) return;
  const { checkProbeTls } = await import('./probe-tls.ts');
  checkProbeTls(tls);
}
