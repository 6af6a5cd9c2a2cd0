// What a controller offers to the HTTP routes beside it: every job of the grid, whichever controller keeps it.
//
// Promises: a job that `submit` resolved with is priced to its end, each trade once, as long as its controller lives;
// if that dies, the other controllers say so by the job's id. Results are read from the controller that keeps the job.

import { isoTime, ParviError } from 'parvi/runtime';
import { BatchBuilder, type IntakeBatch } from '../intake/index.ts';
import type { ControllerNode } from './controller-node.ts';
import { controllerStopping, GridError } from './errors.ts';
import { gridViewOf } from './grid-view.ts';
import { askLink, unknownJob, unreachable } from './job-exchange.ts';
import { readPage } from './jobs/result-reader.ts';
import { type KeyedJob, wishForKey } from './key-claims.ts';
import { KeyWait } from './key-wait.ts';
import { resultBytes } from './message-bytes.ts';
import type { JobQuery } from './protocol.ts';
import type {
  GridListener,
  JobRequest,
  JobsQuery,
  ResultQuery,
  Subscription,
  ValueRequest,
} from './requests.ts';
import type { SnapshotContent } from './snapshots.ts';
import { InputDigest } from './submission.ts';
import {
  type GridView,
  type HistogramView,
  hasJobEnded,
  type JobView,
  type ResultPageView,
  type ResultView,
  type SnapshotInfoView,
} from './views.ts';

/**
 * Rows in one block of a stream of results: few, so that they are garbage before the collector takes them for lasting;
 * from another controller more, since each block is a question and an answer.
 */
const blockRows = { here: 200, elsewhere: 500 } as const;
const gridIntervalMs = 1000;
/** A page whose rows have more figures than this ends early: an answer is made in memory. */
const pageAnswerBytesMax = 8_000_000;

export class GridService {
  readonly #node: ControllerNode;
  /** Submissions under way, by idempotency key. */
  readonly #pending = new Map<string, Promise<unknown>>();

  constructor(node: ControllerNode) {
    this.#node = node;
  }

