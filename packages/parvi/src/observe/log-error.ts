// Errors as plain values, so that a log line shows code, fields and the whole chain of causes.

import { errorLine, ParviError, toError } from '../runtime/index.ts';

export interface PlainError {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly stack?: string;
  readonly cause?: PlainError;
}

const causesMax = 5;

/** What a log line says of something thrown. Never throws, whatever that is. */
export function plainError(thrown: unknown, depth = 0): PlainError {
  const error = toError(thrown);
  try {
    return allOf(error, depth);
  } catch {
    return { type: 'Error', message: errorLine(error) };
  }
}

function allOf(error: Error, depth: number): PlainError {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const fields =
    error instanceof ParviError && Object.keys(error.fields).length > 0 ? error.fields : undefined;
  return {
    type: error.name,
    message: error.message,
    ...(code !== undefined && { code }),
    ...(fields !== undefined && { fields }),
    ...(error.stack !== undefined && { stack: error.stack }),
    ...(error.cause !== undefined &&
      depth < causesMax && { cause: plainError(error.cause, depth + 1) }),
  };
}
