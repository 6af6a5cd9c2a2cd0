// A bare process that prices its share of a portfolio and does nothing else: the least that any grid can need.
// Words: file, metric, this process's number, number of processes, trades priced at once. It prints `ready`, and then one
// line of JSON for each line of its standard input: a round.

import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { yieldToEventLoop } from '../../apps/valuation/src/grid/threads/serve-chunks.ts';
import type { Trade } from '../../apps/valuation/src/instruments/index.ts';
import { bundledSnapshot, prepareSnapshot } from '../../apps/valuation/src/market/index.ts';
import { isMetric, type Metric, priceTrades } from '../../apps/valuation/src/pricing/index.ts';

const [file = '', metric = '', number = '0', processes = '1', atOnce = '300'] =
  process.argv.slice(2);
const snapshot = bundledSnapshot('default');
if (snapshot === undefined || !isMetric(metric)) throw new Error(`There is no metric "${metric}"`);
const market = prepareSnapshot(snapshot);
const trades = readFileSync(file, 'utf8')
  .trimEnd()
  .split('\n')
  .filter((_, i) => i % Number(processes) === Number(number))
  .map((line) => JSON.parse(line) as Trade);
// As the grid's pricing threads, so that neighbours on the machine slow both sides alike.
yieldToEventLoop();

function price(): { readonly ms: number; readonly cpuMs: number } {
  const cpu = process.threadCpuUsage();
  const begin = performance.now();
  for (let from = 0; from < trades.length; from += Number(atOnce)) {
    const some = trades.slice(from, from + Number(atOnce));
    const { errors } = priceTrades({ market, metric: metric as Metric, trades: some });
    if (errors.length > 0) throw new Error(`Trade "${errors[0]?.id}" has no price`);
  }
  const ms = performance.now() - begin;
  const { user, system } = process.threadCpuUsage(cpu);
  return { ms, cpuMs: (user + system) / 1000 };
}

price();
console.log('ready');
let round = 0;
for await (const _line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify({ round: round++, ...price() }));
}
