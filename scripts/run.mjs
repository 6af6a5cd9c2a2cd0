// What `npm start`, `npm test` and the other scripts of the repository call. Runs on Node 20 or newer without any
// package installed: installs what is missing first, and then goes on with the pinned Node.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install, installReason } from './install.mjs';
import { pinnedNode } from './pinned-node.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (name) => join(root, 'node_modules', '.bin', name);

const commands = {
  start: {
    run: (words) => valuation(['local', ...words]),
    what: 'run the pricing grid on this machine',
  },
  worker: {
    run: (words) => valuation(['worker', ...words]),
    what: 'add a worker to the running grid',
  },
  controller: { run: (words) => valuation(['controller', ...words]), what: 'start a controller' },
  valuation: { run: valuation, what: 'run any other command of the grid' },
  test: { run: test, what: 'run the tests; words after -- choose files' },
  check: { run: check, what: 'check format, types and structure' },
  format: {
    run: () => step(pinnedNode, [bin('biome'), 'check', '--write']),
    what: 'format and repair what can be',
  },
  sim: {
    run: (words) => script('packages/parvi/test/simulation/run.ts', words),
    what: 'simulate clusters from seeds',
  },
  fuzz: {
    run: (words) => script('packages/parvi/test/fuzz/run.ts', words),
    what: 'fuzz everything that reads bytes from outside',
  },
  bench: {
    run: (words) => script('bench/run.ts', words),
    what: 'measure, side by side with others',
  },
  faults: {
    run: (words) => script('faults/run.ts', words),
    what: 'put real nodes under faults of network, processes and clocks',
  },
  interop: {
    run: interop,
    what: 'try it with real Pekko nodes; words after -- choose parts, "soak" runs the long one',
  },
  e2e: {
    run: e2e,
    what: 'run it in containers and on Kubernetes; words after -- choose parts, "short" some of each, "cluster" keeps one',
  },
  chart: {
    run: chart,
    what: 'check the chart for Kubernetes; --test runs its tests, --package DIR packs it',
  },
  manifests: {
    run: (words) => script('deploy/chart/manifests.ts', words),
    what: 'write the chart as plain manifests',
  },
  stack: {
    run: (words) => script('deploy/stack/run.ts', words),
    what: 'set up the grid with gateway and monitoring on a Kubernetes cluster, or take it down',
  },
  gateway: {
    run: gateway,
    what: 'run a real Envoy before two controllers; --test tries it under load and outages',
  },
  monitoring: {
    run: (words) => script('deploy/monitoring/run.ts', words),
    what: 'watch a grid with a real Prometheus and Alertmanager; --test checks all of it',
  },
  docs: {
    run: (words) => script('scripts/reference-docs.ts', words),
    what: 'write the generated reference pages',
  },
};

/** Runs a program in the foreground and gives its exit code. */
function step(program, words, environment = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, words, {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, ...environment },
    });
    // Ctrl-C reaches the whole foreground group by itself; passing it on as well would count as a second one.
    const pass = (signal) => {
      if (signal !== 'SIGINT' || process.stdin.isTTY !== true) child.kill(signal);
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, pass);
    const done = (code) => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(signal, pass);
      resolve(code);
    };
    child.on('error', (error) => {
      console.error(`Cannot run "${program}": ${error.message}`);
      done(127);
    });
    child.on('exit', (code, signal) => done(code ?? (signal === 'SIGINT' ? 130 : 143)));
  });
}

function script(path, words) {
  if (existsSync(join(root, path))) return step(pinnedNode, [join(root, path), ...words]);
  throw new Error(`Cannot run "${path}": the file is missing in this clone`);
}

async function valuation(words) {
  const built = await buildPages();
  return built === 0 ? script('apps/valuation/bin/valuation.mjs', words) : built;
}

function interop(words) {
  if (words[0] === 'soak') return script('interop/soak.ts', words.slice(1));
  return step(pinnedNode, [bin('vitest'), 'run', '--config', 'interop/vitest.config.ts', ...words]);
}

function e2e(words) {
  if (words[0] === 'cluster') return script('e2e/kubernetes/cluster.ts', words.slice(1));
  if (words[0] === 'short') return test(['--config', 'e2e/short.config.ts', ...words.slice(1)]);
  return step(pinnedNode, [bin('vitest'), 'run', '--config', 'e2e/vitest.config.ts', ...words]);
}

function chart(words) {
  if (words[0] !== '--test') return script('deploy/chart/run.ts', words);
  const config = ['--config', 'deploy/vitest.config.ts'];
  return step(pinnedNode, [bin('vitest'), 'run', ...config, ...words.slice(1)]);
}

