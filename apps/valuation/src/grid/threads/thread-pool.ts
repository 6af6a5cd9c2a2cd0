// The pricing threads of a node. Each has at most two chunks, one at work and one ready behind it, so that it never
// waits for the event loop. A thread that dies or is over its deadline is replaced; the chunk it was at is blamed, the
// one behind it goes on to the next thread.

import type { Cancellable, Clock, Timers } from 'parvi/runtime';
import type { ChunkFigures } from '../core/totals.ts';
import type { ChunkWork, FromThread, ToThread } from './thread-protocol.ts';

/** One thread as the pool sees it. */
export interface ThreadHandle {
  post(message: ToThread): void;
  /** Ends it at once, whatever it does. Its `onExit` is called. */
  kill(): void;
}

/** Starts a thread: the port to `node:worker_threads`. */
export type StartThread = (events: {
  readonly onMessage: (message: FromThread) => void;
  /** The thread is gone; `error` says why where that is known. */
  readonly onExit: (error: Error | undefined) => void;
}) => ThreadHandle;

export type WorkOutcome =
  | { readonly kind: 'done'; readonly block: Uint8Array; readonly figures: ChunkFigures }
  | {
      readonly kind: 'failed';
      readonly reason: 'thread-died' | 'deadline';
      readonly error: string;
    };

export interface PoolTask {
  /** Names the chunk; unique among those in the pool. */
  readonly key: string;
  readonly work: ChunkWork;
  readonly deadlineMs: number;
  /** Goes before all others that have not reached a thread. */
  readonly urgent: boolean;
  readonly onStarted: () => void;
  readonly onEnded: (outcome: WorkOutcome) => void;
}

export interface PoolOptions {
  readonly threads: number;
  readonly start: StartThread;
  readonly clock: Clock;
  readonly timers: Timers;
  /** The JSON of a snapshot by content hash, for threads that have not seen it. */
  readonly snapshot: (hash: string) => Uint8Array | undefined;
  /** Start the threads with the first task and not before. */
  readonly lazy?: boolean;
  /** Told when a thread had to be replaced. */
  readonly onThreadLost?: (error: string) => void;
}

interface Posted {
  readonly task: PoolTask;
  readonly number: number;
  started: boolean;
}

interface Thread {
  handle: ThreadHandle;
  ready: boolean;
  /** In the order the thread takes them: the first is at work. */
  posted: Posted[];
  deadline: Cancellable | undefined;
  overDeadline: boolean;
  busySinceMs: number | undefined;
  readonly snapshots: Set<string>;
}

const postedMax = 2;
/** A thread that dies before it was ever ready is started again after this long, not at once. */
const restartDelayMs = 1000;

