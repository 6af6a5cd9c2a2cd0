// Errors of configuration. Each says which value is wrong, where it came from, and what would be right.

import { ParviError, type ParviErrorOptions } from '../runtime/index.ts';

export type ConfigErrorCode =
  | 'CONFIG_KEY_UNKNOWN'
  | 'CONFIG_VALUE_INVALID'
  | 'CONFIG_FLAG_INVALID'
  | 'CONFIG_FILE_UNREADABLE'
  | 'CONFIG_FILE_INVALID';

export class ConfigError extends ParviError {
  declare readonly code: ConfigErrorCode;
  /** All that is wrong with options; none when a file could not be read. */
  readonly problems: readonly ConfigProblem[];

  constructor(code: ConfigErrorCode, message: string, options: ConfigErrorOptions = {}) {
    const { problems = [] } = options;
    super(code, message, problems.length === 0 ? options : { ...options, fields: { problems } });
    this.problems = problems;
  }
}

interface ConfigErrorOptions extends ParviErrorOptions {
  readonly problems?: readonly ConfigProblem[];
}

/** One thing that is wrong; all that are found are reported together. */
export interface ConfigProblem {
  readonly code: ConfigErrorCode;
  /** The option, or what was written instead of one. */
  readonly key: string;
  readonly message: string;
}

/** @throws ConfigError with the code of the first problem and all of them in `fields.problems`, if there are any */
export function refuseProblems(problems: readonly ConfigProblem[]): void {
  const [first] = problems;
  if (first === undefined) return;
  const message =
    problems.length === 1
      ? first.message
      : `${problems.length} options cannot be used:${problems.map((one) => `\n  ${one.message}`).join('')}`;
  throw new ConfigError(first.code, message, { problems });
}
