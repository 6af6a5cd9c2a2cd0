// Tells who wants to know how jobs go on: people on this controller, and the other controllers. Progress is told at
// most five times a second however fast chunks come back; an end is told at once.

import type { Cancellable, Timers } from 'parvi/runtime';
import type { Subscription } from './requests.ts';
import type { JobView } from './views.ts';

const intervalMs = 200;

type Listener = (view: JobView) => void;

export interface NoticeOptions {
  readonly timers: Timers;
  /** The view of a job of this controller. */
  readonly view: (id: string) => JobView | undefined;
  /** Tells the other controllers. */
  readonly publish: (views: readonly JobView[]) => void;
}

export class Notices {
  readonly #options: NoticeOptions;
  readonly #timer: Cancellable;
  readonly #dirty = new Set<string>();
  readonly #byJob = new Map<string, Set<Listener>>();
  readonly #all = new Set<Listener>();

  constructor(options: NoticeOptions) {
    this.#options = options;
    this.#timer = options.timers.every(intervalMs, () => this.#flush([...this.#dirty]));
  }

  /** A job of this controller moved. */
  changed(id: string): void {
    this.#dirty.add(id);
  }

  /** A job of this controller began or ended. */
  tellNow(id: string): void {
    this.#flush([id]);
  }

  /** Another controller told of its jobs. */
  learned(views: readonly JobView[]): void {
    for (const view of views) this.#tell(view);
  }

  watch(id: string, listener: Listener): Subscription {
    const listeners = this.#byJob.get(id) ?? new Set();
    listeners.add(listener);
    this.#byJob.set(id, listeners);
    return {
      cancel: () => {
        listeners.delete(listener);
        if (listeners.size === 0) this.#byJob.delete(id);
      },
    };
  }

  watchAll(listener: Listener): Subscription {
    this.#all.add(listener);
    return { cancel: () => this.#all.delete(listener) };
  }

  close(): void {
    this.#timer.cancel();
  }

  #flush(ids: readonly string[]): void {
    const views: JobView[] = [];
    for (const id of ids) {
      this.#dirty.delete(id);
      const view = this.#options.view(id);
      if (view !== undefined) views.push(view);
    }
    if (views.length === 0) return;
    this.#options.publish(views);
    for (const view of views) this.#tell(view);
  }

  #tell(view: JobView): void {
    for (const listener of [...this.#all, ...(this.#byJob.get(view.id) ?? [])]) listener(view);
  }
}
