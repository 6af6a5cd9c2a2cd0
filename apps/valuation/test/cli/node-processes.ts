// Nodes of the grid as processes, read by their logs; they end with the test that started them.

import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach } from 'vitest';

const valuation = join(import.meta.dirname, '..', '..', 'bin', 'valuation.mjs');

export interface NodeProcess {
  /** Resolves with the first line of the log that has the text, as it stands there. */
  line(text: string): Promise<string>;
  readonly exited: Promise<number | null>;
}

/** Gives a test file the means to start nodes. Their environment is what is given, and nothing of the tests' own. */
export function nodeProcesses(environment: Readonly<Record<string, string>> = {}) {
  const children: ChildProcess[] = [];
  afterEach(async () => {
    const ended = children.splice(0).map(async (child) => {
      if (child.exitCode !== null) return;
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await exited;
    });
    await Promise.all(ended);
  });
  return (words: readonly string[]): NodeProcess => {
    const child = spawn(process.execPath, [valuation, ...words, '--log.format', 'json'], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: process.env.PATH, ...environment },
    });
    children.push(child);
    const lines: string[] = [];
    const waiting = new Set<() => void>();
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line);
      for (const check of waiting) check();
    });
    const line = (text: string): Promise<string> =>
      new Promise((resolve) => {
        const check = (): void => {
          const found = lines.find((one) => one.includes(text));
          if (found === undefined) return;
          waiting.delete(check);
          resolve(found);
        };
        waiting.add(check);
        check();
      });
    return { line, exited: new Promise((resolve) => child.once('exit', resolve)) };
  };
}
