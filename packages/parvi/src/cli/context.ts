// What every command is given: where to print and whether as JSON, which node to talk to, time and environment.

import type { ReadTextFile } from '../config/index.ts';
import { type Clock, certificatesIn, type Timers } from '../runtime/index.ts';
import { type Credentials, credentialsFor } from './credentials.ts';
import { CliError } from './exit-codes.ts';
import type { HttpDoor } from './http-door.ts';
import { ManagementClient } from './management-client.ts';
import { jsonText, type OutputStream, type Terminal } from './terminal.ts';

export interface GlobalFlags {
  readonly url: string;
  readonly json: boolean;
  /** Seconds. */
  readonly timeout: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** What a command has of the process it runs in. */
export interface CliPorts {
  readonly out: OutputStream;
  readonly error: OutputStream;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly timers: Timers;
  /** What the person names: also a pipe, such as that of `--ca <(…)`. */
  readonly readText: ReadTextFile;
  /** The node's own secret: only what the node itself would take. */
  readonly readSecret: ReadTextFile;
  /** Opens the way out with texts in PEM. */
  readonly openDoor: (secrets: { ca?: string; cert?: string; key?: string }) => HttpDoor;
  /** Aborts when the person has had enough. */
  readonly interrupted: AbortSignal;
  /** One line that the person types in answer to a question; `undefined` without a terminal. */
  readonly question?: (text: string) => Promise<string>;
}

export interface CliContext extends CliPorts {
  readonly terminal: Terminal;
  json(): boolean;
  client(): ManagementClient;
  printJson(value: unknown): void;
  /** What a command did: a line for people, or its document. */
  tell(text: string, document: unknown): void;
  /** @throws CliError `CLI_INTERRUPTED` when the person does not want to wait any longer */
  pause(ms: number): Promise<void>;
}

export function createContext(
  ports: CliPorts,
  terminal: Terminal,
  flags: () => GlobalFlags,
): CliContext {
  return {
    ...ports,
    terminal,
    json: () => flags().json,
    client: () => openClient(ports, flags()),
    printJson: (value) => terminal.out(jsonText(value, 2)),
    tell: (text, document) => terminal.out(flags().json ? jsonText(document, 2) : text),
    pause: (ms) => pause(ports, ms),
  };
}

function openClient(ports: CliPorts, flags: GlobalFlags): ManagementClient {
  const seconds = Number(flags.timeout);
  if (!(seconds > 0 && seconds <= 3600)) {
    throw new CliError(
      'CLI_USAGE',
      `--timeout takes seconds from more than 0 to 3600, not "${flags.timeout}"`,
    );
  }
  const file = (name: 'ca' | 'cert' | 'key'): Readonly<Record<string, string>> => {
    const path = flags[name];
    return path === undefined ? {} : { [name]: readFile(ports.readText, path) };
  };
  if ((flags.cert === undefined) !== (flags.key === undefined)) {
    const [given, missing] = flags.key === undefined ? ['--cert', '--key'] : ['--key', '--cert'];
    throw new CliError(
      'CLI_USAGE',
      `${given} needs ${missing}: a certificate is shown with its key`,
    );
  }
  const credentials = readCredentials(ports, flags.url);
  return new ManagementClient({
    url: flags.url,
    door: ports.openDoor({ ...authorities(file('ca'), flags.ca), ...file('cert'), ...file('key') }),
    timeoutMs: seconds * 1000,
    interrupted: ports.interrupted,
    ...(credentials === undefined ? {} : { credentials }),
  });
}

/** Without a certificate in their file nobody would be trusted, and the node would be blamed for it. */
function authorities(file: { readonly ca?: string }, path = ''): { readonly ca?: string } {
  if (file.ca === undefined) return {};
  try {
    certificatesIn(file.ca);
  } catch (error) {
    const why = (error as Error).message;
    throw new CliError(
      'CLI_USAGE',
      `Cannot use "${path}" of --ca: ${why}; name the file of those that vouch for the node`,
      error,
    );
  }
  return file;
}

function readCredentials(ports: CliPorts, url: string): Credentials | undefined {
  return credentialsFor(url, ports.environment, (path) => readFile(ports.readSecret, path));
}

function readFile(read: ReadTextFile, path: string): string {
  try {
    return read(path);
  } catch (error) {
    throw new CliError('CLI_USAGE', `Cannot read "${path}": ${(error as Error).message}`, error);
  }
}

function pause({ timers, interrupted }: CliPorts, ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      timer.cancel();
      reject(new CliError('CLI_INTERRUPTED', 'Interrupted'));
    };
    const timer = timers.after(ms, () => {
      interrupted.removeEventListener('abort', stop);
      resolve();
    });
    if (interrupted.aborted) stop();
    else interrupted.addEventListener('abort', stop, { once: true });
  });
}
