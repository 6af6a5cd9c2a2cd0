// The shell around the scheduling: feeds it events, and does what it asks for. Chunks go from the spool to workers as
// the bytes they are, results from workers to the spool likewise; nothing of a trade is looked at here.

import type { Logger, TraceContext, Tracing } from 'parvi/observe';
import { type Clock, errorLine, isoTime } from 'parvi/runtime';
import {
  type ControllerState,
  chunkKey,
  type GridEffect,
  type GridEvent,
  hasWorkers,
  initialState,
} from './core/controller-state.ts';
import { hasEnded, type JobState } from './core/job.ts';
import type { SchedulingOptions } from './core/options.ts';
import { step } from './core/step.ts';
import { tradeErrorCodes } from './errors.ts';
import type { NamedWorker } from './hand-over/job-document.ts';
import type { JobRecord } from './jobs/job-record.ts';
import { jobViewOf, logJobEnd, type ViewContext } from './jobs/job-view.ts';
import { KnownWorkers } from './known-workers.ts';
import type { ControllerMessage, Peer } from './protocol.ts';
import type { JobView } from './views.ts';

export interface SchedulerPorts {
  /** Where traces are recorded. */
  readonly tracing: Tracing | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly self: Peer<ControllerMessage>;
  readonly selfAddress: string;
  readonly onJobChanged: (id: string) => void;
  readonly onJobEnded: (id: string) => void;
}

type FromWorker = Extract<
  ControllerMessage,
  { type: 'workerStatus' | 'workerLeaving' | 'chunkStarted' | 'chunkDone' | 'chunkFailed' }
>;

/** Who measures; told of what cannot be read off afterwards. */
export interface SchedulerMeter {
  /** Results of a chunk came `roundTripMs` after it was handed out. */
  chunkAnswered(roundTripMs: number): void;
  jobEnded(phase: string, elapsedMs: number): void;
}

export class Scheduler {
  readonly records = new Map<string, JobRecord>();
  meter: SchedulerMeter | undefined;
  readonly #ports: SchedulerPorts;
  readonly #workers = new KnownWorkers();
  readonly #blocks = new Map<string, Uint8Array>();
  readonly #events: GridEvent[] = [];
  #state: ControllerState;
  #running = false;
  #pricedTrades = 0;
  #duplicates = 0;
  #requeues = 0;

  constructor(ports: SchedulerPorts, options: Partial<SchedulingOptions>) {
    this.#ports = ports;
    this.#state = initialState(options);
  }

  get state(): ControllerState {
    return this.#state;
  }

  /** Trades with a result since the start. */
  get pricedTrades(): number {
    return this.#pricedTrades;
  }

  /** Results that came for what was done already, since the start. */
  get duplicates(): number {
    return this.#duplicates;
  }

  /** Chunks that were handed out again, since the start. */
  get requeues(): number {
    return this.#requeues;
  }

  /** Workers that are there now. */
  get workerCount(): number {
    let count = 0;
    for (const worker of this.#state.workers.values()) {
      if (worker.standing === 'active' && !worker.reserve) count++;
    }
    return count;
  }

  /** Their pricing threads. */
  get threadCount(): number {
    let count = 0;
    for (const [id, { standing, reserve }] of this.#state.workers) {
      if (standing === 'active' && !reserve) count += this.#workers.named(id).threads;
    }
    return count;
  }

  /** What runs now is a part of. */
  get currentTrace(): TraceContext | undefined {
    return this.#ports.tracing?.current;
  }

  /**
   * Does work for a job, up to its first `await`, within the trace of the request that made it: lines of the log name
   * that trace, and who is told of something does what follows from it within the trace, too.
   */
  within<T>(job: string, work: () => T): T {
    const { tracing } = this.#ports;
    const trace = this.records.get(job)?.trace;
    return tracing === undefined || trace === undefined ? work() : tracing.run(trace, work);
  }

  job(id: string): JobState | undefined {
    return this.#state.jobs.get(id);
  }

