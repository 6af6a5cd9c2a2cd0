// Log lines as JSON, one object a line, for machines to collect. pino does the writing.

import pino from 'pino';
import { plainError } from './log-error.ts';
import type { LogLine, LogSink } from './logger.ts';

export interface JsonSinkOptions {
  /** Fields of every line, such as the host. */
  readonly base?: Readonly<Record<string, unknown>>;
  /** The stream written to: 1 is standard output, 2 standard error. Or a function that takes each line. */
  readonly to: 1 | 2 | ((line: string) => void);
}

/**
 * Lines of the form `{"level":"info","time":"2026-01-01T00:00:00.000Z",…fields,"message":"…"}`.
 *
 * Writing is buffered and does not block; what is buffered when the process exits is written then.
 */
export function jsonSink(options: JsonSinkOptions): LogSink {
  const destination =
    typeof options.to === 'function'
      ? { write: options.to, flushSync: () => undefined }
      : pino.destination({ dest: options.to, sync: false });
  const target = pino(
    {
      level: 'trace',
      base: options.base ?? {},
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
      serializers: { error: plainError },
    },
    destination,
  );
  return {
    write: ({ level, fields, message }: LogLine) => target[level](fields, message),
    flush: () => {
      try {
        destination.flushSync();
      } catch {
        // The stream was not open yet or is gone: there is nobody left to tell.
      }
    },
  };
}
