// What is wrong with one row of an upload: where it is and why, in the words of the trade's own checks.

/** One mistake in one row. `row` counts trades from 1 in the order of the input. */
export interface RowProblem {
  readonly row: number;
  /** Id and instrument as they were given, where they were. */
  readonly id?: string;
  readonly instrument?: string;
  /** Field of the trade, which is also the column of a CSV upload. */
  readonly field?: string;
  readonly code: string;
  readonly message: string;
}

/** A part of an upload that has been read and checked. */
export interface IntakeBatch {
  /** The good trades as NDJSON, each line ended. */
  readonly lines: Uint8Array;
  readonly trades: number;
  /** Where each trade ends in `lines`, its line end included. */
  readonly ends: Uint32Array;
  /** What each trade is: a position in `kindNames`. */
  readonly kinds: Uint8Array;
  /** Kinds of trades that cost alike: the instrument, and the engine where the trade names one. */
  readonly kindNames: readonly string[];
  /** The snapshots that trades of this batch name. */
  readonly snapshots: readonly string[];
  /** Rows refused; those rows are not in `lines`. */
  readonly rejected: readonly RowProblem[];
}

export const intakeFailureCodes = {
  UPLOAD_LINE_TOO_LONG: 'A line or array element is longer than the limit',
  UPLOAD_CSV_MALFORMED: 'The CSV text cannot be cut into rows and columns',
  UPLOAD_CSV_HEADER: 'The CSV header line is missing or names unknown columns',
  UPLOAD_JSON_MALFORMED: 'The JSON text has no array of trades or breaks off',
  UPLOAD_TRUNCATED: 'The upload ended before its end',
} as const;
export type IntakeFailureCode = keyof typeof intakeFailureCodes;

/** The upload as a whole cannot be read on: nothing after this place can be trusted. */
export class IntakeError extends Error {
  readonly code: IntakeFailureCode;
  readonly row: number | undefined;

  constructor(code: IntakeFailureCode, message: string, row?: number, options?: ErrorOptions) {
    super(message, options);
    this.name = 'IntakeError';
    this.code = code;
    this.row = row;
  }
}
