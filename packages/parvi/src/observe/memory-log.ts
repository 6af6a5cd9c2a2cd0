// A log that is kept instead of written, so that tests can look at it.

import {
  createLogger,
  type LogControl,
  type Logger,
  type LogLevel,
  type LogLine,
} from './logger.ts';

export interface MemoryLog {
  readonly logger: Logger;
  readonly lines: LogLine[];
  /** Messages of one level, or of all. */
  messages(level?: LogLevel): string[];
  clear(): void;
}

/** `level` is the least serious level kept; by default all are. */
export function memoryLog(level: LogControl['level'] = 'trace'): MemoryLog {
  const lines: LogLine[] = [];
  const sink = {
    write: (line: LogLine) => {
      lines.push(line);
    },
    flush: () => Promise.resolve(),
  };
  return {
    logger: createLogger({ sink, control: { level } }),
    lines,
    messages: (wanted) =>
      lines
        .filter((line) => wanted === undefined || line.level === wanted)
        .map((line) => line.message),
    clear: () => {
      lines.length = 0;
    },
  };
}