  view(id: string): JobView | undefined {
    const job = this.#state.jobs.get(id);
    const record = this.records.get(id);
    return job === undefined || record === undefined
      ? undefined
      : jobViewOf(job, record, this.#viewContext());
  }

  workerName(id: string): string {
    return this.#workers.named(id).address;
  }

  /** A worker as jobs name it that go to another controller. */
  nameWorker(id: string): NamedWorker {
    return this.#workers.named(id);
  }

  /** A job of another controller goes on here, or its results are kept here. */
  adopt(record: JobRecord, job: JobState, workers: readonly NamedWorker[]): void {
    this.#workers.hearOf(workers);
    this.records.set(record.id, record);
    this.dispatch({ kind: 'jobAdopted', job });
    if (!hasEnded(job)) return;
    record.freeTrades().catch((error) => this.#spoolNotFreed(record.id, error));
  }

  /** Another controller has the job. Its spool is not freed: somebody may be reading it. */
  moved(id: string): void {
    this.records.delete(id);
    this.dispatch({ kind: 'jobMoved', job: id });
  }

  dispatch(event: GridEvent): void {
    this.#events.push(event);
    if (this.#running) return;
    this.#running = true;
    try {
      for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) {
        const { state, effects } = step(this.#state, next, this.#ports.clock.nowMs());
        this.#state = state;
        for (const effect of effects) {
          if ('job' in effect) this.within(effect.job, () => this.#perform(effect));
          else this.#perform(effect);
        }
      }
    } finally {
      this.#running = false;
    }
  }

  receive(message: FromWorker): void {
    switch (message.type) {
      case 'workerStatus':
        this.#receiveStatus(message);
        break;
      case 'workerLeaving':
        if (this.#workers.get(message.worker.path)?.reserve === false) {
          this.#ports.log.info({ worker: message.worker.path }, 'Worker leaves');
        }
        this.dispatch({ kind: 'workerLeft', worker: message.worker.path });
        break;
      case 'chunkStarted': {
        const { worker, job, chunk } = message;
        this.dispatch({ kind: 'chunkStarted', worker, job, chunk });
        break;
      }
      case 'chunkDone':
        this.#receiveResults(message);
        break;
      case 'chunkFailed': {
        const { worker, job, chunk, reason, error } = message;
        const about = { worker, job, chunk, reason, error };
        this.within(job, () => this.#ports.log.warn(about, 'Chunk came back unpriced'));
        this.dispatch({ kind: 'chunkFailed', worker, job, chunk, reason });
        break;
      }
    }
  }

  /** All workers at an address are unreachable, or gone for good. */
  addressLost(address: string, gone: boolean): void {
    for (const worker of this.#workers.at(address)) {
      this.dispatch({ kind: gone ? 'workerGone' : 'workerUnreachable', worker });
    }
  }

  /** Forgets a job; its spool is freed. */
  forget(id: string): void {
    const record = this.records.get(id);
    this.records.delete(id);
    this.dispatch({ kind: 'jobRemoved', job: id });
    record?.close().catch((error) => this.#spoolNotFreed(id, error));
    this.#forgetWorkers();
  }

  #receiveStatus(status: Extract<FromWorker, { type: 'workerStatus' }>, reserve = false): void {
    const { worker, address, threads, window, holding } = status;
    if (!this.#workers.has(worker.path) && !reserve) {
      this.#ports.log.info({ worker: worker.path, threads }, 'Worker asks for work');
    }
    this.#workers.set(worker.path, { peer: worker, address, threads, reserve });
    this.dispatch({
      kind: 'workerStatus',
      worker: worker.path,
      threads,
      window,
      reserve,
      holding,
    });
  }

  /** The controller's own threads: they serve those who wait while no worker is there. */
  receiveReserve(status: Extract<FromWorker, { type: 'workerStatus' }>): void {
    this.#receiveStatus(status, true);
  }

  #receiveResults(message: Extract<FromWorker, { type: 'chunkDone' }>): void {
    const { worker, job, chunk, figures, block } = message;
    const key = chunkKey(job, chunk);
    const running = this.job(job)?.running.get(chunk);
    if (running?.worker === worker) {
      this.meter?.chunkAnswered(this.#ports.clock.nowMs() - running.assignedMs);
    }
    this.#blocks.set(key, owned(block));
    this.dispatch({ kind: 'chunkDone', worker, job, chunk, figures });
    this.#blocks.delete(key);
  }

  #perform(effect: GridEffect): void {
    switch (effect.kind) {
      case 'assign':
        this.#watched(effect.job, this.#assign(effect));
        break;
      case 'withdraw': {
        const { job, chunk } = effect;
        this.#workers.get(effect.worker)?.peer.tell({ type: 'withdraw', job, chunk });
        break;
      }
      case 'store':
        this.#watched(effect.job, this.#store(effect));
        break;
      case 'storeFailed':
        this.#watched(effect.job, this.#storeFailed(effect));
        break;
      case 'duplicateDropped':
        this.#duplicates++;
        this.#ports.log.debug(effect, 'Results that were there already are dropped');
        break;
      case 'chunkRequeued':
        this.#requeues++;
        this.#ports.log.info(effect, 'Chunk goes to another worker');
        break;
      case 'workerSilent':
        this.#ports.log.warn(effect, 'Worker has fallen silent: its chunks go to others');
        break;
      case 'jobChanged':
        this.#ports.onJobChanged(effect.job);
        break;
      case 'jobEnded':
        this.#jobEnded(effect.job);
        break;
    }
  }

  async #assign(effect: Extract<GridEffect, { kind: 'assign' }>): Promise<void> {
    const { worker, job, chunk, from, count, deadlineMs } = effect;
    const record = this.records.get(job);
    if (record === undefined) return;
    this.#started(record);
    const trades = await record.read(from, count);
    if (this.job(job)?.running.get(chunk)?.worker !== worker) return;
    this.within(job, () =>
      this.#workers.get(worker)?.peer.tell({
        type: 'price',
        controller: this.#ports.self,
        job,
        chunk,
        request: record.pricing,
        ...trades,
        first: from,
        deadlineMs,
        urgent: record.interactive,
      }),
    );
  }

  #started(record: JobRecord): void {
    if (record.startedAt !== undefined) return;
    record.startedAt = isoTime(this.#ports.clock.wallMs());
    this.#ports.onJobChanged(record.id);
  }

  async #store(effect: Extract<GridEffect, { kind: 'store' }>): Promise<void> {
    const { job, chunk, from, count, worker } = effect;
    const block = this.#blocks.get(chunkKey(job, chunk));
    const record = this.records.get(job);
    const failed = this.job(job)?.storing.get(chunk)?.figures.failed ?? 0;
    if (block === undefined || record === undefined) return;
    await record.store({ from, count, failed, worker }, block);
    this.#pricedTrades += count;
    this.dispatch({ kind: 'chunkStored', job, chunk });
  }

