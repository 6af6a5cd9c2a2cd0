// Processes that contend for one lease: ours, and those of Pekko Management's NativeKubernetesLease.

import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const pekkoFolder = join(import.meta.dirname, 'pekko-contender');

/** How a contender is started; its arguments follow. */
export type ContenderProgram = readonly [program: string, ...words: string[]];

export const parviContender: ContenderProgram = [
  process.execPath,
  join(import.meta.dirname, 'programs', 'contender.ts'),
];

/** Builds the contender of the JVM, and installs what that takes where it is missing. */
export async function pekkoContender(): Promise<ContenderProgram> {
  const has = (name: string) => spawnSync(name, ['-version'], { stdio: 'ignore' }).status === 0;
  if (!has('mvn') || !has('javac')) {
    await run('apt-get', ['update', '-q']);
    const packages = ['openjdk-17-jdk-headless', 'maven'];
    await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages]);
  }
  const list = join(pekkoFolder, 'target', 'classpath.txt');
  await run(
    'mvn',
    ['-q', '-B', 'compile', 'dependency:build-classpath', `-Dmdep.outputFile=${list}`],
    { cwd: pekkoFolder, timeout: 600_000 },
  );
  if (!existsSync(list)) throw new Error(`Maven wrote no class path to "${list}"`);
  const classes = join(pekkoFolder, 'target', 'classes');
  const small = ['-Xmx128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
  return ['java', ...small, '-cp', `${classes}:${readFileSync(list, 'utf8').trim()}`, 'Contender'];
}

export interface Said {
  readonly atMs: number;
  readonly owner: string;
  readonly word: string;
}

export class Contenders {
  readonly said: Said[] = [];
  readonly #running = new Map<string, ChildProcess>();

  start([program, ...words]: ContenderProgram, owner: string, more: readonly string[]): void {
    const all = [...words, owner, ...more];
    const child = spawn(program, all, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#running.set(owner, child);
    child.stdout.on('data', (text: Buffer) => {
      for (const line of text.toString().trim().split('\n')) {
        const [, at = '', by = '', word = ''] = /^(\d+) (\S+) (.*)$/.exec(line) ?? [];
        if (by === owner) this.said.push({ atMs: Number(at), owner, word });
      }
    });
  }

  /** Who said so, in the order of time. */
  who(word: string): string[] {
    return this.said.filter((one) => one.word === word).map(({ owner }) => owner);
  }

  /** When it was said for the given time, counted from 0. */
  timeOf(word: string, index: number): number {
    return this.said.filter((one) => one.word === word)[index]?.atMs ?? Number.NaN;
  }

  signal(owner: string | undefined, signal: NodeJS.Signals): void {
    this.#running.get(owner ?? '')?.kill(signal);
  }

  endAll(): void {
    for (const child of this.#running.values()) child.kill('SIGKILL');
  }
}
