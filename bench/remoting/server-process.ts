// The other process of a contender, started from its file with the argument `server` and ended with its parent.

import { type ChildProcess, fork } from 'node:child_process';

export interface ServerProcess {
  /** What the server said when it was ready, such as its port. */
  readonly ready: unknown;
  stop(): Promise<void>;
}

export async function startServer(file: string): Promise<ServerProcess> {
  const child: ChildProcess = fork(file, ['server'], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ready = await new Promise<unknown>((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`${file} ended with code ${code}`)));
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  return {
    ready,
    stop: async () => {
      child.disconnect();
      await ended;
    },
  };
}

/** Called in the server: says that it is ready, and ends when the parent does. */
export function serverIsReady(what: unknown): void {
  process.once('disconnect', () => process.exit(0));
  process.send?.(what);
}

export function isServer(): boolean {
  return process.argv[2] === 'server' && process.send !== undefined;
}
