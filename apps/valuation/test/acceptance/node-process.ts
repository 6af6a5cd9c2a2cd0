// One process of a grid under test: its log read line by line, signals sent to it, its end awaited. No process outlives
// the test that started it.

import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { launchedVariable } from '../../src/cli/local/child-node.ts';
import { until } from './until.ts';

const entry = fileURLToPath(new URL('../../bin/valuation.mjs', import.meta.url));

export interface LogEntry {
  readonly level: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface NodeProcessOptions {
  /** What follows `valuation` on the command line. */
  readonly words: readonly string[];
  /** A program of the same words instead of `valuation`. */
  readonly program?: string;
  /** A command that runs the process in surroundings of its own, such as a network namespace, by `exec`. */
  readonly wrapper?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly directory?: string;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** What a test must not inherit: settings of nodes that whoever runs the tests may have. */
function cleanEnvironment(): Record<string, string> {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'NODE_COMPILE_CACHE', 'LD_LIBRARY_PATH'];
  return Object.fromEntries(kept.flatMap((name) => entryOf(name, process.env[name])));
}

const entryOf = (name: string, value: string | undefined): [string, string][] =>
  value === undefined ? [] : [[name, value]];

export class NodeProcess {
  /** The command after `valuation`, such as `worker`. */
  readonly command: string;
  readonly startedAtMs = performance.now();
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  #output = '';
  #errors = '';
  #exit: Exit | undefined;
  #endIsExpected = false;

  constructor(options: NodeProcessOptions) {
    const command = [
      ...(options.wrapper ?? []),
      process.execPath,
      options.program ?? entry,
      ...options.words,
    ];
    const child = spawn(command[0] ?? '', command.slice(1), {
      // A node ends with whoever holds the other end of its standard input, so none outlives a test that is killed.
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...cleanEnvironment(), [launchedVariable]: '1', ...options.environment },
      ...(options.directory === undefined ? {} : { cwd: options.directory }),
    });
    this.#child = child;
    this.command = options.words[0] ?? '';
    running.add(child);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
    });
    this.exited = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        running.delete(child);
        this.#exit = { code, signal };
        resolve(this.#exit);
      });
    });
  }

  /** What it wrote to standard output. */
  get output(): string {
    return this.#output;
  }

  /** What it wrote to standard error, which for a node is its log. */
  get errors(): string {
    return this.#errors;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#exit === undefined;
  }

  /** It has ended, neither in order nor by a signal, and no test asked for that end. */
  get hasFailed(): boolean {
    if (this.#exit === undefined || this.#endIsExpected) return false;
    return this.#exit.signal === null && this.#exit.code !== 0;
  }

  get log(): readonly LogEntry[] {
    return this.#errors
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as LogEntry);
  }

  logged(text: string): readonly LogEntry[] {
    return this.log.filter(({ message }) => message.includes(text));
  }

  /** The first log line whose message holds the text, once it is there. */
  untilLogged(text: string, timeoutMs = 10_000): Promise<LogEntry> {
    const what = () => `a log line with "${text}" in:\n${this.#errors.slice(-4000)}`;
    return until(what, () => this.logged(text)[0], { timeoutMs });
  }

  signal(signal: NodeJS.Signals): void {
    if (this.isRunning) this.#child.kill(signal);
  }

  /** Sends the signal and waits for the end of the process. */
  async end(signal: NodeJS.Signals, timeoutMs = 15_000): Promise<Exit & { tookMs: number }> {
    const fromMs = performance.now();
    this.signal(signal);
    const exit = await this.untilExited(timeoutMs);
    return { ...exit, tookMs: performance.now() - fromMs };
  }

  untilExited(timeoutMs = 15_000): Promise<Exit> {
    this.#endIsExpected = true;
    const name = this.#child.spawnargs.slice(1).join(' ');
    const what = () => `the end of "${name}", which said last:\n${this.#errors.slice(-2000)}`;
    return until(what, () => this.#exit, { timeoutMs });
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.exited;
  }
}
