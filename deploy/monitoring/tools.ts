// Prometheus, Alertmanager and the programs that check their files: found in PATH, else installed by apt.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Names of the programs; Debian gives Alertmanager another than its makers. */
export interface Tools {
  readonly prometheus: string;
  readonly promtool: string;
  readonly alertmanager: string;
  readonly amtool: string;
}

const packages = ['prometheus', 'prometheus-alertmanager'];

/** @throws Error when they are not there and cannot be installed, saying why */
export async function monitoringTools(): Promise<Tools> {
  const found = await find();
  if (found !== undefined) return found;
  process.stderr.write(`Installing ${packages.join(' and ')}\n`);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...words: string[]) => run('apt-get', words, { env: environment });
  try {
    await apt('update', '-q');
    await apt('install', '-y', '-q', '--no-install-recommends', ...packages);
  } catch (cause) {
    throw new Error(
      `Cannot install ${packages.join(' and ')}: ${(cause as Error).message.split('\n')[0]}; install Prometheus and Alertmanager so that they are in PATH`,
      { cause },
    );
  }
  const installed = await find();
  if (installed === undefined) throw new Error('Prometheus was installed and is not in PATH');
  return installed;
}

async function find(): Promise<Tools | undefined> {
  const alertmanager = (await firstThere(['alertmanager', 'prometheus-alertmanager'])) ?? '';
  const names = { prometheus: 'prometheus', promtool: 'promtool', alertmanager, amtool: 'amtool' };
  const there = await Promise.all(
    Object.values(names).map((name) => firstThere(name === '' ? [] : [name])),
  );
  return there.includes(undefined) ? undefined : names;
}

async function firstThere(names: readonly string[]): Promise<string | undefined> {
  for (const name of names) {
    try {
      await run(name, ['--version']);
      return name;
    } catch {
      // The next name.
    }
  }
  return undefined;
}

/**
 * Runs one of them to its end and gives what it printed.
 *
 * @throws Error with its output when it fails
 */
export async function output(
  program: string,
  words: readonly string[],
  input = '',
): Promise<string> {
  const running = run(program, [...words], { maxBuffer: 16 * 1024 * 1024 });
  running.child.stdin?.end(input);
  try {
    const { stdout, stderr } = await running;
    return stdout + stderr;
  } catch (cause) {
    const { stdout = '', stderr = '' } = cause as { stdout?: string; stderr?: string };
    throw new Error(`"${program} ${words.join(' ')}" failed:\n${stdout}${stderr}`, { cause });
  }
}
