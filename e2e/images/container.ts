// A container as a test sees it: started with the restrictions of a careful orchestrator, read by its log, ended with it.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { must, podman, podmanEnvironment, run } from './podman.ts';

/** No root, no writing but to a temporary file system, no capability, no way to gain any. */
const restrictions = [
  '--read-only',
  '--tmpfs=/tmp:size=64m',
  '--cap-drop=ALL',
  '--security-opt=no-new-privileges',
];

export type LogLine = Readonly<Record<string, unknown>> & { readonly message: string };

export class Container {
  readonly name: string;

  private constructor(name: string) {
    this.name = name;
  }

  static start(
    image: string,
    words: readonly string[],
    options: readonly string[] = [],
  ): Container {
    const id = podman('run', '--detach', ...restrictions, ...options, image, ...words);
    return new Container(id.split('\n').at(-1) ?? '');
  }

  inspect(format: string): string {
    return podman('inspect', '--format', format, this.name);
  }

  /** Resolves with the first line of the log that is looked for; rejects when the limit passes or the container ends before. */
  async logged(isIt: (line: LogLine) => boolean, limitMs = 20_000): Promise<LogLine> {
    const reader = spawn('podman', ['logs', '--follow', this.name], { env: podmanEnvironment() });
    const limit = setTimeout(() => reader.kill(), limitMs);
    const heard: string[] = [];
    try {
      for await (const text of createInterface(reader.stdout)) {
        heard.push(text);
        const line = JSON.parse(text) as LogLine;
        if (isIt(line)) return line;
      }
    } finally {
      clearTimeout(limit);
      reader.kill();
    }
    throw new Error(`Not logged within ${limitMs} ms:\n${heard.slice(-10).join('\n')}`);
  }

  exec(...words: readonly string[]): { readonly status: number; readonly out: string } {
    return run('podman', ['exec', this.name, ...words]);
  }

  /** Sends a signal and gives the seconds until the container has ended, and its exit code. */
  end(signal: string): { readonly seconds: number; readonly code: number } {
    const startMs = performance.now();
    podman('kill', '--signal', signal, this.name);
    const code = Number(must('podman', ['wait', this.name]));
    return { seconds: (performance.now() - startMs) / 1000, code };
  }

  remove(): void {
    run('podman', ['rm', '--force', '--time', '1', this.name]);
  }
}
