// `valuation local`, which is what `npm start` runs: a whole grid, the bundled portfolio priced on it, and its end.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { JobView } from '../../src/http/views.ts';
import { run as runHere } from '../cli/command.ts';
import { NodeProcess } from './node-process.ts';
import { claimPorts, type PortBlock } from './port-block.ts';
import { until } from './until.ts';

vi.setConfig({ testTimeout: 60_000 });

let block: PortBlock;
let clusterPort: number;
let httpPort: number;
let directory: string;
let started: NodeProcess[];

beforeEach(async () => {
  block = await claimPorts(21_160);
  clusterPort = block.first;
  httpPort = block.first + 10;
  directory = mkdtempSync(join(tmpdir(), 'valuation-local-'));
  started = [];
});

afterEach(async () => {
  for (const node of started) if (node.isRunning) await node.end('SIGTERM', 30_000);
  await block.release();
  rmSync(directory, { recursive: true, force: true });
});

function local(...words: string[]): NodeProcess {
  const ports = ['--cluster-port', String(clusterPort), '--http-port', String(httpPort)];
  const node = new NodeProcess({ words: ['local', ...ports, ...words], directory });
  started.push(node);
  return node;
}

/** Cells of the table whose first heading that is. */
function tableOf(text: string, heading: string): string[][] {
  const lines = text.split('\n');
  const from = lines.findIndex((line) => line.startsWith(`${heading} `));
  const rows = lines.slice(from, lines.indexOf('', from));
  return rows.map((line) => line.trim().split(/ {2,}/));
}

const metrics = ['NPV', 'ParRate', 'FwdRate', 'IRDelta', 'OptionPV'];

it('prices the bundled portfolio, prints a table of metrics and one of workers, and ends with 0', async () => {
  const run = local('--once');
  const exit = await run.untilExited(50_000);

  expect(exit).toEqual({ code: 0, signal: null });
  expect(run.errors).toBe('');
  const [heads, ...rows] = tableOf(run.output, 'metric');
  expect(heads).toEqual([
    ...['metric', 'trades', 'priced', 'failed', 'sum', 'mean', 'time', 'trades/s'],
  ]);
  expect(rows.map(([metric]) => metric)).toEqual(metrics);
  for (const [, trades, priced, failed] of rows) expect([priced, failed]).toEqual([trades, '0']);
  expect(rows[0]?.[1]).toBe('8,000');
  const [workerHeads, ...workers] = tableOf(run.output, 'worker');
  expect(workerHeads).toEqual(['worker', 'trades', 'chunks', 'busy']);
  expect(workers.length).toBe(2);
  expect(run.output).toMatch(/24,080 trades in .* trades a second\n$/);
  for (const log of nodeLogs()) {
    expect(log).toContain('Coordinated shutdown has ended');
    expect(log).not.toContain('"level":"error"');
  }
});

it('prints the jobs as JSON and nothing else to standard output with --json', async () => {
  const run = local('--once', '--json');
  expect(await run.untilExited(50_000)).toEqual({ code: 0, signal: null });
  const jobs = JSON.parse(run.output) as JobView[];
  expect(jobs.map(({ metric, state }) => [metric, state])).toEqual(
    metrics.map((metric) => [metric, 'completed']),
  );
});

it('says in one line which port is in use and what to do, and ends with 1', async () => {
  for (const [port, flag] of [
    [clusterPort + 1, '--cluster-port'],
    [httpPort, '--http-port'],
  ] as const) {
    const holder = createServer().listen(port, '127.0.0.1');
    await until('the port to be held', () => holder.listening);
    const run = local('--once');
    expect(await run.untilExited()).toEqual({ code: 1, signal: null });
    expect(run.errors).toBe(
      `valuation: Port ${port} of 127.0.0.1 is in use\nStop what uses it (another "npm start"?), or choose another first port with ${flag}\n`,
    );
    await new Promise((resolve) => holder.close(resolve));
  }
});

it('takes its nodes with it when it is killed, and starts again at the same ports', async () => {
  const killed = local('--once');
  const jobs = async () => (await get<{ jobs: JobView[] }>('/v1/jobs')).jobs.length > 0;
  await until('a grid that prices', jobs, { timeoutMs: 30_000 });
  await killed.kill();
  const haveEnded = () => nodeLogs().every((log) => log.includes('Coordinated shutdown has ended'));
  await until('the end of all nodes', haveEnded, { timeoutMs: 30_000 });

  const run = local('--once');
  expect(await run.untilExited(50_000)).toEqual({ code: 0, signal: null });
  expect(tableOf(run.output, 'metric').length).toBe(1 + metrics.length);
});

it('says when one of its processes dies and where the page is then, until no controller is left', async () => {
  let seen = '';
  const ports = ['--cluster-port', String(clusterPort), '--http-port', String(httpPort)];
  const words = ['local', ...ports, '--directory', join(directory, '.parvi')];
  const environment = { PATH: process.env.PATH ?? '', NO_COLOR: '1' };
  const ended = runHere(words, { terminal: true, environment, onOut: (text) => (seen += text) });
  const told = (text: string) => {
    const what = () => `"${text}" in:\n${seen}\nProcesses:\n${ownProcesses()}`;
    return until(what, () => seen.includes(text), { timeoutMs: 45_000 });
  };
  const page = (controller: number) => `http://127.0.0.1:${httpPort + controller - 1}/`;
  const kill = (words: string) => process.kill(processOf(words), 'SIGKILL');

  await told('Press Ctrl-C');
  expect(seen).toContain(`The grid stays up: ${page(1)}\n`);
  expect(seen).toContain(`Another controller, with jobs and a page of the same grid: ${page(2)}\n`);
  expect(seen).not.toContain('ended (');
  kill(
    `valuation.mjs worker --remote.host 127.0.0.1 --cluster.seed-nodes 127.0.0.1:${clusterPort},`,
  );
  await told(' ended (SIGKILL); 1 worker is left\n');
  kill(`--remote.port ${clusterPort} `);
  await told(
    `controller 127.0.0.1:${clusterPort} ended (SIGKILL); the page is now at ${page(2)}\n`,
  );
  kill(`--remote.port ${clusterPort + 1} `);
  await told(`controller 127.0.0.1:${clusterPort + 1} ended (SIGKILL); no controller is left\n`);
  const { code, error } = await ended;
  expect([code, error]).toEqual([1, expect.stringContaining('All controllers ended')]);
  expect(seen.match(/worker-\d ended/g)).toHaveLength(1);
});

/** Process id, parent and command line of all that runs here. */
function ownProcesses(): string {
  return execFileSync('ps', ['-ww', '-eo', 'pid=,ppid=,args='], { encoding: 'utf8' });
}

/**
 * A node that this process started, by words of its command line. Test files run beside each other in one process, so the
 * words have to name a port of this grid, or they find the node of another.
 */
function processOf(words: string): number {
  const listed = ownProcesses();
  const rows = [...listed.matchAll(/^ *(\d+) +(\d+) (.*)$/gm)];
  const row = rows.find(
    ([, , parent, line]) => Number(parent) === process.pid && line?.includes(words) === true,
  );
  if (row === undefined) throw new Error(`No node has "${words}" in its command line:\n${listed}`);
  return Number(row[1]);
}

async function get<T>(path: string): Promise<T> {
  return (await (await fetch(`http://127.0.0.1:${httpPort}${path}`)).json()) as T;
}

function nodeLogs(): string[] {
  const names = ['controller-1', 'controller-2', 'worker-1', 'worker-2'];
  return names.map((name) => {
    return readFileSync(join(directory, '.parvi', 'logs', `${name}.log`), 'utf8');
  });
}
