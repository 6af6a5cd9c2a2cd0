// How a job comes in: checked against the limits, its trades spooled as they arrive, and either opened for pricing or
// gone without a trace.

import { createHash, type Hash } from 'node:crypto';
import type { Clock } from 'parvi/runtime';
import { newUuid } from 'parvi/runtime';
import type { Trade } from '../instruments/index.ts';
import type { IntakeBatch, RowProblem } from '../intake/index.ts';
import { isMetric, metricNames, pricingOptionsSchema, referenceTrade } from '../pricing/index.ts';
import { hasEnded, queuedTrades } from './core/job.ts';
import { controllerStopping, GridError } from './errors.ts';
import { JobRecord } from './jobs/job-record.ts';
import type { ControllerOptions } from './options.ts';
import type { JobRequest } from './requests.ts';
import type { Scheduler } from './scheduler.ts';
import { type SnapshotCatalogue, unknownSnapshot } from './snapshots.ts';
import type { SpoolDisk } from './storage/spool.ts';
import { pricingOptions } from './threads/trade-pricing.ts';

export interface SubmissionPorts {
  readonly clock: Clock;
  readonly disk: SpoolDisk;
  readonly memory: SpoolDisk;
  readonly scheduler: Scheduler;
  readonly snapshots: SnapshotCatalogue;
  readonly options: ControllerOptions;
}

type Head = Pick<JobRequest, 'metric' | 'snapshot' | 'engine' | 'options' | 'name'>;

interface Opening {
  readonly interactive: boolean;
  readonly eager: boolean;
  readonly repeated?: { readonly trade: Trade; readonly copies: number };
}

export class Submission {
  readonly #ports: SubmissionPorts;
  /** Let in, but not yet with the scheduler: nobody else is let in for the same room. */
  readonly #arriving = { jobs: 0, questions: 0, trades: 0 };

  constructor(ports: SubmissionPorts) {
    this.#ports = ports;
  }

