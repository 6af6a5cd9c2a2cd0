// Jobs of options that all differ, submitted from a pod, followed to their end, and their rows counted.

import type { JobView } from '../../apps/valuation/src/http/views.ts';
import { optionLines } from '../../apps/valuation/test/acceptance/portfolios.ts';
import { until } from '../../apps/valuation/test/acceptance/until.ts';
import type { GridRelease } from './release.ts';

/** Runs in a pod: reads all results, and says how many rows there are and which is the first out of place. */
const countRows = `
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
const answer = await fetch('http://ve-ctrl:7777/v1/jobs/' + process.argv[1] + '/results?format=ndjson');
let rows = 0, wrong = 0;
for await (const line of createInterface({ input: Readable.fromWeb(answer.body) })) {
  const { row, value } = JSON.parse(line);
  if ((row !== ++rows || typeof value !== 'number') && wrong === 0) wrong = rows;
}
console.log(JSON.stringify({ status: answer.status, rows, wrong }));
`;

export interface Counted {
  readonly status: number;
  readonly rows: number;
  /** Row that stands in the place of another, or has no value; 0 for none. */
  readonly wrong: number;
}

export interface SubmitOptions {
  /** Address of the controller; any when absent. */
  readonly ip?: string;
  readonly idempotencyKey?: string;
}

/** Gives the id of the job. Takes some 0.15 ms of a core for each trade. */
export async function submitOptions(
  release: GridRelease,
  trades: number,
  { ip, idempotencyKey }: SubmitOptions = {},
): Promise<string> {
  const words = ['--json', 'submit', '-', '--format', 'ndjson', '--metric', 'OptionPV'];
  const engine = ['--engine', 'integral'];
  const key = idempotencyKey === undefined ? [] : ['--idempotency-key', idempotencyKey];
  const at = ip === undefined ? [] : ['--url', `http://${ip}:7777`];
  const said = await release.valuation([...at, ...words, ...engine, ...key], optionLines(trades));
  const { id }: { id: string } = JSON.parse(said);
  return id;
}

/** The job when it has ended, with all its rows counted in a pod. */
export async function ended(
  release: GridRelease,
  id: string,
): Promise<{ readonly job: JobView; readonly counted: Counted }> {
  const job = await until(
    'the end of the job',
    async () => {
      const now = await release.job(id);
      return now.state !== 'accepting' && now.state !== 'running' && now;
    },
    { timeoutMs: 400_000, pollMs: 1000 },
  );
  const program = ['/usr/local/bin/node', '--input-type=module', '--eval', countRows, id];
  const counted = JSON.parse(await release.kubectl(['exec', 'client', '--', ...program]));
  return { job, counted };
}
