// A grid in virtual time around the production scheduling: workers that price, die, leave and come, a network that
// loses messages, a disk that takes its time. Everything follows from the seed.

import { assert, type Random, randomFloat, randomInt, seededRandom } from 'parvi/runtime';
import {
  chunkKey,
  type GridEffect,
  type GridEvent,
  initialState,
} from '../../src/grid/core/controller-state.ts';
import { assertJobAddsUp, hasEnded, type JobState } from '../../src/grid/core/job.ts';
import type { SchedulingOptions } from '../../src/grid/core/options.ts';
import type { Portfolio } from '../../src/grid/core/portfolio.ts';
import { step } from '../../src/grid/core/step.ts';
import type { ChunkFigures } from '../../src/grid/core/totals.ts';

export type Poison = 'kills-thread' | 'kills-worker' | 'hangs';

export interface SimulationOptions {
  readonly seed: number;
  readonly workers: number;
  readonly threads: number;
  /** Part of all messages between controller and workers that never arrive. */
  readonly lossShare: number;
  /** Mean virtual time between two deaths of a random worker; a new one starts a little later. */
  readonly deathEveryMs?: number;
  readonly leaveEveryMs?: number;
  /** Mean virtual time between two standstills of a random worker, after which all its messages come late. */
  readonly stallEveryMs?: number;
  /** Time until the cluster tells the controller of a death. */
  readonly detectionMs: number;
  readonly scheduling?: Partial<SchedulingOptions>;
}

interface Task {
  readonly job: string;
  readonly chunk: number;
  readonly from: number;
  readonly count: number;
  readonly deadlineMs: number;
}

interface Scheduled {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

interface SimulatedWorker {
  readonly id: string;
  alive: boolean;
  /** Until then it does nothing and says nothing. */
  stalledUntilMs: number;
  readonly queue: Task[];
  readonly busy: Set<Task>;
  readonly withdrawn: Set<string>;
}

interface SimulatedJob {
  readonly poison: ReadonlyMap<number, Poison>;
  readonly msPerTrade: (index: number) => number;
  /** How often each trade got a result on disk, and which. */
  readonly results: Map<number, string[]>;
}

export class SimulatedGrid {
  readonly #random: Random;
  readonly #options: SimulationOptions;
  readonly #queue: Scheduled[] = [];
  readonly #workers = new Map<string, SimulatedWorker>();
  readonly #jobs = new Map<string, SimulatedJob>();
  #state = initialState();
  #now = 0;
  #order = 0;
  #nextWorker = 1;
  readonly counts = { deaths: 0, threadDeaths: 0, duplicates: 0, requeued: 0, assigned: 0 };
  readonly assignedTrades: { readonly job: string; readonly count: number }[] = [];

  constructor(options: SimulationOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
    this.#state = initialState(options.scheduling);
    for (let i = 0; i < options.workers; i++) this.startWorker();
    this.#every(250, () => this.dispatch({ kind: 'tick' }));
    const { deathEveryMs, leaveEveryMs, stallEveryMs } = options;
    if (deathEveryMs !== undefined) this.#randomly(deathEveryMs, () => this.#killSome());
    if (stallEveryMs !== undefined) this.#randomly(stallEveryMs, () => this.#stallSome());
    if (leaveEveryMs !== undefined) this.#randomly(leaveEveryMs, () => this.#leaveSome());
  }

  get now(): number {
    return this.#now;
  }

  job(id: string): JobState {
    const job = this.#state.jobs.get(id);
    assert(job !== undefined, `the simulation has job "${id}"`);
    return job;
  }

  results(id: string): ReadonlyMap<number, string[]> {
    return this.#jobs.get(id)?.results ?? new Map();
  }

  addJob(options: {
    readonly id: string;
    readonly portfolio: Portfolio;
    readonly msPerTrade: (index: number) => number;
    readonly poison?: ReadonlyMap<number, Poison>;
    readonly weight?: number;
    readonly interactive?: boolean;
  }): void {
    const { id, portfolio, msPerTrade, poison = new Map(), weight = 1 } = options;
    this.#jobs.set(id, { poison, msPerTrade, results: new Map() });
    const interactive = options.interactive ?? false;
    const spec = { id, costScope: 'NPV', portfolio, weight, interactive, eager: true };
    this.dispatch({ kind: 'jobAdded', spec });
    this.dispatch({ kind: 'tradesAppended', job: id, available: portfolio.length });
    this.dispatch({ kind: 'inputEnded', job: id });
  }

