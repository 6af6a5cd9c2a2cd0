// Five real nodes on hosts of their own, under faults of network, processes and clocks.
//
//   npm run faults                             all cases
//   npm run faults -- partition                those whose name has this in it
//   npm run faults -- --list
//
// Makes its network itself, in network namespaces, and removes it again. That needs Linux and root.

import { spawn, spawnSync } from 'node:child_process';
import { accessSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { fakeTimeVariable, fetchFakeTime } from './fake-time.ts';
import { type FaultCase, faultCases } from './fault-cases.ts';
import { FaultNetwork } from './fault-network.ts';
import { FaultWorld } from './fault-world.ts';

const artifacts = fileURLToPath(new URL('../artifacts/faults', import.meta.url));
const switchProgram = fileURLToPath(new URL('./switch.py', import.meta.url));
/** Five hosts, and one for us who look on. */
const hostCount = 6;
const folderVariable = 'FAULTS_FOLDER';
const caseMsMax = 420_000;

const { values, positionals } = parseArgs({
  options: { list: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const chosen = faultCases.filter(
  ({ name }) => positionals.length === 0 || positionals.some((word) => name.includes(word)),
);

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Why this machine cannot run it; `undefined` when it can. */
function obstacle(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'it needs Linux and root';
  try {
    accessSync('/dev/net/tun');
  } catch {
    return 'there is no /dev/net/tun';
  }
  if (missingPrograms().length > 0) {
    const packages = missingPrograms().map((name) => debianPackages[name]);
    const words = ['install', '-qq', '-y', '--no-install-recommends', ...new Set(packages)];
    spawnSync('apt-get', ['update', '-qq'], { stdio: 'inherit' });
    spawnSync('apt-get', words, { stdio: 'inherit' });
  }
  const missing = missingPrograms();
  return missing.length === 0 ? undefined : `these programs are missing: ${missing.join(', ')}`;
}

const debianPackages = {
  ip: 'iproute2',
  nsenter: 'util-linux',
  unshare: 'util-linux',
  python3: 'python3-minimal',
} as const;

function missingPrograms(): (keyof typeof debianPackages)[] {
  const names = Object.keys(debianPackages) as (keyof typeof debianPackages)[];
  return names.filter((name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0);
}

/** Runs this file again on the last host of a network that ends with it. */
async function runOnItsNetwork(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'parvi-faults-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const environment: NodeJS.ProcessEnv = { ...process.env, [folderVariable]: folder };
  if (chosen.some(({ setsClocks }) => setsClocks === true)) {
    environment[fakeTimeVariable] = fetchFakeTime(join(folder, 'faketime'));
  }
  const words = [switchProgram, `parvi-faults-${process.pid}`, String(hostCount)];
  const command = [process.execPath, ...process.argv.slice(1)];
  const child = spawn('python3', [...words, ...command], { stdio: 'inherit', env: environment });
  // The switch cleans up, so it is what must end. A terminal tells the whole group; then this one adds nothing.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => child.kill('SIGTERM'));
  }
  const { promise: ended, resolve } = Promise.withResolvers<number>();
  child.on('error', (error) => {
    say(`Cannot start the network: ${error.message}`);
    resolve(1);
  });
  child.on('exit', (code) => resolve(code ?? 1));
  return ended;
}

interface Outcome {
  readonly seconds: number;
  readonly error?: unknown;
}

async function runCase(network: FaultNetwork, folder: string, one: FaultCase): Promise<Outcome> {
  const fromMs = performance.now();
  const directory = mkdtempSync(join(folder, 'case-'));
  const world = new FaultWorld(network, directory, one.options?.(directory) ?? {});
  const tooLong = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    tooLong.reject(new Error(`It took longer than ${caseMsMax / 1000} s`));
  }, caseMsMax);
  const logs = join(artifacts, one.name.replaceAll(/\W+/g, '-'));
  rmSync(logs, { recursive: true, force: true });
  mkdirSync(logs, { recursive: true });
  try {
    network.reset();
    await Promise.race([world.start().then(() => one.run(world, directory)), tooLong.promise]);
    return { seconds: (performance.now() - fromMs) / 1000 };
  } catch (error) {
    return { seconds: (performance.now() - fromMs) / 1000, error };
  } finally {
    clearTimeout(timer);
    await world.stop(logs);
  }
}

async function runCases(prefix: string, descriptor: number, folder: string): Promise<number> {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => process.exit(130));
  }
  const network = new FaultNetwork(prefix, descriptor, join(folder, 'hosts'));
  let failures = 0;
  for (const one of chosen) {
    const { seconds, error } = await runCase(network, folder, one);
    const verdict = error === undefined ? 'ok' : 'FAILED';
    say(
      `${verdict.padEnd(7)} ${one.name.padEnd(28)} ${seconds.toFixed(0).padStart(4)} s  ${one.expected}`,
    );
    if (error === undefined) continue;
    failures++;
    say(`        ${error instanceof Error ? error.message : String(error)}`);
    say(`        logs: ${join(artifacts, one.name.replaceAll(/\W+/g, '-'))}`);
  }
  say(`${chosen.length - failures} passed, ${failures} failed`);
  return failures === 0 ? 0 : 1;
}

async function main(): Promise<number> {
  if (values.list) {
    for (const { name, expected } of chosen) say(`${name.padEnd(28)} ${expected}`);
    return 0;
  }
  if (chosen.length === 0) {
    say(`There is no case with "${positionals.join('", "')}" in its name; --list shows them`);
    return 2;
  }
  const {
    FAULTS_PREFIX: prefix,
    FAULTS_SWITCH: descriptor,
    [folderVariable]: folder,
  } = process.env;
  if (prefix !== undefined && descriptor !== undefined && folder !== undefined) {
    return runCases(prefix, Number(descriptor), folder);
  }
  const why = obstacle();
  if (why === undefined) return runOnItsNetwork();
  say(`SKIPPED: the faults were not run, because ${why}`);
  return process.env.CI === 'true' ? 1 : 0;
}

process.exit(await main());
