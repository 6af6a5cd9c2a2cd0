// Clients of a grid behind a gateway, in a pod of their own: one large job, a small one several times a second, each
// followed to its end and its results read, and readers of the large job all the while. Everything that goes wrong is
// kept. `GET /status` on port 8000 tells how it stands, `GET /stop` has it come to an end.
//
//   node gateway-clients.mjs http://gateway:8080/ve-svc/ TRADES

import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { JobView } from '../../../apps/valuation/src/http/views.ts';
import { optionLines } from '../../../apps/valuation/test/acceptance/portfolios.ts';
import type { ClientsStatus } from '../gateway-clients.ts';
import { type Followed, follow } from './job-events.ts';

const submitEveryMs = 200;
const smallTrades = 5;
const [url = '', tradesText = ''] = process.argv.slice(2);
const large = { id: '', trades: Number(tradesText) };

let stopping = false;
let submissions = 0;
let done = 0;
let reads = 0;
let resumed = 0;
let slowestMs = 0;
let longestGapMs = 0;
let lastTakenMs = performance.now();
let ended = false;
const refused: string[] = [];
const failedReads: string[] = [];
const wrong: string[] = [];
const brokenStreams: string[] = [];
const keepers = new Set<string>();
const small: string[] = [];

const since = (): string => `${(performance.now() / 1000).toFixed(1)} s`;

async function submit(query: string, trades: number): Promise<string> {
  const fromMs = performance.now();
  submissions++;
  const answer = await fetch(`${url}v1/jobs?${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: optionLines(trades),
  });
  const text = await answer.text();
  if (answer.status !== 202) throw new Error(`status ${answer.status}: ${text.slice(0, 200)}`);
  const nowMs = performance.now();
  slowestMs = Math.max(slowestMs, nowMs - fromMs);
  longestGapMs = Math.max(longestGapMs, nowMs - lastTakenMs);
  lastTakenMs = nowMs;
  return (JSON.parse(text) as JobView).id;
}

/** Counts the rows of a job, and says which is the first that is not as it should be. */
async function checkResults(id: string, trades: number): Promise<void> {
  reads++;
  const answer = await fetch(`${url}v1/jobs/${id}/results?format=ndjson`);
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`status ${answer.status}: ${text.slice(0, 200)}`);
  const lines = text.split('\n').filter((line) => line !== '');
  const first = lines.findIndex((line, i) => {
    const { row, value } = JSON.parse(line) as { row: number; value: unknown };
    return row !== i + 1 || typeof value !== 'number';
  });
  if (first >= 0) wrong.push(`row ${first + 1} of ${id} is ${lines[first]}`);
  if (lines.length !== trades) wrong.push(`${id} has ${lines.length} rows of ${trades}`);
}

function checkEnd(id: string, trades: number, { job, faults, breaks }: Followed): void {
  resumed += breaks.length;
  brokenStreams.push(...breaks.filter((why) => why !== 'ended'));
  wrong.push(...faults.map((fault) => `${id}: ${fault}`));
  if (job.state !== 'completed' || job.priced !== trades || job.failed !== 0) {
    wrong.push(`${id} is ${job.state} with ${job.priced} priced and ${job.failed} failed`);
  }
}

async function smallJob(): Promise<void> {
  const id = await submit('metric=OptionPV', smallTrades).catch((error: unknown) => {
    refused.push(`${since()}: ${error}`);
  });
  if (id === undefined) return;
  small.push(id);
  checkEnd(id, smallTrades, await follow(url, id));
  await checkResults(id, smallTrades).catch((error: unknown) => {
    failedReads.push(`${since()} results of ${id}: ${error}`);
  });
  done++;
}

async function submitSmallJobs(): Promise<void> {
  const jobs: Promise<void>[] = [];
  while (!stopping) {
    jobs.push(smallJob());
    await pause(submitEveryMs);
  }
  await Promise.all(jobs);
}

/** Reads pages of the large job's results from the first to the last there is, again and again. */
async function readPages(): Promise<void> {
  let cursor = '';
  while (!stopping) {
    reads++;
    try {
      const answer = await fetch(`${url}v1/jobs/${large.id}/results?limit=500${cursor}`);
      if (answer.status !== 200) throw new Error(`status ${answer.status}: ${await answer.text()}`);
      const page = (await answer.json()) as { nextCursor?: string };
      cursor = page.nextCursor === undefined ? '' : `&cursor=${page.nextCursor}`;
    } catch (error) {
      failedReads.push(`${since()} a page: ${error}`);
      cursor = '';
    }
    await pause(50);
  }
}

async function followLarge(): Promise<void> {
  const followed = await follow(url, large.id, (job) => keepers.add(job.owner));
  checkEnd(large.id, large.trades, followed);
}

const server = createServer((request, response) => {
  if (request.url === '/stop') stopping = true;
  const status: ClientsStatus = {
    ended,
    large: large.id,
    submissions,
    done,
    reads,
    resumed,
    slowestMs,
    longestGapMs,
    keepers: [...keepers],
    refused,
    failedReads,
    brokenStreams,
    wrong,
  };
  response.setHeader('content-type', 'application/json').end(JSON.stringify(status));
});
server.listen(8000);
process.once('SIGTERM', () => process.exit(0));

// With a grid of so many steps a trade takes some 0.4 ms, so that the job outlasts the update.
large.id = await submit('metric=OptionPV&engine=finiteDifferences&steps=60', large.trades);
lastTakenMs = performance.now();
longestGapMs = 0;
slowestMs = 0;
const followers = [followLarge(), followLarge(), followLarge()];
await Promise.all([submitSmallJobs(), readPages(), readPages()]);
await Promise.all(followers);
for (const [id, trades] of [
  [large.id, large.trades] as const,
  ...small.map((one) => [one, smallTrades] as const),
]) {
  await checkResults(id, trades).catch((error: unknown) => {
    failedReads.push(`at the end, results of ${id}: ${error}`);
  });
}
ended = true;