  cancel(id: string): void {
    this.dispatch({ kind: 'jobStopped', job: id, phase: 'cancelled' });
  }

  startWorker(): void {
    const id = `worker-${this.#nextWorker++}`;
    const worker: SimulatedWorker = {
      id,
      alive: true,
      stalledUntilMs: 0,
      queue: [],
      busy: new Set(),
      withdrawn: new Set(),
    };
    this.#workers.set(id, worker);
    this.#every(1000, () => worker.alive && this.#tellStatus(worker), 1);
  }

  /** Runs until all jobs have ended; the virtual time it took. */
  run(limitMs = 3_600_000): number {
    while (![...this.#state.jobs.values()].every(hasEnded)) {
      assert(this.#now < limitMs, `seed ${this.#options.seed}: jobs end within ${limitMs} ms`);
      this.runNext();
    }
    return this.#now;
  }

  runUntil(ms: number): void {
    while (this.#queue.some((entry) => entry.atMs <= ms)) this.runNext();
    this.#now = ms;
  }

  runNext(): void {
    let best = 0;
    this.#queue.forEach((entry, i) => {
      const other = this.#queue[best] as Scheduled;
      if (entry.atMs < other.atMs || (entry.atMs === other.atMs && entry.order < other.order)) {
        best = i;
      }
    });
    const [entry] = this.#queue.splice(best, 1);
    assert(entry !== undefined, 'the simulation has something to do');
    this.#now = entry.atMs;
    entry.run();
  }

  dispatch(event: GridEvent): void {
    const { state, effects } = step(this.#state, event, this.#now);
    this.#state = state;
    for (const job of state.jobs.values()) assertJobAddsUp(job);
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: GridEffect): void {
    if (effect.kind === 'assign') {
      this.counts.assigned++;
      this.assignedTrades.push({ job: effect.job, count: effect.count });
      this.#send(() => this.#receiveChunk(effect.worker, effect));
    } else if (effect.kind === 'withdraw') {
      this.#send(() => this.#withdraw(effect.worker, chunkKey(effect.job, effect.chunk)));
    } else if (effect.kind === 'store') this.#store(effect, 'value');
    else if (effect.kind === 'storeFailed') this.#store(effect, effect.code);
    else if (effect.kind === 'duplicateDropped') this.counts.duplicates++;
    else if (effect.kind === 'chunkRequeued') this.counts.requeued++;
  }

  #store(effect: Extract<GridEffect, { kind: 'store' | 'storeFailed' }>, result: string): void {
    const job = this.#jobs.get(effect.job);
    this.#after(randomFloat(this.#random) * 5, () => {
      if (hasEnded(this.job(effect.job))) return;
      for (let i = effect.from; i < effect.from + effect.count; i++) {
        const list = job?.results.get(i) ?? [];
        list.push(result);
        job?.results.set(i, list);
      }
      this.dispatch({ kind: 'chunkStored', job: effect.job, chunk: effect.chunk });
    });
  }