async function gateway(words) {
  const built = await buildPages();
  if (built !== 0) return built;
  if (words[0] !== '--test') return script('e2e/gateway/run.ts', words);
  const chosen = words.length > 1 ? words.slice(1) : [''];
  return e2e(chosen.map((word) => `e2e/gateway/${word}`));
}

/** Builds the pages of applications whose sources are newer than what was built last. */
async function buildPages() {
  for (const app of readdirSync(join(root, 'apps'))) {
    const web = join(root, 'apps', app, 'web');
    if (!existsSync(join(web, 'vite.config.ts')) || !isStale(web)) continue;
    process.stderr.write(`Building the page of ${app}\n`);
    const code = await step(pinnedNode, [bin('vite'), 'build', web, '--logLevel', 'warn']);
    if (code !== 0) return code;
  }
  return 0;
}

function isStale(web) {
  const built = join(web, 'dist', 'index.html');
  if (!existsSync(built)) return true;
  const builtMs = statSync(built).mtimeMs;
  return readdirSync(web, { recursive: true, withFileTypes: true }).some(
    (entry) =>
      entry.isFile() &&
      !join(entry.parentPath, entry.name).startsWith(join(web, 'dist')) &&
      statSync(join(entry.parentPath, entry.name)).mtimeMs > builtMs,
  );
}

async function check() {
  const parts = [
    ['format and lint', bin('biome'), ['ci', '--log-level=warn']],
    ['types', bin('tsc'), ['-p', 'tsconfig.json', '--noEmit']],
    ...webProjects().map((path) => [`types of ${path}`, bin('tsc'), ['-p', path, '--noEmit']]),
    ['structure', bin('vitest'), ['run', 'test/tidy.test.ts', '--reporter=dot']],
  ];
  const failed = [];
  for (const [name, program, words] of parts) {
    const startMs = Date.now();
    const code = await step(pinnedNode, [program, ...words]);
    const seconds = ((Date.now() - startMs) / 1000).toFixed(1);
    console.log(`check: ${name} ${code === 0 ? 'in order' : 'FAILED'} (${seconds} s)`);
    if (code !== 0) failed.push(name);
  }
  console.log(failed.length === 0 ? 'check: all in order' : `check: ${failed.join(', ')} failed`);
  return failed.length === 0 ? 0 : 1;
}

function webProjects() {
  return readdirSync(join(root, 'apps'))
    .map((app) => join('apps', app, 'web', 'tsconfig.json'))
    .filter((path) => existsSync(join(root, path)));
}

/** Runs the tests. The last line is `N passed, N failed`, whatever happens to the runner. */
async function test(words) {
  const folder = mkdtempSync(join(tmpdir(), 'parvi-test-'));
  const countsFile = join(folder, 'counts.json');
  try {
    let code = await buildPages();
    if (code === 0) {
      const reporter = join(root, 'scripts', 'count-reporter.mjs');
      const options = ['run', '--reporter=default', `--reporter=${reporter}`, ...words];
      code = await step(pinnedNode, [bin('vitest'), ...options], { TEST_COUNTS_FILE: countsFile });
    }
    const { passed, failed } = testOutcome(code, readCounts(countsFile));
    process.stdout.write(`${passed} passed, ${failed} failed\n`);
    return failed === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readCounts(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** What a run amounts to. A runner that fails without a failed test has failed itself, and that counts as one. */
export function testOutcome(code, counts) {
  const { passed = 0, failed = 0, ended = false } = counts ?? {};
  const runnerFailed = code !== 0 || !ended;
  return { passed, failed: runnerFailed && failed === 0 ? 1 : failed };
}

function usage() {
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  const lines = Object.entries(commands).map(
    ([name, { what }]) => `  ${name.padEnd(width)}  ${what}`,
  );
  return `node scripts/run.mjs <command>\n\n${lines.join('\n')}\n`;
}

async function main([name, ...words]) {
  const command = Object.hasOwn(commands, name ?? '') ? commands[name] : undefined;
  if (command === undefined) {
    process.stderr.write(usage());
    return 2;
  }
  try {
    const reason = installReason(root);
    if (reason !== undefined) await install(root, reason);
    if (!existsSync(pinnedNode)) {
      throw new Error(
        'Cannot find the pinned Node: its install script did not run; allow it ("npm config delete ignore-scripts") and run "npm rebuild node"',
      );
    }
    return await command.run(words);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    if (name === 'test') process.stdout.write('0 passed, 1 failed\n');
    return 1;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await main(process.argv.slice(2));
}
