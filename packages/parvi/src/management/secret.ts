// The secret for authentication, as given or from a file that is read again, so that it can be changed without a restart.

import type { ReadTextFile } from '../config/index.ts';
import { type Logger, LogLimiter } from '../observe/index.ts';
import { type Cancellable, type Clock, errorLine, type Timers } from '../runtime/index.ts';
import { ManagementError } from './errors.ts';
import type { AuthenticationOptions } from './options.ts';

export interface FilePorts {
  readonly readText: ReadTextFile;
  readonly log: Logger;
  readonly clock: Clock;
  readonly timers: Timers;
}

export class Secret {
  readonly #read: () => string;
  readonly #timer: Cancellable | undefined;
  #value: string;

  /** @throws ManagementError `MANAGEMENT_SECRET_UNREADABLE` */
  constructor(options: AuthenticationOptions, ports: FilePorts, reloadIntervalMs: number) {
    this.#read = () => secretText(options, ports.readText);
    this.#value = this.#read();
    if (options.secretFile === undefined) return;
    const { log, clock, timers } = ports;
    const complaints = new LogLimiter({ log, clock, intervalMs: 3_600_000 });
    this.#timer = timers.every(reloadIntervalMs, () => {
      try {
        this.#value = this.#read();
      } catch (error) {
        const line = 'The changed file of the secret cannot be used; the one read before stays';
        complaints.write(errorLine(error), 'warn', { error }, line);
      }
    });
  }

  get value(): string {
    return this.#value;
  }

  close(): void {
    this.#timer?.cancel();
  }
}

/** @throws ManagementError `MANAGEMENT_SECRET_UNREADABLE` */
export function secretText(
  { secret = '', secretFile }: AuthenticationOptions,
  readText: ReadTextFile,
): string {
  return secretFile === undefined ? secret : textOf(secretFile, readText);
}

function textOf(path: string, readText: ReadTextFile): string {
  let text: string;
  try {
    text = readText(path).trim();
  } catch (cause) {
    throw unusable(path, errorLine(cause), cause);
  }
  if (text === '') throw unusable(path, 'it is empty', undefined);
  return text;
}

function unusable(path: string, why: string, cause: unknown): ManagementError {
  return new ManagementError(
    'MANAGEMENT_SECRET_UNREADABLE',
    `Cannot use "${path}" as the secret of management: ${why}; write the password or token into it`,
    { fields: { path }, cause },
  );
}
