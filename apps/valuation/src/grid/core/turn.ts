// One step of the scheduling: the state as it was, what changed so far, and the effects asked for. Collections are
// copied when first written, so that the state that came in stays as it is.

import type { ControllerState, GridEffect, WorkerState } from './controller-state.ts';
import type { CostModel } from './cost-model.ts';
import type { JobState } from './job.ts';
import type { SchedulingOptions } from './options.ts';

export class Turn {
  readonly now: number;
  readonly options: SchedulingOptions;
  readonly effects: GridEffect[] = [];
  readonly #before: ControllerState;
  #workers: Map<string, WorkerState> | undefined;
  #jobs: Map<string, JobState> | undefined;
  #costs: CostModel;
  #virtualMs: number;
  tickedMs: number | undefined;

  constructor(state: ControllerState, now: number) {
    this.now = now;
    this.options = state.options;
    this.#before = state;
    this.#costs = state.costs;
    this.#virtualMs = state.virtualMs;
    this.tickedMs = state.tickedMs;
  }

  get workers(): ReadonlyMap<string, WorkerState> {
    return this.#workers ?? this.#before.workers;
  }

  get jobs(): ReadonlyMap<string, JobState> {
    return this.#jobs ?? this.#before.jobs;
  }

  get costs(): CostModel {
    return this.#costs;
  }

  set costs(costs: CostModel) {
    this.#costs = costs;
  }

  get virtualMs(): number {
    return this.#virtualMs;
  }

  set virtualMs(virtualMs: number) {
    this.#virtualMs = virtualMs;
  }

  putJob(job: JobState): void {
    this.#jobs ??= new Map(this.#before.jobs);
    this.#jobs.set(job.id, job);
  }

  removeJob(id: string): void {
    this.#jobs ??= new Map(this.#before.jobs);
    this.#jobs.delete(id);
  }

  putWorker(worker: WorkerState): void {
    this.#workers ??= new Map(this.#before.workers);
    this.#workers.set(worker.id, worker);
  }

  removeWorker(id: string): void {
    this.#workers ??= new Map(this.#before.workers);
    this.#workers.delete(id);
  }

  /** Takes a chunk off what a worker is thought to hold. */
  release(workerId: string, key: string): void {
    const worker = this.workers.get(workerId);
    if (worker === undefined || !worker.held.has(key)) return;
    const held = new Set(worker.held);
    held.delete(key);
    this.putWorker({ ...worker, held });
  }

  emit(effect: GridEffect): void {
    this.effects.push(effect);
  }

  end(): { readonly state: ControllerState; readonly effects: readonly GridEffect[] } {
    const state: ControllerState = {
      options: this.options,
      workers: this.workers,
      jobs: this.jobs,
      costs: this.#costs,
      virtualMs: this.#virtualMs,
      tickedMs: this.tickedMs,
    };
    return { state, effects: this.effects };
  }
}