  #receiveChunk(id: string, task: Task): void {
    const worker = this.#workers.get(id);
    if (worker?.alive !== true) return;
    worker.withdrawn.delete(chunkKey(task.job, task.chunk));
    worker.queue.push(task);
    this.#work(worker);
  }

  #withdraw(id: string, key: string): void {
    const worker = this.#workers.get(id);
    if (worker === undefined) return;
    worker.withdrawn.add(key);
    const at = worker.queue.findIndex((task) => chunkKey(task.job, task.chunk) === key);
    if (at >= 0) worker.queue.splice(at, 1);
  }

  #work(worker: SimulatedWorker): void {
    while (worker.busy.size < this.#options.threads) {
      const task = worker.queue.shift();
      if (task === undefined) return;
      worker.busy.add(task);
      const { job, chunk } = task;
      this.#tell({ kind: 'chunkStarted', worker: worker.id, job, chunk });
      this.#price(worker, task);
    }
  }

  #price(worker: SimulatedWorker, task: Task): void {
    const job = this.#jobs.get(task.job);
    assert(job !== undefined, 'a chunk belongs to a job');
    let ms = 0.2;
    let fate: Poison | undefined;
    for (let i = task.from; i < task.from + task.count && fate === undefined; i++) {
      ms += job.msPerTrade(i);
      fate = job.poison.get(i);
    }
    if (fate === 'hangs' || ms > task.deadlineMs) ms = task.deadlineMs;
    this.#after(ms * (0.8 + 0.4 * randomFloat(this.#random)), () => {
      if (!worker.alive) return;
      worker.busy.delete(task);
      const about = { worker: worker.id, job: task.job, chunk: task.chunk };
      if (fate === 'kills-worker') {
        this.#die(worker);
        this.#after(500, () => this.startWorker());
        return;
      }
      if (fate !== undefined) {
        this.counts.threadDeaths++;
        const reason = fate === 'hangs' ? 'deadline' : 'thread-died';
        this.#tell({ kind: 'chunkFailed', ...about, reason });
      } else this.#tell({ kind: 'chunkDone', ...about, figures: figuresOf(task, ms) });
      this.#work(worker);
    });
  }

  #tellStatus(worker: SimulatedWorker): void {
    const { threads } = this.#options;
    const holding = [...worker.queue, ...worker.busy]
      .map((task) => chunkKey(task.job, task.chunk))
      .filter((key) => !worker.withdrawn.has(key));
    this.#tell({
      kind: 'workerStatus',
      worker: worker.id,
      threads,
      window: 2 * threads,
      holding,
    });
  }

  #killSome(): void {
    const alive = [...this.#workers.values()].filter((worker) => worker.alive);
    const victim = alive[randomInt(this.#random, alive.length)];
    if (victim === undefined || alive.length < 2) return;
    this.#die(victim);
    this.#after(300 + randomFloat(this.#random) * 3000, () => this.startWorker());
  }

  #stallSome(): void {
    const alive = [...this.#workers.values()].filter((worker) => worker.alive);
    const victim = alive[randomInt(this.#random, alive.length)];
    if (victim !== undefined) victim.stalledUntilMs = this.#now + randomFloat(this.#random) * 9000;
  }

  #die(worker: SimulatedWorker): void {
    this.counts.deaths++;
    worker.alive = false;
    this.#after(this.#options.detectionMs, () =>
      this.dispatch({ kind: 'workerGone', worker: worker.id }),
    );
  }

  #leaveSome(): void {
    const alive = [...this.#workers.values()].filter((worker) => worker.alive);
    const leaver = alive[randomInt(this.#random, alive.length)];
    if (leaver === undefined || alive.length < 2) return;
    leaver.alive = false;
    this.#after(1, () => this.dispatch({ kind: 'workerLeft', worker: leaver.id }));
    this.#after(1000, () => this.startWorker());
  }

  #tell(event: GridEvent & { readonly worker: string }): void {
    const stalledMs = (this.#workers.get(event.worker)?.stalledUntilMs ?? 0) - this.#now;
    this.#send(() => this.dispatch(event), Math.max(0, stalledMs));
  }

  #send(deliver: () => void, laterMs = 0): void {
    if (randomFloat(this.#random) < this.#options.lossShare) return;
    this.#after(laterMs + 0.2 + randomFloat(this.#random), deliver);
  }

  #after(ms: number, run: () => void): void {
    this.#queue.push({ atMs: this.#now + ms, order: this.#order++, run });
  }

  #every(ms: number, run: () => unknown, firstMs = ms): void {
    this.#after(firstMs, () => {
      if (run() !== false) this.#every(ms, run);
    });
  }

  #randomly(meanMs: number, run: () => void): void {
    this.#after(meanMs * 2 * randomFloat(this.#random), () => {
      run();
      this.#randomly(meanMs, run);
    });
  }
}

function figuresOf(task: Task, ms: number): ChunkFigures {
  return {
    priced: task.count,
    failed: 0,
    errors: {},
    sum: { high: task.count, low: 0 },
    min: 1,
    max: 1,
    pricingMs: ms,
    busyMs: ms,
  };
}
