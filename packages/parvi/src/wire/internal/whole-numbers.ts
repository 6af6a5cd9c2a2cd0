// How long whole numbers may be. Turning digits into a number and back takes time that grows faster than their count: a
// message of two megabytes that is one number would hold the event loop for half a minute.

import { WireError } from '../errors.ts';

/** As Jackson's `StreamReadConstraints.maxNumberLength`. */
export const wholeNumberDigitsMax = 1000;
/** The same in bytes of eight bits. */
export const wholeNumberBytesMax = Math.ceil((wholeNumberDigitsMax * Math.log2(10)) / 8);

export function tooLong(format: string): WireError {
  return new WireError(
    'PAYLOAD_TOO_LARGE',
    `Cannot read ${format}: a number has more than ${wholeNumberDigitsMax} digits`,
    { fields: { digitsMax: wholeNumberDigitsMax } },
  );
}
