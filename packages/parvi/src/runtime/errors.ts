// The root of every error the toolkit raises, so that callers can branch on a stable code instead of a text.

/** Values that explain an error; what a log line or a problem document shows beside the message. */
export type ErrorFields = Readonly<Record<string, unknown>>;

export interface ParviErrorOptions {
  readonly fields?: ErrorFields;
  readonly cause?: unknown;
}

/**
 * An operating error: something outside the program's control went wrong.
 *
 * `code` is stable across releases and listed in the error reference; `fields` hold the values named in the
 * message; `cause` is the error underneath, if any.
 */
export class ParviError extends Error {
  readonly code: string;
  readonly fields: ErrorFields;

  constructor(code: string, message: string, options: ParviErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.fields = options.fields ?? {};
  }
}

const ofOptions =
  /^CONFIG_|_OPTIONS?_(INVALID|UNKNOWN)$|^(ACTOR_SYSTEM_NAME|ADDRESS|DURATION)_INVALID$|^BOOTSTRAP_INCOMPLETE$|_TLS_FILES_INVALID$|^MANAGEMENT_SECRET_UNREADABLE$/;

/** Whether it says, by its code, that something was started with options, or files named by them, that cannot be; commands end differently then. */
export function isOptionError(thrown: unknown): thrown is ParviError {
  return thrown instanceof ParviError && ofOptions.test(thrown.code);
}

/** Turns whatever was thrown into an `Error`, so that nothing thrown is ever lost or misread. Never throws itself. */
export function toError(thrown: unknown): Error {
  try {
    if (thrown instanceof Error) {
      tryReading(thrown);
      return thrown;
    }
    return new Error(
      typeof thrown === 'string' ? thrown : `Non-error value thrown: ${String(thrown)}`,
    );
  } catch {
    return new Error(`Value thrown that cannot be read as text (${typeof thrown})`);
  }
}

/** Throws where readers of errors would: at a proxy, a getter, or a message that is a symbol. */
function tryReading(error: Error): void {
  void `${error.name}${error.message}`;
  void error.cause;
}

/** One line for a log: the message and the chain of its causes, except those whose words it has already. */
export function errorLine(thrown: unknown): string {
  const parts: string[] = [];
  let current: unknown = thrown;
  for (let depth = 0; current !== undefined && depth < 5; depth++) {
    const error = toError(current);
    if (!parts.some((part) => part.includes(error.message))) parts.push(error.message);
    current = error.cause;
  }
  return parts.join(': ');
}