  /** Takes a whole input; the id of the job and the digest of request and input. */
  async submit(
    request: JobRequest,
    batches: AsyncIterable<IntakeBatch>,
  ): Promise<{ readonly id: string; readonly digest: string | undefined }> {
    this.#checkRoom(false);
    const digest = request.idempotencyKey === undefined ? undefined : new InputDigest(request);
    const record = await this.#open(request, {
      interactive: false,
      eager: request.onError === 'skip',
    });
    try {
      await this.#read(record, request, batches, digest);
    } catch (error) {
      // A cancelled job stays listed as what it is, also when its spool was closed under the upload.
      if (this.#hasEnded(record.id)) throw this.#endedMeanwhile(record.id, error);
      this.#ports.scheduler.forget(record.id);
      throw error;
    }
    this.#ports.scheduler.dispatch({ kind: 'inputEnded', job: record.id });
    return { id: record.id, digest: digest?.value() };
  }

  /** The metric's reference trade many times over. */
  async submitReference(metric: string, copies: number): Promise<string> {
    this.#checkRoom(false);
    this.#checkTrades(copies);
    const { trade } = referenceTrade(checkedMetric(metric));
    const head = { metric, snapshot: trade.snapshot ?? 'default' };
    const repeated = { trade, copies };
    const opening = { interactive: false, eager: false, repeated };
    const { id: job } = await this.#arrive('trades', copies, () => this.#open(head, opening));
    this.#ports.scheduler.dispatch({ kind: 'tradesAppended', job, available: copies });
    this.#ports.scheduler.dispatch({ kind: 'inputEnded', job });
    return job;
  }

  /** A few trades that somebody waits for. */
  async submitInteractive(head: Head, batch: IntakeBatch): Promise<string> {
    this.#checkRoom(true);
    this.#checkTrades(batch.trades);
    const { record, available } = await this.#arrive('trades', batch.trades, async () => {
      const record = await this.#open(head, { interactive: true, eager: false });
      return { record, available: await record.append(batch) };
    });
    this.#ports.scheduler.dispatch({ kind: 'tradesAppended', job: record.id, available });
    this.#ports.scheduler.dispatch({ kind: 'inputEnded', job: record.id });
    return record.id;
  }

  #open(request: Head, opening: Opening): Promise<JobRecord> {
    const what = opening.interactive ? 'questions' : 'jobs';
    return this.#arrive(what, 1, () => this.#openRecord(request, opening));
  }

  async #arrive<T>(
    what: 'jobs' | 'questions' | 'trades',
    count: number,
    work: () => Promise<T>,
  ): Promise<T> {
    this.#arriving[what] += count;
    try {
      return await work();
    } finally {
      this.#arriving[what] -= count;
    }
  }

  async #openRecord(request: Head, opening: Opening): Promise<JobRecord> {
    const { clock, disk, memory, scheduler, snapshots } = this.#ports;
    const trace = scheduler.currentTrace;
    const metric = checkedMetric(request.metric);
    checkOptions(request);
    if (!snapshots.has(request.snapshot)) {
      throw unknownSnapshot(request.snapshot, snapshots.infos());
    }
    const { engine, options, snapshot } = request;
    const { interactive, eager, repeated } = opening;
    const record = await JobRecord.open({
      id: newUuid(),
      name: request.name,
      pricing: {
        metric,
        snapshot,
        snapshots: snapshots.pinned(),
        ...(engine === undefined ? {} : { engine }),
        ...(options === undefined ? {} : { options }),
      },
      interactive,
      clock,
      disk: interactive ? memory : disk,
      ...(repeated === undefined ? {} : { repeated }),
    });
    record.trace = trace;
    scheduler.records.set(record.id, record);
    const { id, portfolio } = record;
    const costScope = [metric, engine, JSON.stringify(options ?? {})].join(' ');
    scheduler.dispatch({
      kind: 'jobAdded',
      spec: { id, costScope, portfolio, weight: 1, interactive, eager },
    });
    return record;
  }

  async #read(
    record: JobRecord,
    request: JobRequest,
    batches: AsyncIterable<IntakeBatch>,
    digest: InputDigest | undefined,
  ): Promise<void> {
    const { scheduler, options } = this.#ports;
    const refused: RowProblem[] = [];
    let refusals = 0;
    for await (const batch of batches) {
      digest?.add(batch);
      refusals += batch.rejected.length;
      if (request.onError === 'reject' && refusals > 0) {
        // Nothing will be priced; the rest is read only to say how much is wrong.
        refused.push(...batch.rejected.slice(0, options.rejectedListMax - refused.length));
        continue;
      }
      this.#checkTrades(batch.trades);
      if (this.#hasEnded(record.id)) throw this.#endedMeanwhile(record.id);
      const available = await this.#arrive('trades', batch.trades, () => record.append(batch));
      scheduler.dispatch({ kind: 'tradesAppended', job: record.id, available });
    }
    if (this.#hasEnded(record.id)) throw this.#endedMeanwhile(record.id);
    if (refused.length > 0) throw tradesRejected(refused, refusals);
    if (record.portfolio.length === 0 && record.rejected.size === 0) throw noTrades();
  }

  /** It was cancelled, or this controller leaves and may have given it away already, as one that has ended. */
  #endedMeanwhile(id: string, cause?: unknown): GridError {
    const job = this.#ports.scheduler.job(id);
    const isLost = job === undefined || job.phase === 'lost';
    return isLost ? controllerStopping() : jobCancelled(id, cause);
  }

  #hasEnded(id: string): boolean {
    const job = this.#ports.scheduler.job(id);
    return job === undefined || hasEnded(job);
  }

  #checkRoom(interactive: boolean): void {
    const { scheduler, options } = this.#ports;
    const most = interactive ? options.valuesMax : options.jobsMax;
    const jobs = [...scheduler.state.jobs.values()];
    const there = jobs.filter((job) => job.interactive === interactive && !hasEnded(job)).length;
    const open = there + this.#arriving[interactive ? 'questions' : 'jobs'];
    if (open < most) return;
    const what = interactive ? 'question' : 'job';
    throw new GridError(
      'GRID_TOO_MANY_JOBS',
      `Cannot take another ${what}: ${open} are there and ${most} is the most; wait for one to end`,
      { fields: { retryAfterSeconds: this.#retryAfterSeconds() } },
    );
  }

  #checkTrades(more: number): void {
    const { scheduler, options } = this.#ports;
    let queued = this.#arriving.trades;
    for (const job of scheduler.state.jobs.values()) queued += queuedTrades(job);
    if (queued + more <= options.queuedTradesMax) return;
    throw new GridError(
      'GRID_QUEUE_FULL',
      `Cannot queue ${more} more trades: ${queued} are waiting and ${options.queuedTradesMax} is the most`,
      { fields: { retryAfterSeconds: this.#retryAfterSeconds() } },
    );
  }

  /** When the job nearest to its end should be done at its pace so far. */
  #retryAfterSeconds(): number {
    const { scheduler } = this.#ports;
    let soonest = 60;
    for (const job of scheduler.state.jobs.values()) {
      if (hasEnded(job)) continue;
      const perSecond = scheduler.view(job.id)?.tradesPerSecond ?? 0;
      if (perSecond > 0) soonest = Math.min(soonest, queuedTrades(job) / perSecond);
    }
    return Math.max(1, Math.ceil(soonest));
  }
}

