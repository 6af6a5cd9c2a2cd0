// The log port. Layers write fields and a sentence; where that goes, and in which form, is the sink's affair.

/** From the most talkative to the most serious. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error'] as const;

export type LogLevel = (typeof logLevels)[number];

/** Values beside the message. An `error` field holds what was thrown. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Writes one line: fields and a message, or a message alone. */
export interface LogMethod {
  (fields: LogFields, message: string): void;
  (message: string): void;
}

/** Messages are whole sentences without a full stop: what happened, and for a warning what to do about it. */
export interface Logger {
  readonly trace: LogMethod;
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
  /** Whether lines of that level are written; ask before building costly fields. */
  isEnabled(level: LogLevel): boolean;
  /** A logger that adds these fields to each line and follows the same level. */
  child(fields: LogFields): Logger;
}

export interface LogLine {
  readonly level: LogLevel;
  readonly fields: LogFields;
  readonly message: string;
}

/** Where lines end. A sink never throws. */
export interface LogSink {
  write(line: LogLine): void;
  /** Resolves when what is buffered is written; before the process ends. */
  flush(): Promise<void>;
}

/** The level of a logger and all its children, changeable while they are in use. */
export interface LogControl {
  level: LogLevel | 'silent';
}

export interface LoggerOptions {
  readonly sink: LogSink;
  readonly control: LogControl;
}

const severity: Readonly<Record<LogLevel | 'silent', number>> = {
  trace: 10,
  debug: 20,
  info: 30,
  warn: 40,
  error: 50,
  silent: 60,
};

class SinkLogger implements Logger {
  readonly #options: LoggerOptions;
  readonly #fields: LogFields;

  constructor(options: LoggerOptions, fields: LogFields) {
    this.#options = options;
    this.#fields = fields;
  }

  trace(fields: LogFields | string, message?: string): void {
    this.#write('trace', fields, message);
  }

  debug(fields: LogFields | string, message?: string): void {
    this.#write('debug', fields, message);
  }

  info(fields: LogFields | string, message?: string): void {
    this.#write('info', fields, message);
  }

  warn(fields: LogFields | string, message?: string): void {
    this.#write('warn', fields, message);
  }

  error(fields: LogFields | string, message?: string): void {
    this.#write('error', fields, message);
  }

  isEnabled(level: LogLevel): boolean {
    return severity[level] >= severity[this.#options.control.level];
  }

  child(fields: LogFields): Logger {
    return new SinkLogger(this.#options, { ...this.#fields, ...fields });
  }

  #write(level: LogLevel, first: LogFields | string, second = ''): void {
    if (!this.isEnabled(level)) return;
    const { sink } = this.#options;
    if (typeof first === 'string') sink.write({ level, fields: this.#fields, message: first });
    else sink.write({ level, fields: merged(this.#fields, first), message: second });
  }
}

/** A line is written even when one of its fields is a getter that throws. */
function merged(fields: LogFields, more: LogFields): LogFields {
  try {
    return { ...fields, ...more };
  } catch (error) {
    return { ...fields, error };
  }
}

export function createLogger(options: LoggerOptions): Logger {
  return new SinkLogger(options, {});
}

/** Writes nothing; for parts that are used without a system. */
export const silentLogger: Logger = createLogger({
  sink: { write: () => undefined, flush: () => Promise.resolve() },
  control: { level: 'silent' },
});
