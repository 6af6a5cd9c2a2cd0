// submit, jobs, show, cancel: what a person does with jobs from a shell.

import { randomUUID } from 'node:crypto';
import type { ReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Command } from 'commander';
import type { JobView } from '../http/views.ts';
import type { OpenedInput } from './client.ts';
import type { CliContext } from './context.ts';
import { examples } from './examples.ts';
import { CliError, exitCodes } from './exit-codes.ts';
import { tradesText } from './figures.ts';
import {
  errorLines,
  jobTable,
  metricTable,
  progressLine,
  uploadLine,
  workerTable,
} from './job-report.ts';

interface SubmitFlags {
  readonly metric?: string;
  readonly snapshot?: string;
  readonly engine?: string;
  readonly irDelta?: string;
  readonly steps?: string;
  readonly name?: string;
  readonly onError?: string;
  readonly format?: string;
  readonly idempotencyKey?: string;
  readonly follow?: boolean;
}

const contentTypes: Readonly<Record<string, string>> = {
  csv: 'text/csv',
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  jsonl: 'application/x-ndjson',
};

/** Endings of files that gzip packed. */
const packed = /\.gz$/i;

export function addJobCommands(program: Command, context: CliContext): void {
  program
    .command('submit')
    .description(
      'price a portfolio: a CSV, NDJSON or JSON file, packed by gzip or not, or "-" for standard input',
    )
    .argument('<file>', 'portfolio file, or -')
    .option('-m, --metric <name>', 'NPV (default), ParRate, FwdRate, IRDelta or OptionPV')
    .option('-s, --snapshot <name>', 'market snapshot of trades that name none')
    .option('--engine <name>', 'engine of all options')
    .option('--ir-delta <method>', 'what moves for IRDelta: zeroRates, eachNode, quotes, eachQuote')
    .option('--steps <n>', 'steps of trees and finite differences')
    .option('--name <text>', 'a name for people (default: the file name, but for JSON)')
    .option(
      '--on-error <what>',
      'reject (default): one bad trade refuses all; skip: price the others',
    )
    .option('--format <format>', 'csv, ndjson or json (default: by the file’s ending, csv for -)')
    .option('--idempotency-key <key>', 'submitting again with the same key is the same job')
    .option('-f, --follow', 'stay until the job has ended, with progress')
    .addHelpText(
      'after',
      `
Examples:
  $ valuation submit portfolio.csv --metric NPV --follow
  $ valuation submit portfolio.csv --metric IRDelta --ir-delta eachNode --on-error skip
  $ valuation submit book.ndjson.gz
  $ cat book.ndjson | valuation submit - --format ndjson --name book
  $ valuation submit book.json --metric ParRate
CSV begins with a line that names its columns; NDJSON has one trade as JSON a line. JSON is an array of trades, or an
object that may say metric, snapshot, name, onError and more before its trades; an option given here goes before it.`,
    )
    .action((file: string, flags: SubmitFlags) => submit(context, file, flags));
  program
    .command('jobs')
    .description('list jobs, newest first')
    .option('--state <state>', 'only jobs in this state')
    .option('--limit <n>', 'at most this many', '20')
    .addHelpText(
      'after',
      examples('valuation jobs --state running', 'valuation --json jobs --limit 100 | jq .[0].id'),
    )
    .action((flags: { state?: string; limit: string }) => listJobs(context, flags));
  program
    .command('show')
    .description('look at a job')
    .argument('<job>', 'id of the job')
    .option('-f, --follow', 'stay until the job has ended')
    .addHelpText('after', examples('valuation show JOB', 'valuation show JOB --follow'))
    .action((id: string, flags: { follow?: boolean }) => show(context, id, flags.follow === true));
  program
    .command('cancel')
    .description(
      'cancel a job; results that are there stay readable, and a job that has ended stays as it is',
    )
    .argument('<job>', 'id of the job')
    .addHelpText(
      'after',
      examples('valuation cancel JOB', 'valuation --json cancel JOB | jq .cancelled'),
    )
    .action((id: string) => cancel(context, id));
}

async function submit(context: CliContext, file: string, flags: SubmitFlags): Promise<void> {
  const contentType = contentTypeOf(file, flags.format);
  const { metric, snapshot, engine, irDelta, steps, onError } = flags;
  // What is sent goes before what a JSON object says of itself, so it has to be the person's own word.
  const isUnnamed = file === '-' || contentType === contentTypes.json;
  const name = flags.name ?? (isUnnamed ? undefined : basename(file));
  const parameters = new URLSearchParams();
  const given = { metric, snapshot, engine, irDelta, steps, onError, name };
  for (const [key, value] of Object.entries(given)) {
    if (value !== undefined) parameters.set(key, value);
  }
  const client = context.client();
  const job = await client.submit(`/v1/jobs?${parameters}`, {
    headers: {
      'content-type': contentType,
      'idempotency-key': flags.idempotencyKey ?? randomUUID(),
    },
    open: () => openInput(context, file),
    mayRepeat: file !== '-',
  });
  if (flags.follow === true) return follow(context, job.id);
  if (context.json()) return context.printJson(job);
  context.terminal.out(`Job ${job.id} submitted: ${tradesText(job.trades)}, ${job.metric}`);
  if (job.rejected > 0) {
    context.terminal.out(
      `${tradesText(job.rejected)} ${job.rejected === 1 ? 'was' : 'were'} rejected: valuation results ${job.id} --failed lists them`,
    );
  }
}

