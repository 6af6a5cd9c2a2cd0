// A process that is started here and does not outlive this one.

import { type ChildProcess, spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export class Child {
  readonly name: string;
  readonly logFile: string;
  readonly ended: Promise<void>;
  readonly #child: ChildProcess;

  constructor(name: string, logFile: string, [program = '', ...words]: readonly string[]) {
    this.name = name;
    this.logFile = logFile;
    const log = openSync(logFile, 'w');
    this.#child = spawn(program, words, { stdio: ['pipe', log, log], detached: true });
    running.add(this.#child);
    this.ended = new Promise((resolve) => {
      const gone = (): void => {
        running.delete(this.#child);
        resolve();
      };
      this.#child.once('exit', gone);
      this.#child.once('error', gone);
    });
  }

  get isRunning(): boolean {
    return running.has(this.#child);
  }

  /** Resident memory in bytes; 0 where the system does not tell. */
  get residentBytes(): number {
    try {
      const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
    } catch {
      return 0;
    }
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Asks it to end, and ends it after five seconds. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.kill(), 5000);
    await this.ended;
    clearTimeout(timer);
  }
}

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));

/**
 * The first answer that is not undefined; a question that fails counts as without an answer.
 *
 * @throws Error that names what was waited for
 */
export async function until<T>(
  what: string,
  limitMs: number,
  ask: () => Promise<T | undefined>,
): Promise<T> {
  const endMs = performance.now() + limitMs;
  let failure: unknown;
  while (performance.now() < endMs) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      failure = error;
    }
    await pause(250);
  }
  const why = failure instanceof Error ? `: ${failure.message}` : '';
  throw new Error(`Waited ${limitMs / 1000} s in vain for ${what}${why}`);
}

/** The wanted port if nobody uses it, else any free one. */
export function freePort(host: string, wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', () =>
      wanted === 0 ? reject(new Error(`No port is free on ${host}`)) : resolve(freePort(host, 0)),
    );
    server.listen(wanted, host, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : wanted;
      server.close(() => resolve(port));
    });
  });
}
