// Processes of the `valuation` command that a benchmark starts, looks at from outside and stops again.

import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

export const host = '127.0.0.1';

const program = join(import.meta.dirname, '..', 'apps', 'valuation', 'bin', 'valuation.mjs');
/** `sysconf(_SC_CLK_TCK)` of Linux, the unit of times in `/proc`. */
const msPerTick = 10;
const stopMsMax = 15_000;

export interface NodeProcessOptions {
  /** For messages only. */
  readonly name: string;
  /** A script with its words. */
  readonly words: readonly string[];
  /** Words for Node itself, such as `--cpu-prof`. */
  readonly nodeWords?: readonly string[];
}

/** A child process whose lines of standard output can be waited for. */
export class NodeProcess {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #onLine = new Set<() => void>();
  #complaint = '';
  #exitCode: number | undefined;

  constructor({ name, words, nodeWords = [] }: NodeProcessOptions) {
    this.name = name;
    this.#child = spawn(process.execPath, [...nodeWords, ...words], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const { stdout, stderr } = this.#child;
    if (stdout !== null) {
      createInterface({ input: stdout }).on('line', (line) => {
        this.#lines.push(line);
        for (const callback of this.#onLine) callback();
      });
    }
    stderr?.on('data', (bytes: Buffer) => {
      this.#complaint = (this.#complaint + bytes.toString()).slice(-4000);
    });
    this.#child.on('exit', (code, signal) => {
      this.#exitCode = code ?? (signal === null ? 1 : 128);
      for (const callback of this.#onLine) callback();
    });
  }

  get processId(): number {
    return this.#child.pid ?? 0;
  }

  /** The first line that `pick` gives something for, whether it came already or is still to come. */
  async line<T>(pick: (line: string) => T | undefined, timeoutMs = 30_000): Promise<T> {
    const untilMs = performance.now() + timeoutMs;
    for (let next = 0; ; ) {
      for (; next < this.#lines.length; next++) {
        const found = pick(this.#lines[next] ?? '');
        if (found !== undefined) return found;
      }
      const leftMs = untilMs - performance.now();
      if (this.#exitCode !== undefined) this.#fail(`ended with code ${this.#exitCode}`);
      if (leftMs <= 0) this.#fail(`did not say what was waited for in ${timeoutMs} ms`);
      await this.#change(leftMs);
    }
  }

  /** Rejects when the process ends, or after an hour; never resolves. */
  get died(): Promise<unknown> {
    return this.line(() => undefined, 3_600_000);
  }

  /** What it said last, for messages about failures. */
  get lastWords(): string {
    return [`${this.name}:`, ...this.#lines.slice(-10), this.#complaint].join('\n').trim();
  }

  /** Writes a line to its standard input. */
  say(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** Ends it in order, by force when that takes too long. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    const untilMs = performance.now() + stopMsMax;
    while (this.#exitCode === undefined && performance.now() < untilMs) {
      await this.#change(untilMs - performance.now());
    }
    this.#child.kill('SIGKILL');
  }

  #change(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#onLine.delete(done);
        resolve();
      };
      const timer = setTimeout(done, Math.max(1, timeoutMs));
      this.#onLine.add(done);
    });
  }

  #fail(what: string): never {
    throw new Error(`Process "${this.name}" ${what}:\n${this.lastWords}`);
  }
}

/** A node of the grid: `words` begin with the command, `controller` or `worker`. */
export function startNode(
  name: string,
  words: readonly string[],
  nodeWords: readonly string[] = [],
) {
  return new NodeProcess({ name, words: [program, ...words], nodeWords });
}

/** Memory of a process that is in RAM, in bytes. */
export function residentBytes(processId: number): number {
  const line = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${processId}/status`, 'utf8'));
  return Number(line?.[1] ?? Number.NaN) * 1024;
}

/** Processor time that a process took so far, all its threads together. */
export function cpuMs(processId: number): number {
  const stat = readFileSync(`/proc/${processId}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * msPerTick;
}

/** A port of the loopback address that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, host, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}

/** Asks again until there is an answer. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  { timeoutMs = 30_000, everyMs = 20 } = {},
): Promise<T> {
  const untilMs = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask().catch(() => undefined);
    if (answer !== undefined) return answer;
    if (performance.now() > untilMs) throw new Error(`Waited ${timeoutMs} ms in vain for ${what}`);
    await pause(everyMs);
  }
}
