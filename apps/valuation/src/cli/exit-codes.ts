// What the command's exit code says, for scripts.

export const exitCodes = {
  ok: 0,
  /** Something failed that is none of the below. */
  failed: 1,
  /** The command line, or an option of a node, is not right. */
  usage: 2,
  /** The job ended, but not as completed: cancelled, failed or lost. */
  jobNotCompleted: 3,
  /** The controller did not answer. */
  unreachable: 4,
  /** The controller refused the request. */
  refused: 5,
  /** Ended by Ctrl-C. */
  interrupted: 130,
} as const;

export const exitCodesHelp = `
Exit codes:
  0  done
  1  failed for another reason
  2  the command line or an option is not right
  3  the job ended, but not as completed
  4  the controller did not answer
  5  the controller refused the request`;

/** An end of the command with a message for a person. */
export class CliError extends Error {
  readonly exitCode: number;
  readonly hint: string | undefined;
  /** Status of the answer that refused a request. */
  readonly httpStatus: number | undefined;

  constructor(message: string, exitCode: number, hint?: string, httpStatus?: number) {
    super(message);
    this.exitCode = exitCode;
    this.hint = hint;
    this.httpStatus = httpStatus;
  }
}
