// The oldest Node that everything here runs on.

import { ParviError } from '../runtime/index.ts';

/** As in `engines` of the package. Without this check an older one fails at the first thing that it does not have. */
const oldest = { major: 22, minor: 15 };

/** @throws ParviError `START_NODE_UNSUPPORTED` */
export function checkNodeVersion(version: string): void {
  const [major = Number.NaN, minor = 0] = version.split('.').map(Number);
  const isOlder = major < oldest.major || (major === oldest.major && minor < oldest.minor);
  if (!isOlder) return;
  throw new ParviError(
    'START_NODE_UNSUPPORTED',
    `Cannot start with Node "${version}": the package needs Node ${oldest.major}.${oldest.minor} or newer; install one`,
    { fields: { version } },
  );
}
