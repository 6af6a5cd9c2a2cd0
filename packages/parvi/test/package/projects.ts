// Empty projects in a folder of their own, made and filled by npm as a user would.

import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly all: string;
}

/** Longer than a download of Node takes over a slow line. */
const limitMs = 240_000;

export function run(program: string, words: readonly string[], folder: string): Promise<Outcome> {
  const environment: Record<string, string | undefined> = { ...process.env, NO_COLOR: '1' };
  // Set by an outer npm for its own command; an inner one would take them for its own settings.
  for (const name of Object.keys(environment)) {
    if (/^npm_(command|lifecycle|package|config_local_prefix)/.test(name)) delete environment[name];
  }
  const child = spawn(program, words, {
    cwd: folder,
    timeout: limitMs,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let all = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    all += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    all += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, all }));
  });
}

/** Runs the program and says what it wrote when it fails. */
export async function mustRun(
  program: string,
  words: readonly string[],
  folder: string,
): Promise<Outcome> {
  const outcome = await run(program, words, folder);
  if (outcome.code === 0) return outcome;
  throw new Error(
    `"${program} ${words.join(' ')}" ended with ${outcome.code ?? 'a signal'}:\n${outcome.all}`,
  );
}

/** A new project with these packages; names with versions, or paths of tarballs. */
export async function project(folder: string, packages: readonly string[]): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const manifest = { private: true, type: 'module', allowScripts: { node: true } };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  await mustRun(
    'npm',
    [
      'install',
      '--prefer-offline',
      '--no-audit',
      '--no-fund',
      '--save-exact',
      '--loglevel=error',
      ...packages,
    ],
    folder,
  );
}
