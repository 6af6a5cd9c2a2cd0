// What an exit code of the command says, for scripts.

import { ParviError } from '../runtime/index.ts';

export const exitCodes = {
  ok: 0,
  /** Something failed that is none of the below. */
  failed: 1,
  /** The command line, or an option of a node, is not right. */
  usage: 2,
  /** What was waited for did not come in time, or a check found something. */
  notMet: 3,
  /** The node did not answer. */
  unreachable: 4,
  /** The node refused: read-only, no permission, no such member. */
  refused: 5,
  /** Ended by Ctrl-C. */
  interrupted: 130,
} as const;

export const exitCodesHelp = `
Exit codes:
  0  done
  1  failed for another reason
  2  the command line or an option is not right
  3  what was waited for did not come in time, or a check found something
  4  the node did not answer
  5  the node refused: it is read-only, asks for credentials, or has no such member or actor`;

export const cliErrors = {
  CLI_USAGE: 'The command line is not right',
  CLI_UNREACHABLE: 'The management server of a node did not answer',
  CLI_REFUSED: 'The management server of a node refused a request',
  CLI_NOT_MET: 'What a command waited for did not come in time, or a check found something',
  CLI_ANSWER_UNKNOWN: 'What answered is not the management of a node',
  CLI_CONFIRMATION_MISSING: 'A command that cannot be taken back was not confirmed',
  CLI_INTERRUPTED: 'The command was ended by Ctrl-C',
} as const;

export type CliErrorCode = keyof typeof cliErrors;

const codesOf: Readonly<Record<CliErrorCode, number>> = {
  CLI_USAGE: exitCodes.usage,
  CLI_UNREACHABLE: exitCodes.unreachable,
  CLI_REFUSED: exitCodes.refused,
  CLI_NOT_MET: exitCodes.notMet,
  CLI_ANSWER_UNKNOWN: exitCodes.failed,
  CLI_CONFIRMATION_MISSING: exitCodes.usage,
  CLI_INTERRUPTED: exitCodes.interrupted,
};

/** An end of the command with a message for a person. */
export class CliError extends ParviError {
  declare readonly code: CliErrorCode;

  get exitCode(): number {
    return codesOf[this.code];
  }

  constructor(code: CliErrorCode, message: string, cause?: unknown) {
    super(code, message, cause === undefined ? {} : { cause });
  }
}

/** A node is there, and lets in only who has other credentials. */
export class CredentialsRefused extends CliError {}
