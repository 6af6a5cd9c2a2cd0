// "npm run monitoring": a grid on this machine, a real Prometheus and Alertmanager that watch it, and with --test what
// shows that they do.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toldToStop, wordsOfCommand } from '../../scripts/command.ts';
import { checkAlert, checkFiles, checkMetrics, checkQueries, figures } from './checks.ts';
import { pause } from './child.ts';
import { LocalGrid } from './local-grid.ts';
import { MonitoringStack } from './stack.ts';
import { monitoringTools, type Tools } from './tools.ts';

const usage = `npm run monitoring            a grid with Prometheus and Alertmanager, until Ctrl-C
npm run monitoring -- --test  the same, checked, and ended
npm run monitoring -- --host 127.0.0.2  on another address of this machine
`;

const startedMs = performance.now();
const say = (text: string): void => {
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  process.stdout.write(`${seconds.padStart(6)} s  ${text}\n`);
};

const { values } = wordsOfCommand({
  options: {
    test: { type: 'boolean', default: false },
    host: { type: 'string', default: '127.0.0.1' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(usage);
// What was under way when a signal came is not waited for.
else process.exit(await main());

async function main(): Promise<number> {
  let tools: Tools;
  try {
    tools = await monitoringTools();
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    if (!values.test || process.env.CI !== undefined) return 1;
    process.stderr.write('SKIPPED: monitoring was not tested, since Prometheus is not to be had\n');
    return 0;
  }
  const folder = mkdtempSync(join(tmpdir(), 'parvi-monitoring-'));
  const grid = new LocalGrid(values.host, folder);
  const stack = new MonitoringStack(values.host, folder, tools);
  const stop = () => Promise.all([grid.stop(), stack.stop()]);
  try {
    const signal = await Promise.race([toldToStop(), run(tools, grid, stack)]);
    if (signal !== undefined && values.test) throw new Error(`${signal} ended it before its end`);
    say('Stopping');
    await stop();
    rmSync(folder, { recursive: true, force: true });
    return 0;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\nLogs are in ${folder}\n`);
    return 1;
  } finally {
    await stop();
  }
}

async function run(tools: Tools, grid: LocalGrid, stack: MonitoringStack): Promise<undefined> {
  await grid.start(2, 2);
  say('two controllers and two workers are Up');
  await stack.start(grid.nodes);
  addresses(grid, stack);
  if (values.test) await test(tools, grid, stack);
  else await watch(grid);
}

async function test(tools: Tools, grid: LocalGrid, stack: MonitoringStack): Promise<void> {
  await checkFiles(tools, stack, say);
  await checkMetrics(tools, grid, say);
  await checkQueries(grid, stack, say);
  await checkAlert(grid, stack, say);
  await figures(stack, say);
  say('monitoring works');
}

function addresses(grid: LocalGrid, stack: MonitoringStack): void {
  const http = grid.nodes.find(({ url }) => url !== undefined)?.url;
  say(`Prometheus    ${stack.prometheusUrl}`);
  say(`Alertmanager  ${stack.alertmanagerUrl}`);
  say(`grid          ${http}`);
  for (const { process: child, target } of grid.nodes)
    say(`${child.name}  http://${target}/metrics`);
  say(`logs          ${stack.folder}`);
}

/** Prices something now and then, so that there is something to see. */
async function watch(grid: LocalGrid): Promise<never> {
  say('Ctrl-C ends it; "kill -9" a worker to see an alert');
  for (;;) {
    await grid.price(50_000).catch(() => undefined);
    await pause(10_000);
  }
}