/** By the format named, else by the file's ending; standard input is CSV. */
function contentTypeOf(file: string, format: string | undefined): string {
  const ending =
    file === '-' ? 'csv' : (file.toLowerCase().replace(packed, '').split('.').at(-1) ?? '');
  const contentType = contentTypes[format ?? ending];
  if (contentType !== undefined) return contentType;
  throw new CliError(
    format === undefined ? `Cannot tell the format of "${file}"` : `There is no format "${format}"`,
    exitCodes.usage,
    'Give --format csv, ndjson or json',
  );
}

/** The file's bytes, unpacked where its name says that they are packed. */
async function openInput(context: CliContext, file: string): Promise<OpenedInput> {
  if (file === '-') {
    return { stream: Readable.toWeb(context.input) as ReadableStream, close: async () => {} };
  }
  const found = await stat(file).catch(() => undefined);
  if (found?.isDirectory() === true) {
    throw new CliError(`"${file}" is a folder`, exitCodes.usage);
  }
  if (found === undefined) throw new CliError(`There is no file "${file}"`, exitCodes.usage);
  const handle = await open(file).catch((cause: Error) => {
    throw new CliError(`Cannot read "${file}": ${cause.message}`, exitCodes.usage);
  });
  const { terminal } = context;
  const source = handle.createReadStream();
  const pieces = counted(source, (sent) =>
    terminal.status([uploadLine(terminal, sent, found.size)]),
  );
  // What goes wrong with either of the two ends the reading of the second.
  const bytes = packed.test(file) ? pipeline(pieces, createGunzip(), () => undefined) : pieces;
  const stream = Readable.toWeb(Readable.from(readable(bytes, file))) as ReadableStream;
  // A request that has failed leaves it as it is, and a file that nobody closes ends the process.
  return { stream, close: () => closed(source) };
}

async function closed(source: ReadStream): Promise<void> {
  if (source.closed) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  source.once('close', resolve);
  source.destroy();
  await promise;
}

/** Passes pieces on and tells how many bytes they were so far. */
async function* counted(
  pieces: AsyncIterable<Uint8Array>,
  tell: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += piece.length;
    tell(bytes);
    yield piece;
  }
}

/** A file that cannot be read to its end is not the controller's fault, which the request would put it down to. */
async function* readable(
  bytes: AsyncIterable<Uint8Array>,
  file: string,
): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (cause) {
    throw new CliError(`Cannot read "${file}": ${(cause as Error).message}`, exitCodes.usage);
  }
}

async function follow(context: CliContext, id: string): Promise<void> {
  const { terminal } = context;
  const job = await context.client().follow(id, {
    onJob: (now) => terminal.status([progressLine(terminal, now)]),
    onSilence: (text) => terminal.error(`valuation: ${text}`),
  });
  if (context.json()) context.printJson(job);
  else printJob(context, job);
  if (job.state !== 'completed') {
    throw new CliError(
      `Job ${job.id} ended as ${job.state}${job.reason === undefined ? '' : `: ${job.reason}`}`,
      exitCodes.jobNotCompleted,
    );
  }
}

function printJob(context: CliContext, job: JobView): void {
  const { terminal } = context;
  terminal.out(`Job ${job.id}  ${job.state}${job.reason === undefined ? '' : ` (${job.reason})`}`);
  terminal.out('');
  terminal.out(metricTable([job]));
  if (job.workers.length > 0) terminal.out(`\n${workerTable([job])}`);
  for (const line of errorLines([job])) terminal.out(terminal.style('yellow', line));
}

async function listJobs(
  context: CliContext,
  flags: { readonly state?: string; readonly limit: string },
): Promise<void> {
  const parameters = new URLSearchParams({ limit: flags.limit });
  if (flags.state !== undefined) parameters.set('state', flags.state);
  const { jobs } = await context.client().json<{ jobs: JobView[] }>(`/v1/jobs?${parameters}`);
  if (context.json()) return context.printJson(jobs);
  if (jobs.length === 0) return context.terminal.out('There are no jobs');
  context.terminal.out(jobTable(jobs));
}

async function show(context: CliContext, id: string, stay: boolean): Promise<void> {
  if (stay) return follow(context, id);
  const job = await context.client().job(id);
  if (context.json()) return context.printJson(job);
  printJob(context, job);
}

async function cancel(context: CliContext, id: string): Promise<void> {
  const job = await context
    .client()
    .json<JobView>(`/v1/jobs/${encodeURIComponent(id)}`, { method: 'DELETE' });
  // A job that had ended stays what it was.
  const cancelled = job.state === 'cancelled';
  if (context.json()) return context.printJson({ ...job, cancelled });
  context.terminal.out(
    cancelled
      ? `Job ${job.id} is cancelled`
      : `Job ${job.id} was already ${job.state}; nothing was cancelled`,
  );
}
