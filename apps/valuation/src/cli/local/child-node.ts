// One process of the local cluster: started with its log in a file, watched, and stopped in order.

import { type ChildProcess, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../../bin/valuation.mjs', import.meta.url));

/** Set for nodes that end when their standard input does. */
export const launchedVariable = 'VALUATION_LAUNCHED';

export interface ChildNodeOptions {
  /** Name in messages and of the log file, such as `controller-1`. */
  readonly name: string;
  /** Arguments of the `valuation` command. */
  readonly arguments: readonly string[];
  readonly logDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export class ChildNode {
  readonly name: string;
  readonly logFile: string;
  /** Its exit code, or the signal that ended it, or why it never ran. */
  readonly exited: Promise<string>;
  readonly #child: ChildProcess;
  #running = true;

  constructor(options: ChildNodeOptions) {
    this.name = options.name;
    this.logFile = join(options.logDirectory, `${options.name}.log`);
    const log = openSync(this.logFile, 'w');
    this.#child = spawn(process.execPath, [main, ...options.arguments], {
      // The open pipe tells the node that its launcher lives; however that ends, the node then leaves and ends too.
      stdio: ['pipe', log, log],
      env: { ...options.environment, [launchedVariable]: '1' },
      // Ctrl-C in the terminal reaches the launcher only, which then stops the nodes one after the other.
      detached: true,
    });
    this.exited = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => {
        this.#running = false;
        resolve(signal ?? `exit code ${code}`);
      });
      this.#child.once('error', (error) => {
        this.#running = false;
        resolve(error.message);
      });
    });
  }

  get running(): boolean {
    return this.#running;
  }

  get processId(): number {
    return this.#child.pid ?? 0;
  }

  signal(signal: NodeJS.Signals): void {
    if (this.#running) this.#child.kill(signal);
  }
}
