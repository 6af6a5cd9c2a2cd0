// A node of either kind as a child process: commands go in as JSON lines, replies and events come out as JSON lines.

import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Value } from './values.ts';

export interface Line {
  readonly event?: string;
  readonly reply?: number;
  readonly error?: string;
  readonly member?: string;
  readonly status?: string;
  readonly leader?: string | null;
  readonly ref?: string;
  readonly level?: string;
  readonly message?: string;
  readonly recipient?: string;
  readonly reason?: string;
  readonly value?: Value;
  readonly existenceConfirmed?: boolean;
  readonly addressTerminated?: boolean;
  readonly received?: number;
  readonly inOrder?: boolean;
  readonly text?: string;
  readonly n?: string;
  readonly uid?: string;
  readonly address?: string;
  readonly heapBytes?: number;
  readonly compressedFramesReceived?: number;
}

export interface MemberLine {
  readonly address: string;
  readonly uid: string;
  readonly status: string;
  readonly appVersion: string;
  readonly roles: readonly string[];
}

export interface StateLine extends Line {
  readonly members: readonly MemberLine[];
  readonly unreachable: readonly string[];
  readonly leader: string | null;
  readonly oldest: string | null;
  readonly seenBy: readonly string[];
}

export interface Order {
  readonly to?: string;
  readonly value?: Value;
  readonly name?: string;
  readonly kind?: 'echo' | 'sink' | 'fragile';
  readonly address?: string;
  readonly uid?: string;
  readonly count?: number;
  readonly text?: string;
  readonly n?: string;
  readonly format?: 'cbor' | 'json';
  readonly timeoutMs?: number;
}

export interface NodeStart {
  readonly kind: 'parvi' | 'pekko';
  readonly host: string;
  readonly program: string;
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

interface Waiter {
  readonly test: (line: Line) => boolean;
  readonly resolve: (line: Line) => void;
}

const errorTextMax = 200_000;
/** What takes a second takes most of a minute on a machine with much else to do. */
const patienceMs = 60_000;

export class NodeProcess {
  readonly kind: NodeStart['kind'];
  readonly host: string;
  /** All lines so far that are no replies. */
  readonly lines: Line[] = [];
  readonly exited: Promise<number | string>;
  address = '';
  uid = '';
  errorText = '';
  isRunning = true;
  readonly #child: ChildProcess;
  readonly #replies = new Map<number, (line: Line) => void>();
  #waiters: Waiter[] = [];
  #lastId = 0;

  constructor({ kind, host, program, words, environment }: NodeStart) {
    this.kind = kind;
    this.host = host;
    this.#child = spawn(program, words, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    const { stdin, stdout, stderr } = this.#child;
    if (stdin === null || stdout === null || stderr === null) throw new Error('no pipes');
    this.#keep(this.#child);
    // A node that has ended hears no more; its exit tells.
    stdin.on('error', () => undefined);
    stderr.on('data', (chunk: Buffer) => {
      if (this.errorText.length < errorTextMax) this.errorText += chunk.toString();
    });
    createInterface({ input: stdout }).on('line', (text) => this.#take(text));
    const { promise, resolve } = Promise.withResolvers<number | string>();
    this.exited = promise;
    this.#child.on('error', (error) => {
      this.errorText += error.message;
    });
    this.#child.on('close', (code, signal) => {
      this.isRunning = false;
      for (const answer of this.#replies.values()) answer({ error: 'the node has ended' });
      this.#replies.clear();
      resolve(code ?? signal ?? -1);
    });
  }

  /** Path of an actor of this node. */
  path(name: string): string {
    return `${this.address}/user/${name}`;
  }

  /** Has the node do something. @throws Error with what it answered */
  async do(name: string, order: Order = {}): Promise<Line> {
    const line = await this.try(name, order);
    if (line.error !== undefined) throw this.failure(`"${name}" failed: ${line.error}`);
    return line;
  }

  /** The same, but a failure is an answer too. */
  try(name: string, order: Order = {}): Promise<Line> {
    if (!this.isRunning) return Promise.resolve({ error: 'the node has ended' });
    const id = ++this.#lastId;
    const { promise, resolve } = Promise.withResolvers<Line>();
    this.#replies.set(id, resolve);
    this.#child.stdin?.write(`${JSON.stringify({ id, do: name, ...order })}\n`);
    return promise;
  }

  async state(): Promise<StateLine> {
    return (await this.do('state')) as StateLine;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resident memory in bytes. */
  residentBytes(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
  }

  /** The first line from `since` on that passes the test, come or to come. @throws Error after the time */
  until(
    what: string,
    test: (line: Line) => boolean,
    options: { readonly timeoutMs?: number; readonly since?: number } = {},
  ): Promise<Line> {
    const { timeoutMs = patienceMs, since = 0 } = options;
    const known = this.lines.slice(since).find(test);
    if (known !== undefined) return Promise.resolve(known);
    const { promise, resolve, reject } = Promise.withResolvers<Line>();
    const ended = () => reject(this.failure(`it ended before ${what}`));
    const timer = setTimeout(
      () => reject(this.failure(`no ${what} within ${timeoutMs} ms`)),
      timeoutMs,
    );
    this.#waiters.push({ test, resolve });
    this.exited.then(ended, ended);
    return promise.finally(() => clearTimeout(timer));
  }

  /** Resolves with the next line of any kind, or when the time is over. */
  nextLine(withinMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, withinMs);
    this.#waiters.push({ test: () => true, resolve: () => resolve() });
    return promise.finally(() => clearTimeout(timer));
  }

  /** Lines of the log from that level on. */
  logLines(levels: readonly string[]): string[] {
    return this.lines
      .filter(({ event, level = '' }) => event === 'log' && levels.includes(level))
      .map(({ level, message }) => `${level} ${message}`);
  }

  failure(what: string): Error {
    const tail = this.lines.slice(-40).map((line) => JSON.stringify(line));
    return new Error(
      `${this.kind} ${this.host}: ${what}\n${tail.join('\n')}\n${this.errorText.slice(-3000)}`,
    );
  }

  /** All that the node says goes into a file of the folder INTEROP_LOGS, where that is set. */
  #keep({ pid, stdout, stderr }: ChildProcess): void {
    const folder = process.env.INTEROP_LOGS;
    if (folder === undefined) return;
    mkdirSync(folder, { recursive: true });
    const file = createWriteStream(join(folder, `${this.kind}-${this.host}-${pid}.log`));
    stdout?.pipe(file, { end: false });
    stderr?.pipe(file, { end: false });
  }

  #take(text: string): void {
    if (!text.startsWith('{')) {
      this.errorText += `${text}\n`;
      return;
    }
    const line = JSON.parse(text) as Line;
    if (line.reply !== undefined) {
      this.#replies.get(line.reply)?.(line);
      this.#replies.delete(line.reply);
      return;
    }
    this.lines.push(line);
    const waiters = this.#waiters;
    this.#waiters = waiters.filter(({ test }) => !test(line));
    for (const { test, resolve } of waiters) if (test(line)) resolve(line);
  }
}
