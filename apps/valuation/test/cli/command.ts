// Runs the command in this process, with streams that keep what is written.

import { Readable } from 'node:stream';
import { runCommand } from '../../src/cli/program.ts';

export interface RunOptions {
  readonly terminal?: boolean;
  readonly columns?: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly pause?: (ms: number) => Promise<void>;
  /** Told of each piece written to standard output. */
  readonly onOut?: (text: string) => void;
  /** Told of each piece written to standard error. */
  readonly onError?: (text: string) => void;
}

export interface Run {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

class Sink {
  readonly isTTY: boolean;
  readonly columns: number;
  text = '';
  readonly #onText: (text: string) => void;

  constructor(options: RunOptions, onText: (text: string) => void = () => {}) {
    this.isTTY = options.terminal === true;
    this.columns = options.columns ?? 100;
    this.#onText = onText;
  }

  write(data: string | Uint8Array, written?: (error?: Error | null) => void): boolean {
    const text = typeof data === 'string' ? data : Buffer.from(data).toString('utf8');
    this.text += text;
    this.#onText(text);
    written?.();
    return true;
  }
}

export async function run(words: readonly string[], options: RunOptions = {}): Promise<Run> {
  const out = new Sink(options, options.onOut);
  const error = new Sink(options, options.onError);
  const code = await runCommand(words, {
    out,
    error,
    input: Readable.from([Buffer.from(options.input ?? '')]),
    environment: options.environment ?? {},
    pause: options.pause ?? (() => Promise.resolve()),
  });
  return { code, out: out.text, error: error.text };
}

/** Text with what differs from run to run replaced by words, and columns two spaces apart. */
export function steady(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'JOB')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replaceAll(/\d+\.\d+ s +[\d,]+(?= |\n|$)/g, 'SECONDS  RATE')
    .replaceAll(/\d+ +\d+ %(?=\n|$)/g, 'CHUNKS  BUSY')
    .replaceAll(/ {2,}/g, '  ');
}