  /**
   * Takes a job; resolves when the whole input is stored. A source that throws leaves no job behind.
   *
   * @throws GridError `GRID_TOO_MANY_JOBS`, `GRID_QUEUE_FULL`, `GRID_STOPPING`, `METRIC_UNKNOWN`, `REQUEST_INVALID`,
   * `SNAPSHOT_UNKNOWN`, `TRADES_REJECTED`, `TRADES_EMPTY`, `IDEMPOTENCY_KEY_REUSED`, `IDEMPOTENCY_KEY_BUSY`,
   * `GRID_DISK_FAILED`
   */
  async submit(request: JobRequest, batches: AsyncIterable<IntakeBatch>): Promise<JobView> {
    this.#refuseWhenStopping();
    const key = request.idempotencyKey;
    if (key === undefined) return this.#submitNew(request, batches);
    const wait = new KeyWait(key, this.#node.ports.timers);
    try {
      for (let other = this.#pending.get(key); other; other = this.#pending.get(key)) {
        await wait.until(other);
      }
      // Nothing is waited for from here on until it is pending, so that no two go on.
      const known = this.#findKey(key);
      if (known !== undefined) return await this.#repeated(request, batches, known);
      const submission = this.#submitKeyed(request, batches, key, wait);
      this.#pending.set(key, submission);
      return await submission.finally(() => this.#pending.delete(key));
    } finally {
      wait.end();
    }
  }

  /** The metric's reference trade, `trades` times. */
  async submitReference(metric: string, trades: number): Promise<JobView> {
    this.#refuseWhenStopping();
    const id = await this.#node.submission.submitReference(metric, trades);
    return this.#taken(id);
  }

  /** All jobs that any controller told of, newest first. */
  jobs(query: JobsQuery): Promise<readonly JobView[]> {
    const views = new Map(this.#node.exchange.directory.views().map((view) => [view.id, view]));
    for (const view of this.#node.ownViews()) views.set(view.id, view);
    const found = [...views.values()]
      .filter(({ state }) => query.state === undefined || state === query.state)
      .sort((a, b) => (a.submittedAt < b.submittedAt ? 1 : -1));
    return Promise.resolve(found.slice(0, query.limit));
  }

  /** @throws GridError `JOB_UNKNOWN`, `OWNER_UNREACHABLE` when a controller that may know it does not answer */
  async job(id: string): Promise<JobView> {
    const own = this.#node.scheduler.view(id);
    if (own !== undefined) return own;
    const known = await this.#node.exchange.seek(id);
    if (known.gone || hasJobEnded(known.view)) return known.view;
    try {
      return (await this.#ask({ kind: 'view', job: id })) as JobView;
    } catch (error) {
      // Better an old answer than none: the news of the job's controller are a second old at most.
      const forgot = error instanceof ParviError && error.code === 'JOB_UNKNOWN';
      const now = forgot ? 'does not know it any more' : 'keeps it and does not answer now';
      const reason = `As last told by ${known.controller}, which ${now}`;
      return { ...known.view, reason };
    }
  }

  /**
   * A page of results; fewer than asked for where rows have thousands of figures, and `nextCursor` goes on.
   *
   * @throws GridError `JOB_UNKNOWN`, `JOB_LOST`, `OWNER_UNREACHABLE`, `CURSOR_INVALID`
   */
  async results(id: string, query: ResultQuery): Promise<ResultPageView> {
    const here = this.#node.scheduler.records.has(id);
    const limit = here ? query.limit : Math.min(query.limit, blockRows.elsewhere);
    let page = await this.#part(id, { ...query, limit });
    const results = [...page.results];
    let bytes = bytesOf(page);
    // Parts are small, from another controller as much as goes into a message.
    while (page.nextCursor !== undefined && page.results.length > 0) {
      const missing = query.limit - results.length;
      if (missing <= 0 || bytes >= pageAnswerBytesMax) break;
      const cursor = page.nextCursor;
      page = await this.#part(id, { ...query, cursor, limit: Math.min(missing, limit) });
      results.push(...page.results);
      bytes += bytesOf(page);
    }
    return { ...page, results };
  }

  /** All results in the order of the input, in blocks; waits for those that are still to come unless the job has ended. */
  async *resultBlocks(
    id: string,
    { failedOnly = false }: { readonly failedOnly?: boolean } = {},
  ): AsyncGenerator<readonly ResultView[]> {
    const here = this.#node.scheduler.records.has(id);
    const limit = here ? blockRows.here : blockRows.elsewhere;
    let cursor: string | undefined;
    for (;;) {
      const position = cursor === undefined ? {} : { cursor };
      const page = await this.#part(id, { limit, failedOnly, ...position });
      if (page.results.length > 0) yield page.results;
      if (page.nextCursor === undefined) return;
      if (page.nextCursor === cursor || page.results.length === 0) await this.#moved(id);
      cursor = page.nextCursor;
    }
  }

  /** @throws GridError as `results` */
  async histogram(id: string, bins: number): Promise<HistogramView> {
    return (await this.#ask({ kind: 'histogram', job: id, bins })) as HistogramView;
  }

  /** Calls back at once, on progress at most five times a second, and once at the end. */
  async watchJob(id: string, listener: (job: JobView) => void): Promise<Subscription> {
    let ended = false;
    const tell = (view: JobView): void => {
      if (ended) return;
      ended = hasJobEnded(view);
      listener(view);
    };
    const subscription = this.#node.notices.watch(id, tell);
    try {
      tell(await this.job(id));
    } catch (error) {
      subscription.cancel();
      throw error;
    }
    return subscription;
  }

  /** Ends a job; one that has ended stays as it is. @throws GridError as `results` */
  async cancel(id: string): Promise<JobView> {
    const view = (await this.#ask({ kind: 'cancel', job: id })) as JobView;
    if (!this.#node.scheduler.records.has(id)) {
      const { directory } = this.#node.exchange;
      this.#node.notices.learned(directory.learn(view.owner, [{ view }]));
    }
    return view;
  }

  /**
   * Prices a few trades and waits for it: they go to the workers before all jobs, or to threads of this controller
   * while there is no worker. A bad trade gets its error in its place.
   *
   * @throws GridError as `submit`, and `GRID_NO_WORKERS` when it took too long
   */
  async value(request: ValueRequest): Promise<readonly ResultView[]> {
    this.#refuseWhenStopping();
    const { submission, scheduler, options } = this.#node;
    const id = await submission.submitInteractive(request, batchOf(request.trades));
    try {
      const ended = await this.#node.whenEnded(id, options.valueMsMax);
      const record = scheduler.records.get(id);
      if (!ended || record === undefined) {
        throw new GridError(
          'GRID_NO_WORKERS',
          `The trades were not priced within ${options.valueMsMax} ms: try again, or submit them as a job`,
          { fields: { retryAfterSeconds: 5 } },
        );
      }
      const query = { limit: request.trades.length, failedOnly: false };
      const workerName = (worker: string): string => scheduler.workerName(worker);
      return (await readPage(record, query, { ended: true, workerName })).results;
    } finally {
      scheduler.forget(id);
    }
  }

  snapshots(): Promise<readonly SnapshotInfoView[]> {
    return Promise.resolve(this.#node.snapshots.infos());
  }

  /** The snapshot as JSON text. @throws GridError `SNAPSHOT_UNKNOWN` */
  snapshot(name: string): Promise<SnapshotContent> {
    return Promise.resolve().then(() => this.#node.snapshots.read(name));
  }

  /** Stores a snapshot; jobs that run keep the one they began with. @throws MarketError `SNAPSHOT_INVALID` */
  async putSnapshot(name: string, snapshot: unknown): Promise<SnapshotInfoView> {
    const { snapshots, ports } = this.#node;
    const { hash, evaluationDate } = await snapshots.put(name, snapshot, {
      wallMs: () => ports.clock.wallMs(),
      turn: () => new Promise((resolve) => ports.timers.after(0, resolve)),
    });
    for (const link of ports.links()) this.#node.greet(link);
    return { name, hash, evaluationDate };
  }

  grid(): GridView {
    return gridViewOf(this.#node);
  }

  /** The grid each second and when a member changes, jobs as they move, members as they come and go. */
  watchGrid(listener: GridListener): Subscription {
    const { ports, notices } = this.#node;
    const jobs = notices.watchAll((view) => listener.job(view));
    const timer = ports.timers.every(gridIntervalMs, () => listener.grid(this.grid()));
    const members = ports.membership.subscribe((member, change) => {
      const at = isoTime(ports.clock.wallMs());
      listener.member({ at, address: member.address, roles: [...member.roles], change });
      listener.grid(this.grid());
    });
    return {
      cancel: () => {
        jobs.cancel();
        timer.cancel();
        members.cancel();
      },
    };
  }

  /** Other controllers may have the same key at this moment. */
  async #submitKeyed(
    request: JobRequest,
    batches: AsyncIterable<IntakeBatch>,
    key: string,
    wait: KeyWait,
  ): Promise<JobView> {
    const { ports, claims, controllerStatuses } = this.#node;
    const known = (): KeyedJob | undefined => {
      this.#refuseWhenStopping();
      return this.#findKey(key);
    };
    const wish = await wishForKey(key, known, wait, {
      timers: ports.timers,
      selfAddress: ports.membership.selfAddress,
      links: () =>
        ports.links().filter(({ address }) => controllerStatuses.get(address)?.leaving !== true),
      claims,
    });
    if (wish.job !== undefined) return this.#repeated(request, batches, wish.job);
    let job: KeyedJob | undefined;
    try {
      const view = await this.#submitNew(request, batches);
      job = this.#findKey(key);
      return view;
    } finally {
      wish.end(job);
    }
  }

  async #submitNew(request: JobRequest, batches: AsyncIterable<IntakeBatch>): Promise<JobView> {
    const { id, digest } = await this.#node.submission.submit(request, batches);
    const record = this.#node.scheduler.records.get(id);
    if (record !== undefined && request.idempotencyKey !== undefined && digest !== undefined) {
      record.idempotency = { key: request.idempotencyKey, digest };
    }
    return this.#taken(id);
  }

  #taken(id: string): JobView {
    this.#node.jobTaken();
    this.#node.notices.tellNow(id);
    const view = this.#node.scheduler.view(id);
    if (view === undefined) throw unknownJob(id);
    const { metric, trades, rejected } = view;
    const about = { job: id, metric, trades, rejected };
    this.#node.scheduler.within(id, () => this.#node.ports.log.info(about, 'Job taken'));
    return view;
  }

  #findKey(key: string): KeyedJob | undefined {
    for (const { id, idempotency } of this.#node.scheduler.records.values()) {
      if (idempotency?.key === key) return { id, digest: idempotency.digest };
    }
    const entry = this.#node.exchange.directory.findKey(key);
    return entry && { id: entry.view.id, digest: entry.digest };
  }

  async #repeated(
    request: JobRequest,
    batches: AsyncIterable<IntakeBatch>,
    known: KeyedJob,
  ): Promise<JobView> {
    const digest = new InputDigest(request);
    for await (const batch of batches) digest.add(batch);
    if (digest.value() === known.digest) return this.job(known.id);
    throw new GridError(
      'IDEMPOTENCY_KEY_REUSED',
      `The idempotency key "${request.idempotencyKey}" belongs to job "${known.id}", which had another request or input: use a new key`,
      { fields: { field: 'Idempotency-Key', job: known.id } },
    );
  }

  #refuseWhenStopping(): void {
    if (this.#node.isStopping) throw controllerStopping();
  }

  /** Resolves when the job may have moved. */
  async #moved(id: string): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = this.#node.ports.timers.after(gridIntervalMs, () => done());
      const subscription = this.#node.notices.watch(id, () => done());
      const done = (): void => {
        timer.cancel();
        subscription.cancel();
        resolve();
      };
    });
  }

  /** A page, or as much of it as one message of another controller takes: at least one row, if there is one. */
  async #part(id: string, query: ResultQuery): Promise<ResultPageView> {
    return (await this.#ask({ kind: 'results', job: id, query })) as ResultPageView;
  }

  /** Asks the controller that keeps the job: this one, or the one that was heard of or is found. */
  async #ask(query: JobQuery): Promise<unknown> {
    if (this.#node.scheduler.records.has(query.job)) return this.#node.answers.answer(query);
    const { view, controller, gone } = await this.#node.exchange.seek(query.job);
    if (gone || view.state === 'lost') throw lostJob(view);
    if (controller === this.#node.ports.membership.selfAddress) throw unknownJob(query.job);
    const link = this.#node.ports.links().find(({ address }) => address === controller);
    if (link === undefined) throw unreachable(query.job, controller);
    try {
      return await askLink(link, query);
    } catch (error) {
      // It has left, and the job is somewhere else now.
      if (this.#keeperOf(query.job) === controller) throw error;
      return this.#ask(query);
    }
  }

  /** Address of the controller that keeps the job, as far as it is known here. */
  #keeperOf(job: string): string | undefined {
    if (this.#node.scheduler.records.has(job)) return this.#node.ports.membership.selfAddress;
    return this.#node.exchange.heardOf(job)?.controller;
  }
}

const bytesOf = ({ results }: ResultPageView): number =>
  results.reduce((bytes, row) => bytes + resultBytes(row), 0);

function lostJob(view: JobView): GridError {
  return new GridError(
    'JOB_LOST',
    `The results of job "${view.id}" are gone with the controller ${view.owner}: submit it again`,
  );
}

/** Trades as an input of a job, the bad ones as its refused rows. */
function batchOf(trades: readonly unknown[]): IntakeBatch {
  const builder = new BatchBuilder();
  for (const trade of trades) builder.addValue(trade);
  return builder.take();
}
