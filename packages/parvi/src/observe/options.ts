// Options of the log.

import { z } from 'zod';
import type { Clock, ProcessPort } from '../runtime/index.ts';
import { jsonLines, jsonSink } from './json-log.ts';
import { createLogger, type LogControl, type Logger, type LogSink, logLevels } from './logger.ts';
import { terminalSink } from './terminal-log.ts';

export const logOptions = z
  .object({
    level: z
      .enum([...logLevels, 'silent'])
      .default('info')
      .describe('Least serious level that is written; changeable while running'),
    format: z
      .enum(['auto', 'json', 'text'])
      .default('auto')
      .describe('JSON lines, or text for people; auto is text on a terminal and JSON elsewhere'),
    stream: z
      .enum(['stdout', 'stderr'])
      .default('stderr')
      .describe('Where lines go; standard output is left to results unless asked for'),
  })
  .describe('The log');

export type LogOptions = z.output<typeof logOptions>;

export interface Log {
  readonly logger: Logger;
  /** Changes the level of the logger and all its children. */
  readonly control: LogControl;
  flush(): Promise<void>;
}

/** The log of a process, in the form that suits where its lines go. */
export function openLog(
  options: LogOptions,
  ports: { readonly process: ProcessPort; readonly clock: Clock },
): Log {
  const control: LogControl = { level: options.level };
  const sink = chooseSink(options, ports.process, ports.clock);
  return { logger: createLogger({ sink, control }), control, flush: () => sink.flush() };
}

function chooseSink(options: LogOptions, process: ProcessPort, clock: Clock): LogSink {
  const toOut = options.stream === 'stdout';
  const terminal = process.isTerminal(options.stream);
  if (options.format === 'json' || (options.format === 'auto' && !terminal)) {
    return jsonSink({ to: jsonLines(toOut ? 1 : 2) });
  }
  const colours = terminal && (process.environment.NO_COLOR ?? '') === '';
  return terminalSink({
    clock,
    colours,
    write: (text) => (toOut ? process.writeOut(text) : process.writeError(text)),
  });
}
