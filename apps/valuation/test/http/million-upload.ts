// Shows that a portfolio of a million trades is no load: a controller process takes it over HTTP while its memory is
// watched. Not a test, since it takes its time: node apps/valuation/test/http/million-upload.ts [trades] [format]

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { memoryLog } from 'parvi/observe';
import { startController } from '../../src/grid/index.ts';
import { startHttp } from '../../src/http/index.ts';
import type { JobView } from '../../src/http/views.ts';
import { csvHeader, type Trade, tradeToCsv } from '../../src/instruments/index.ts';
import { generatePortfolio } from '../../src/pricing/index.ts';

const [countText = '1000000', format = 'ndjson', role = 'client'] = process.argv.slice(2);
const count = Number(countText);
const mb = 1024 * 1024;

interface Measured {
  readonly rss: number;
  readonly peak: number;
  /** Processor time of all its threads. */
  readonly cpuMs: number;
}

/** The controller: its own process, so that the memory is its alone. */
async function serve(): Promise<void> {
  const spool = mkdtempSync(join(tmpdir(), 'upload-'));
  const { logger: log } = memoryLog('error');
  const { system, service } = await startController({
    remote: { port: 0 },
    controller: { spoolDirectory: spool },
    ports: { log },
  });
  const { port } = await startHttp({
    system,
    grid: service,
    host: '127.0.0.1',
    port: 0,
    page: false,
    version: '0',
    log,
  });
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 20);
  const answer = (): void => {
    const { user, system: kernel } = process.cpuUsage();
    const cpuMs = (user + kernel) / 1000;
    process.send?.({ rss: process.memoryUsage().rss, peak, cpuMs } satisfies Measured);
  };
  process.on('message', answer);
  process.once('disconnect', async () => {
    clearInterval(watch);
    await system.terminate();
    rmSync(spool, { recursive: true, force: true });
  });
  process.send?.({ port });
}

function* blocks(trades: readonly Trade[], total: number): Generator<Buffer> {
  const line = (trade: Trade): string =>
    format === 'csv' ? tradeToCsv(trade) : JSON.stringify(trade);
  const block = Buffer.from(trades.map((trade) => `${line(trade)}\n`).join(''));
  if (format === 'csv') yield Buffer.from(`${csvHeader}\n`);
  for (let sent = 0; sent < total; sent += trades.length) yield block;
}

async function upload(): Promise<void> {
  const child = fork(import.meta.filename, [countText, format, 'controller']);
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  const measured = async (): Promise<Measured> => {
    child.send('measure');
    return ((await once(child, 'message')) as [Measured])[0];
  };
  const swaps = [...generatePortfolio({ trades: 20_000 })].filter(
    ({ instrument }) => instrument === 'swap',
  );
  const trades = swaps.slice(0, 2000);
  const send = async (total: number): Promise<JobView> => {
    const type = format === 'csv' ? 'text/csv' : 'application/x-ndjson';
    const init = {
      method: 'POST',
      headers: { 'content-type': type },
      body: Readable.toWeb(Readable.from(blocks(trades, total))),
      duplex: 'half',
    };
    const response = await fetch(`http://127.0.0.1:${port}/v1/jobs`, init as RequestInit);
    if (response.status !== 202) throw new Error(await response.text());
    return (await response.json()) as JobView;
  };
  // Once before, so that code and buffers that are made only once are there already.
  await send(20_000);
  const before = await measured();
  const startMs = performance.now();
  const job = await send(count);
  const seconds = (performance.now() - startMs) / 1000;
  const after = await measured();
  process.stdout.write(
    `${job.trades} swaps as ${format} taken in ${seconds.toFixed(2)} s: ${Math.round(job.trades / seconds)} trades/s, ${((1000 * (after.cpuMs - before.cpuMs)) / job.trades).toFixed(2)} µs of processor time a trade\n` +
      `controller RSS ${Math.round(before.rss / mb)} MB before, at most ${Math.round(after.peak / mb)} MB: growth ${Math.round((after.peak - before.rss) / mb)} MB\n`,
  );
  child.disconnect();
  await once(child, 'exit');
}

await (role === 'controller' ? serve() : upload());
