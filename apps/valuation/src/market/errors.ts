// What can be wrong with a market snapshot, as one error that lists every problem with the place it is in.

import { ParviError } from 'parvi/runtime';

/** Codes of `MarketError`. */
export const marketErrorCodes = {
  SNAPSHOT_INVALID: 'A market snapshot has fields that are missing, unknown or cannot be',
  CURVE_NOT_BUILT: 'A curve cannot be bootstrapped from its quotes',
} as const;
export type MarketErrorCode = keyof typeof marketErrorCodes;

/** One problem of a snapshot: where, as a path such as `curves.EUR.nodes.3.discount`, and why. */
export interface MarketProblem {
  readonly field: string;
  readonly message: string;
}

export class MarketError extends ParviError {
  readonly problems: readonly MarketProblem[];

  constructor(code: MarketErrorCode, message: string, problems: readonly MarketProblem[]) {
    super(code, message, { fields: { problems } });
    this.problems = problems;
  }
}
