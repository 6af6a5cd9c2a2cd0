// Log lines for people who sit at a terminal: time of day, level, sentence, then the fields.

import { stripVTControlCharacters, styleText } from 'node:util';
import { type Clock, isoTime } from '../runtime/index.ts';
import { type PlainError, plainError } from './log-error.ts';
import type { LogLevel, LogLine, LogSink } from './logger.ts';

export interface TerminalSinkOptions {
  readonly clock: Clock;
  readonly colours: boolean;
  write(text: string): void;
}

type Style = 'dim' | 'cyan' | 'green' | 'yellow' | 'red';

const levelStyle: Readonly<Record<LogLevel, Style>> = {
  trace: 'dim',
  debug: 'cyan',
  info: 'green',
  warn: 'yellow',
  error: 'red',
};

export function terminalSink(options: TerminalSinkOptions): LogSink {
  const paint = (style: Style, text: string): string =>
    options.colours ? styleText(style, text, { validateStream: false }) : text;
  return {
    write({ level, fields, message }: LogLine) {
      const time = isoTime(options.clock.wallMs()).slice(11, 23);
      const { error, ...rest } = fields;
      const parts = [
        paint('dim', time),
        paint(levelStyle[level], level.toUpperCase().padEnd(5)),
        printable(message),
      ];
      for (const [name, value] of Object.entries(rest)) {
        if (value !== undefined) parts.push(paint('dim', `${name}=${printable(fieldText(value))}`));
      }
      const below = error === undefined ? '' : errorText(plainError(error));
      options.write(`${parts.join(' ')}\n${below}`);
    },
    flush: () => Promise.resolve(),
  };
}

function errorText(error: PlainError): string {
  const lines: string[] = [];
  for (let cause: PlainError | undefined = error; cause !== undefined; cause = cause.cause) {
    const code = cause.code === undefined ? '' : ` (${cause.code})`;
    lines.push(`  ${lines.length === 0 ? '' : 'caused by '}${cause.type}${code}: ${cause.message}`);
    const frames = cause.stack?.split('\n').filter((line) => line.startsWith('    at ')) ?? [];
    lines.push(...frames);
  }
  return `${lines.map(printable).join('\n')}\n`;
}

function fieldText(value: unknown): string {
  if (typeof value === 'string')
    return /^[\w./:@#$%+-]+$/.test(value) ? value : JSON.stringify(value);
  try {
    if (typeof value !== 'object' || value === null) return String(value);
    if (value instanceof Error) return JSON.stringify(String(value.message));
    const text: string | undefined = JSON.stringify(value, (_, inner: unknown) =>
      typeof inner === 'bigint' ? String(inner) : inner,
    );
    return text ?? 'undefined';
  } catch {
    return '[not readable]';
  }
}

/** Text from outside must not move the cursor or forge lines. */
function printable(text: string): string {
  return stripVTControlCharacters(text).replace(/\p{Cc}/gu, (character) =>
    character === '\t' ? ' ' : JSON.stringify(character).slice(1, -1),
  );
}
