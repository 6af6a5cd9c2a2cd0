// What every command is given: where to print, whether as JSON, and which controller to talk to.

import type { Readable } from 'node:stream';
import { jsonText, type OutputStream, type Terminal } from 'parvi/cli/terminal';
import { GridClient } from './client.ts';
import { CliError, exitCodes } from './exit-codes.ts';

export interface GlobalFlags {
  readonly url: string;
  readonly json: boolean;
  /** Seconds. */
  readonly timeout: string;
}

/** What a command has of the process it runs in. */
export interface CommandStreams {
  readonly out: OutputStream;
  readonly error: OutputStream;
  readonly input: Readable;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Resolves after so many milliseconds. */
  readonly pause: (ms: number) => Promise<void>;
}

export interface CliContext {
  readonly terminal: Terminal;
  readonly input: Readable;
  readonly environment: Readonly<Record<string, string | undefined>>;
  json(): boolean;
  client(): GridClient;
  printJson(value: unknown): void;
  /** Writes bytes to standard output, waiting while it is full. When they cannot be written, the stream's own error ends the process. */
  writeBytes(bytes: Uint8Array): Promise<void>;
}

export function createContext(
  streams: CommandStreams,
  terminal: Terminal,
  flags: () => GlobalFlags,
): CliContext {
  const { out, input, environment, pause } = streams;
  return {
    terminal,
    input,
    environment,
    writeBytes: (bytes) =>
      new Promise((resolve) => {
        out.write(bytes, (error) => {
          if (error == null) resolve();
        });
      }),
    json: () => flags().json,
    client: () => openClient(flags(), pause),
    printJson: (value) => terminal.out(jsonText(value, 2)),
  };
}

function openClient({ url, timeout }: GlobalFlags, pause: CommandStreams['pause']): GridClient {
  const seconds = Number(timeout);
  if (seconds > 0 && seconds <= 300) {
    return new GridClient({ url, pause, silenceMs: seconds * 1000 });
  }
  throw new CliError(
    `--timeout takes seconds from more than 0 to 300, not "${timeout}"`,
    exitCodes.usage,
  );
}
