// Makes sure that the packages of the lock file are installed. Runs on the Node that a person has, before anything is
// installed, so it uses nothing but Node itself.

import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Why packages have to be installed, or `undefined` when what is there is what the lock file asks for. */
export function installReason(root) {
  if (!existsSync(join(root, 'node_modules'))) return 'no packages are installed yet';
  const installed = packagesIn(join(root, 'node_modules', '.package-lock.json'));
  if (installed === undefined) return 'the last installation did not finish';
  const wanted = packagesIn(join(root, 'package-lock.json'));
  if (wanted === undefined)
    throw new Error('Cannot read package-lock.json: is this a whole clone?');
  return changeBetween(wanted, installed);
}

/** Why the wanted packages are not the installed ones; packages for other kinds of machine may be absent. */
export function changeBetween(wanted, installed, machine = process) {
  for (const [path, entry] of Object.entries(wanted)) {
    if (!path.includes('node_modules/')) continue;
    const { version, link, resolved } = entry;
    const found = installed[path];
    if (found === undefined) {
      if (entry.optional === true && !isFor(entry, machine)) continue;
      return `"${nameIn(path)}" is missing`;
    }
    const same = link === true ? found.resolved === resolved : found.version === version;
    if (!same) return `"${nameIn(path)}" has another version than the lock file says`;
  }
  return undefined;
}

/** Packages made for no kind of machine in particular are left to npm: they may need what this one has not. */
function isFor({ os, cpu, libc }, machine) {
  if (os === undefined || cpu === undefined || libc !== undefined) return false;
  return os.includes(machine.platform) && cpu.includes(machine.arch);
}

function nameIn(path) {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

function packagesIn(lockFile) {
  try {
    return JSON.parse(readFileSync(lockFile, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/** Installs what the lock file asks for, with one line of progress; the whole output only when it fails. */
export async function install(root, reason) {
  const startMs = Date.now();
  const seconds = () => ((Date.now() - startMs) / 1000).toFixed(0);
  const terminal = process.stderr.isTTY === true;
  const say = () => process.stderr.write(`\rInstalling packages (${reason}) … ${seconds()} s `);
  if (!terminal) process.stderr.write(`Installing packages: ${reason}\n`);
  const timer = terminal ? setInterval(say, 250) : undefined;
  let outcome = await runNpm(root, [...installWords, '--offline']);
  if (outcome.code !== 0 || installReason(root) !== undefined) {
    outcome = await runNpm(root, [...installWords, '--prefer-offline', '--fetch-timeout=60000']);
  }
  clearInterval(timer);
  process.stderr.write(
    `${terminal ? '\r' : ''}Installed packages in ${seconds()} s${terminal ? '\u001b[K' : ''}\n`,
  );
  if (outcome.code === 0) return;
  process.stderr.write(`${outcome.output.trimEnd()}\n\n`);
  throw new Error(
    `Cannot install the packages: "npm install" ended with exit code ${outcome.code}, its output is above; it needs the npm registry or a filled package cache`,
  );
}

// Not `npm ci`: it refuses a lock file without the optional packages for other kinds of machine, which not every
// registry has. Versions are those of the lock file all the same, and neither file is changed. What the package cache
// holds is taken from there without asking anybody, which takes a third of the time.
const installWords = ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'];

function runNpm(root, words) {
  const npm = process.env.npm_execpath;
  const withNode = npm !== undefined && /\.[cm]?js$/.test(npm);
  const [command, ...before] = withNode ? [process.execPath, npm] : ['npm'];
  const environment = { ...process.env };
  // Set by an outer npm for its own command; an inner one would take them for its own settings.
  for (const name of Object.keys(environment)) {
    if (/^npm_(command|lifecycle|package|config_local_prefix)/.test(name)) delete environment[name];
  }
  return new Promise((resolve) => {
    const child = spawn(command, [...before, ...words], {
      cwd: root,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    });
    let output = '';
    const collect = (text) => {
      output = (output + text).slice(-20_000);
    };
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
    child.on('error', (error) => resolve({ code: 127, output: `${output}\n${error.message}` }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}
