// Where programs of pages are saved, checked and run: a folder of the checkout, so that they find its packages.

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Snippet } from './markdown.ts';

export interface Outcome {
  readonly code: number | null;
  readonly printed: readonly string[];
  /** What it wrote to standard error. */
  readonly complaints: string;
}

/** Longer than any of them takes on a busy machine; one that hangs is ended by it. */
const limitMs = 60_000;

export class Workshop {
  readonly #root: string;
  readonly #folder: string;

  constructor(root: string) {
    this.#root = root;
    mkdirSync(join(root, '.parvi'), { recursive: true });
    this.#folder = mkdtempSync(join(root, '.parvi', 'snippets-'));
  }

  /** The file that the program is saved in. */
  save(snippet: Snippet): string {
    const name = snippet.page.replace(/\.md$/, '').replaceAll('/', '-').toLowerCase();
    const path = join(this.#folder, `${name}-${snippet.line}.ts`);
    writeFileSync(path, snippet.code);
    return path;
  }

  /** What the compiler says of all that was saved; nothing when it is content. */
  async check(): Promise<string> {
    const configuration = {
      extends: relative(this.#folder, join(this.#root, 'tsconfig.json')),
      include: ['*.ts'],
      exclude: [],
    };
    writeFileSync(join(this.#folder, 'tsconfig.json'), JSON.stringify(configuration));
    const compiler = join(this.#root, 'node_modules', '.bin', 'tsc');
    const { printed, complaints } = await this.#run(compiler, ['-p', '.', '--pretty', 'false']);
    return [...printed, complaints].join('\n').trim();
  }

  run(path: string, words: readonly string[]): Promise<Outcome> {
    return this.#run(process.execPath, [path, ...words]);
  }

  /** Runs commands as a shell does that stops at the first that fails. */
  runCommands(commands: string): Promise<Outcome> {
    return this.#run('sh', ['-e', '-c', commands]);
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #run(program: string, words: readonly string[]): Promise<Outcome> {
    const child = spawn(program, words, {
      cwd: this.#folder,
      timeout: limitMs,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1' },
    });
    let out = '';
    let complaints = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaints += text;
    });
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => {
        const printed = out === '' ? [] : out.replace(/\n$/, '').split('\n');
        resolve({ code, printed, complaints });
      });
    });
  }
}
