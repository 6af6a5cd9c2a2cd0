// Log lines as JSON, one object a line, for machines to collect. pino does the forming.

import pino from 'pino';
import { type LineOutput, openLineOutput } from '../runtime/index.ts';
import { plainError } from './log-error.ts';
import type { LogLine, LogSink } from './logger.ts';

export interface JsonSinkOptions {
  /** Fields of every line, such as the host. */
  readonly base?: Readonly<Record<string, unknown>>;
  /** Where lines go. */
  readonly to: Pick<LineOutput, 'write' | 'flush'>;
}

/**
 * Lines of the form `{"level":"info","time":"2026-01-01T00:00:00.000Z",…fields,"message":"…"}`.
 *
 * pino's own destination is not used: its synchronous flush waits for ever once the reader of a pipe is gone, and would
 * keep the process from exiting.
 */
export function jsonSink(options: JsonSinkOptions): LogSink {
  const target = pino(
    {
      level: 'trace',
      base: options.base ?? {},
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
      serializers: { error: plainError },
    },
    { write: (line: string) => options.to.write(line) },
  );
  return {
    write: ({ level, fields, message }: LogLine) => target[level](fields, message),
    flush: () => options.to.flush(),
  };
}

const opened = new Map<1 | 2, LineOutput>();

/**
 * Standard output (1) or standard error (2) as the place where JSON lines go. One queue for all logs of the process, so
 * that lines of one never stand inside those of another.
 */
export function jsonLines(fd: 1 | 2): LineOutput {
  const known = opened.get(fd);
  if (known !== undefined) return known;
  const output = openLineOutput(fd, {
    droppedText: (dropped) =>
      `${JSON.stringify({ level: 'warn', dropped, message: 'Log lines were dropped because their reader was too slow' })}\n`,
  });
  opened.set(fd, output);
  return output;
}
