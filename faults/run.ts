// Five real nodes on hosts of their own, under faults of network, processes and clocks.
//
//   npm run faults                             all cases
//   npm run faults -- partition                those whose name is this, or has this in it
//   npm run faults -- --list
//
// Makes its network itself, in network namespaces, and removes it again. That needs Linux and root. Cases with Pekko nodes
// need Java and Maven, which are installed if missing.

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildPeer, peerObstacle } from '../interop/harness/peer-build.ts';
import { endWithReader, wordsOfCommand } from '../scripts/command.ts';
import { fakeTimeVariable, fetchFakeTime } from './fake-time.ts';
import type { FaultCase } from './fault-case.ts';
import { faultCases } from './fault-cases.ts';
import { FaultNetwork } from './fault-network.ts';
import { type Decision, FaultWorld } from './fault-world.ts';
import { networkObstacle } from './network-obstacle.ts';
import { peerVariable } from './pekko-node.ts';
import { summary, table } from './report.ts';

const artifacts = fileURLToPath(new URL('../artifacts/faults', import.meta.url));
const switchProgram = fileURLToPath(new URL('./switch.py', import.meta.url));
/** Five hosts, and one for us who look on. */
const hostCount = 6;
const folderVariable = 'FAULTS_FOLDER';
const caseMsMax = 600_000;

endWithReader();
const { values, positionals } = wordsOfCommand({
  options: { list: { type: 'boolean', default: false } },
  allowPositionals: true,
});
/** A whole name chooses that case alone. */
const isMeant = (name: string, word: string): boolean =>
  faultCases.some((one) => one.name === word) ? name === word : name.includes(word);
const chosen = faultCases.filter(
  ({ name }) => positionals.length === 0 || positionals.some((word) => isMeant(name, word)),
);

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Runs this file again on the last host of a network that ends with it. */
async function runOnItsNetwork(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'parvi-faults-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const environment: NodeJS.ProcessEnv = { ...process.env, [folderVariable]: folder };
  if (chosen.some(({ setsClocks }) => setsClocks === true)) {
    environment[fakeTimeVariable] = fetchFakeTime(join(folder, 'faketime'));
  }
  if (chosen.some(({ needsPekko }) => needsPekko === true)) {
    const why = await peerObstacle();
    if (why === undefined) environment[peerVariable] = (await buildPeer()).classPath;
    else say(`SKIPPED: the cases with Pekko nodes, because: ${why}`);
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

async function runCase(network: FaultNetwork, folder: string, one: FaultCase) {
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
  const outcome = (error?: unknown) => ({
    seconds: (performance.now() - fromMs) / 1000,
    decisions: world.decisions(),
    error,
  });
  try {
    network.reset();
    await Promise.race([world.start().then(() => one.run(world, directory)), tooLong.promise]);
    return outcome();
  } catch (error) {
    return outcome(error);
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
  const hasPeer = process.env[peerVariable] !== undefined;
  const runnable = chosen.filter(({ needsPekko }) => needsPekko !== true || hasPeer);
  const fromMs = performance.now();
  const decisions: Decision[] = [];
  let failures = 0;
  say(table.head);
  for (const one of runnable) {
    const outcome = await runCase(network, folder, one);
    say(table.row(one, outcome));
    decisions.push(...outcome.decisions);
    if (outcome.error === undefined) continue;
    failures++;
    say(
      `        ${outcome.error instanceof Error ? outcome.error.message : String(outcome.error)}`,
    );
    say(`        logs: ${join(artifacts, one.name.replaceAll(/\W+/g, '-'))}`);
  }
  for (const line of summary(decisions)) say(line);
  const minutes = ((performance.now() - fromMs) / 60_000).toFixed(1);
  const skipped = chosen.length - runnable.length;
  const left = skipped === 0 ? '' : `, ${skipped} skipped`;
  say(`${runnable.length - failures} passed, ${failures} failed${left}, in ${minutes} min`);
  return failures === 0 ? 0 : 1;
}

async function main(): Promise<number> {
  if (values.list) {
    for (const { name, expected } of chosen) say(`${name.padEnd(34)} ${expected}`);
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
  const why = networkObstacle();
  if (why === undefined) return runOnItsNetwork();
  say(`SKIPPED: the faults were not run, because ${why}`);
  return process.env.CI === 'true' ? 1 : 0;
}

process.exit(await main());
