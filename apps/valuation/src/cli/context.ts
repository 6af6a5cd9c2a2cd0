// What every command is given: where to print, whether as JSON, and which controller to talk to.

import type { Readable } from 'node:stream';
import { GridClient } from './client.ts';
import type { Terminal } from './terminal.ts';

export interface GlobalFlags {
  readonly url: string;
  readonly json: boolean;
}

export interface CliContext {
  readonly terminal: Terminal;
  readonly input: Readable;
  readonly environment: Readonly<Record<string, string | undefined>>;
  json(): boolean;
  client(): GridClient;
  printJson(value: unknown): void;
  /** Writes bytes to standard output, waiting while it is full. */
  writeBytes(bytes: Uint8Array): Promise<void>;
}

export interface ContextParts {
  readonly terminal: Terminal;
  readonly input: Readable;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly flags: () => GlobalFlags;
  readonly writeBytes: (bytes: Uint8Array) => Promise<void>;
}

export function createContext(parts: ContextParts): CliContext {
  return {
    terminal: parts.terminal,
    input: parts.input,
    environment: parts.environment,
    writeBytes: parts.writeBytes,
    json: () => parts.flags().json,
    client: () => new GridClient({ url: parts.flags().url }),
    printJson: (value) => parts.terminal.out(JSON.stringify(value, undefined, 2)),
  };
}
