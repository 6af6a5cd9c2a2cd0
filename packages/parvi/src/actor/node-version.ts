// The oldest Node that everything here runs on.

import { ParviError } from '../runtime/index.ts';

/** As in `engines` of the package. Without this check an older one fails at the first thing that it does not have. */
const nodeMajorMin = 22;

/** @throws ParviError `START_NODE_UNSUPPORTED` */
export function checkNodeVersion(version: string): void {
  if (!(Number.parseInt(version, 10) < nodeMajorMin)) return;
  throw new ParviError(
    'START_NODE_UNSUPPORTED',
    `Cannot start with Node "${version}": the package needs Node ${nodeMajorMin} or newer; install one`,
    { fields: { version } },
  );
}
