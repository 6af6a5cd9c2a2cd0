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

export interface Refusal {
  readonly status: number;
  /** Of the controller's problem; not there when something else answered. */
  readonly code?: string;
}

/** An end of the command with a message for a person. */
export class CliError extends Error {
  readonly exitCode: number;
  readonly hint: string | undefined;
  /** What refused a request, if something did. */
  readonly answer: Refusal | undefined;

  constructor(message: string, exitCode: number, hint?: string, answer?: Refusal) {
    super(message);
    this.exitCode = exitCode;
    this.hint = hint;
    this.answer = answer;
  }
}