  async #storeFailed(effect: Extract<GridEffect, { kind: 'storeFailed' }>): Promise<void> {
    const { job, chunk, from, count, code } = effect;
    this.#ports.log.error({ job, trade: from + 1, code }, 'Trade is given up');
    await this.records
      .get(job)
      ?.storeFailed({ from, count }, { code, message: tradeErrorCodes[code] });
    this.dispatch({ kind: 'chunkStored', job, chunk });
  }

  /** A disk that fails ends the job that needed it, and says why. */
  #watched(job: string, work: Promise<void>): void {
    work.catch((error: unknown) => {
      const record = this.records.get(job);
      const state = this.job(job);
      if (record === undefined || state === undefined || hasEnded(state)) return;
      record.reason = errorLine(error);
      this.dispatch({ kind: 'jobStopped', job, phase: 'failed' });
    });
  }

  #jobEnded(id: string): void {
    const record = this.records.get(id);
    if (record === undefined) return;
    record.endedWallMs = this.#ports.clock.wallMs();
    record.endedAt = isoTime(record.endedWallMs);
    const view = this.view(id);
    if (view !== undefined && !record.interactive) {
      logJobEnd(this.#ports.log, view);
      this.meter?.jobEnded(view.state, view.elapsedMs);
    }
    const workers = this.job(id)?.totals.workers.keys() ?? [];
    for (const worker of workers) {
      const state = view?.state ?? 'completed';
      this.#workers.get(worker)?.peer.tell({ type: 'jobEnded', job: id, state });
    }
    record.freeTrades().catch((error) => this.#spoolNotFreed(id, error));
    this.#ports.onJobEnded(id);
  }

  #spoolNotFreed(job: string, error: unknown): void {
    this.#ports.log.warn({ job, error }, 'Spool of a job could not be freed');
  }

  #viewContext(): ViewContext {
    return {
      owner: this.#ports.selfAddress,
      nowMs: this.#ports.clock.nowMs(),
      hasWorkers: hasWorkers(this.#state),
      workerName: (worker) => this.workerName(worker),
      workerThreads: (worker) => this.#workers.named(worker).threads,
    };
  }

  #forgetWorkers(): void {
    const named = new Set(this.#state.workers.keys());
    for (const job of this.#state.jobs.values()) {
      for (const worker of job.totals.workers.keys()) named.add(worker);
    }
    this.#workers.keepOnly(named);
  }
}

/** Bytes of a message may lie in a buffer that is used again; these are kept until they are on disk. */
function owned(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
}
