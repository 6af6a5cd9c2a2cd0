// The checker of metrics that comes with Prometheus, taken out of the package of the operating system: nothing is installed
// or started.

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../../../node_modules/.cache/promtool', import.meta.url));
const program = join(folder, 'usr', 'bin', 'promtool');

/** Its path; `undefined` where it cannot be had. Never gives up in CI. */
export function promtoolPath(): string | undefined {
  if (spawnSync('promtool', ['--version']).error === undefined) return 'promtool';
  if (existsSync(program)) return program;
  try {
    fetchPromtool();
    return program;
  } catch (error) {
    if (process.env.CI === 'true') throw error;
    const why = error instanceof Error ? error.message : String(error);
    process.stderr.write(`Metrics are not checked by promtool, which cannot be had here: ${why}\n`);
    return undefined;
  }
}

function fetchPromtool(): void {
  mkdirSync(join(folder, '..'), { recursive: true });
  const work = mkdtempSync(`${folder}-`);
  try {
    const run = (name: string, words: readonly string[]) =>
      execFileSync(name, words, { cwd: work, stdio: 'pipe', timeout: 240_000 });
    run('apt-get', ['update', '-q']);
    run('apt-get', ['download', '-q', 'prometheus']);
    const [file = ''] = readdirSync(work).filter((name) => name.endsWith('.deb'));
    run('dpkg-deb', ['-x', file, join(work, 'out')]);
    if (!existsSync(folder)) renameSync(join(work, 'out'), folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

export interface Judgement {
  readonly status: number | null;
  readonly said: string;
}

export function checkMetrics(path: string, text: string): Judgement {
  const { status, stdout, stderr } = spawnSync(path, ['check', 'metrics'], {
    input: text,
    encoding: 'utf8',
  });
  return { status, said: `${stdout}${stderr}` };
}