/** Digest of everything that makes two requests the same. */
export class InputDigest {
  readonly #lines: Hash = createHash('sha256');
  readonly #rejected: Hash = createHash('sha256');
  readonly #head: string;

  constructor(request: JobRequest) {
    const { metric, snapshot, engine, name, options, onError } = request;
    this.#head = JSON.stringify([metric, snapshot, engine, name, options, onError]);
  }

  add(batch: IntakeBatch): void {
    this.#lines.update(batch.lines);
    for (const problem of batch.rejected) this.#rejected.update(JSON.stringify(problem));
  }

  value(): string {
    const parts = [this.#head, this.#lines.digest('hex'), this.#rejected.digest('hex')];
    return createHash('sha256').update(parts.join('\n')).digest('hex');
  }
}

function checkedMetric(metric: string) {
  if (isMetric(metric)) return metric;
  throw new GridError(
    'METRIC_UNKNOWN',
    `There is no metric "${metric}": there are ${metricNames.join(', ')}`,
    { fields: { field: 'metric' } },
  );
}

function checkOptions(request: Head): void {
  const parsed = pricingOptionsSchema.safeParse(pricingOptions(request));
  if (parsed.success) return;
  const issue = parsed.error.issues[0];
  const field = issue?.path[0] === undefined ? 'options' : String(issue.path[0]);
  throw new GridError('REQUEST_INVALID', `Option "${field}" is not valid: ${issue?.message}`, {
    fields: { field },
  });
}

function jobCancelled(id: string, cause?: unknown): GridError {
  return new GridError(
    'JOB_CANCELLED',
    `Job "${id}" was cancelled while its trades came in, so the rest was not read`,
    { fields: { job: id }, cause },
  );
}

function tradesRejected(rows: readonly RowProblem[], total: number): GridError {
  const first = rows[0];
  const where = first === undefined ? '' : `; the first: row ${first.row}: ${first.message}`;
  return new GridError(
    'TRADES_REJECTED',
    `${total} ${total === 1 ? 'mistake was' : 'mistakes were'} found, so nothing was priced${where}`,
    {
      fields: { errors: rows, hint: 'Correct them, or add onError=skip to price the good trades' },
    },
  );
}

function noTrades(): GridError {
  return new GridError('TRADES_EMPTY', 'The input has no trades: give at least one');
}