export class ThreadPool {
  readonly #options: PoolOptions;
  readonly #threads: Thread[] = [];
  readonly #queue: PoolTask[] = [];
  #nextNumber = 1;
  #busyMs = 0;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    if (options.lazy !== true) this.#startThreads();
  }

  get threads(): number {
    return this.#options.threads;
  }

  /** Tasks that have not ended. */
  get held(): readonly string[] {
    const posted = this.#threads.flatMap((thread) => thread.posted);
    return [...posted.map(({ task }) => task), ...this.#queue].map((task) => task.key);
  }

  /** Thread time spent on tasks since the start, those at work included. */
  busyMs(): number {
    const now = this.#options.clock.nowMs();
    return this.#threads.reduce((sum, { busySinceMs }) => {
      return sum + (busySinceMs === undefined ? 0 : now - busySinceMs);
    }, this.#busyMs);
  }

  add(task: PoolTask): void {
    this.#startThreads();
    if (task.urgent) this.#queue.unshift(task);
    else this.#queue.push(task);
    this.#feed();
  }

  /** Forgets a task; nothing is told of it any more. One at work is let run to its end. */
  cancel(key: string): void {
    const queued = this.#queue.findIndex((task) => task.key === key);
    if (queued >= 0) this.#queue.splice(queued, 1);
    for (const thread of this.#threads) {
      thread.posted = thread.posted.map((posted) =>
        posted.task.key === key ? { ...posted, task: silenced(posted.task) } : posted,
      );
    }
  }

  close(): void {
    this.#closed = true;
    this.#queue.length = 0;
    for (const thread of this.#threads) {
      thread.deadline?.cancel();
      thread.posted = [];
      thread.handle.kill();
    }
  }

  #feed(): void {
    while (this.#queue.length > 0) {
      let best: Thread | undefined;
      for (const thread of this.#threads) {
        if (!thread.ready || thread.overDeadline || thread.posted.length >= postedMax) continue;
        if (best === undefined || thread.posted.length < best.posted.length) best = thread;
      }
      const task = best === undefined ? undefined : this.#queue.shift();
      if (best === undefined || task === undefined) return;
      this.#post(best, task);
    }
  }

  #post(thread: Thread, task: PoolTask): void {
    for (const hash of Object.values(task.work.snapshots)) this.#sendSnapshot(thread, hash);
    const number = this.#nextNumber++;
    thread.posted.push({ task, number, started: false });
    thread.handle.post({ kind: 'price', task: number, work: task.work });
  }

  #sendSnapshot(thread: Thread, hash: string): void {
    if (thread.snapshots.has(hash)) return;
    const bytes = this.#options.snapshot(hash);
    if (bytes === undefined) return;
    thread.snapshots.add(hash);
    thread.handle.post({ kind: 'snapshot', hash, bytes });
  }

  #startThreads(): void {
    while (this.#threads.length < this.#options.threads) this.#threads.push(this.#startThread());
  }

  #startThread(): Thread {
    const thread: Thread = {
      handle: { post: () => {}, kill: () => {} },
      ready: false,
      posted: [],
      deadline: undefined,
      overDeadline: false,
      busySinceMs: undefined,
      snapshots: new Set(),
    };
    thread.handle = this.#options.start({
      onMessage: (message) => this.#receive(thread, message),
      onExit: (error) => this.#lost(thread, error),
    });
    return thread;
  }

  #receive(thread: Thread, message: FromThread): void {
    if (this.#closed) return;
    if (message.kind === 'ready') {
      thread.ready = true;
      this.#feed();
      return;
    }
    const posted = thread.posted.find(({ number }) => number === message.task);
    if (posted === undefined) return;
    if (message.kind === 'started') {
      this.#started(thread, posted);
      return;
    }
    thread.posted = thread.posted.filter((other) => other !== posted);
    this.#rest(thread);
    posted.task.onEnded({ kind: 'done', block: message.block, figures: message.figures });
    this.#feed();
  }

  #started(thread: Thread, posted: Posted): void {
    posted.started = true;
    thread.busySinceMs = this.#options.clock.nowMs();
    thread.deadline = this.#options.timers.after(posted.task.deadlineMs, () => {
      thread.overDeadline = true;
      thread.handle.kill();
    });
    posted.task.onStarted();
  }

  #rest(thread: Thread): void {
    thread.deadline?.cancel();
    thread.deadline = undefined;
    if (thread.busySinceMs === undefined) return;
    this.#busyMs += this.#options.clock.nowMs() - thread.busySinceMs;
    thread.busySinceMs = undefined;
  }

  #lost(thread: Thread, error: Error | undefined): void {
    this.#rest(thread);
    if (this.#closed) return;
    const why = error?.message ?? (thread.overDeadline ? 'over its deadline' : 'ended by itself');
    this.#options.onThreadLost?.(why);
    const [first, ...rest] = thread.posted;
    const culprit = first?.started === true ? first : undefined;
    const innocent = culprit === undefined ? thread.posted : rest;
    this.#queue.unshift(...innocent.map(({ task }) => task));
    const at = this.#threads.indexOf(thread);
    if (thread.ready) this.#threads[at] = this.#startThread();
    else {
      this.#options.timers.after(restartDelayMs, () => {
        if (!this.#closed) this.#threads[at] = this.#startThread();
      });
    }
    thread.posted = [];
    thread.ready = false;
    culprit?.task.onEnded({
      kind: 'failed',
      reason: thread.overDeadline ? 'deadline' : 'thread-died',
      error: why,
    });
    this.#feed();
  }
}

function silenced(task: PoolTask): PoolTask {
  return { ...task, onStarted: () => {}, onEnded: () => {} };
}
