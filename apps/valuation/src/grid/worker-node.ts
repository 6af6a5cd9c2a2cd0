// A worker of the grid: asks every controller for work, has its threads price what comes, and sends the results back to
// whoever sent the chunk. The event loop here only passes bytes on, so that heartbeats go out on time.

import type { Logger, TraceSpan, Tracing } from 'parvi/observe';
import type { Cancellable, Clock, Timers } from 'parvi/runtime';
import { chunkKey } from './core/controller-state.ts';
import type { ChunkFigures } from './core/totals.ts';
import { JobShares } from './job-shares.ts';
import type { NodeMeter } from './node-meter.ts';
import { failureLengthMax, payloadBytesMax, type WorkerOptions } from './options.ts';
import type { ControllerMessage, Peer, WorkerMessage } from './protocol.ts';
import { type StartThread, ThreadPool, type WorkOutcome } from './threads/thread-pool.ts';
import type { NodeLoad } from './views.ts';

export interface WorkerNodePorts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  /** Where traces are recorded. */
  readonly tracing?: Tracing | undefined;
  readonly self: Peer<WorkerMessage>;
  readonly address: string;
  readonly startThread: StartThread;
  readonly meter: NodeMeter;
}

/** Who measures; told of each chunk that was priced. */
export interface WorkerMeter {
  chunkPriced(figures: ChunkFigures): void;
}

interface Held {
  /** Whoever asked last: a job may go on at another controller. */
  controller: Peer<ControllerMessage>;
  readonly message: Extract<WorkerMessage, { type: 'price' }>;
  started: boolean;
  /** From the arrival of the chunk to its results. */
  readonly span: TraceSpan | undefined;
}

const statusIntervalMs = 1000;
/** Versions of snapshots kept; more than any job names. */
const snapshotsMax = 1200;
const snapshotWaitMs = 15_000;

export class WorkerNode {
  meter: WorkerMeter | undefined;
  readonly #ports: WorkerNodePorts;
  readonly #pool: ThreadPool;
  readonly #window: number;
  readonly #controllers = new Map<string, Peer<ControllerMessage>>();
  readonly #held = new Map<string, Held>();
  /** Since when chunks wait for a snapshot. */
  readonly #waiting = new Map<string, number>();
  readonly #snapshots = new Map<string, Uint8Array>();
  readonly #shares: JobShares;
  readonly #timer: Cancellable;
  #trades = 0;
  #threadsLost = 0;
  #load: NodeLoad | undefined;
  #last: { atMs: number; busyMs: number; trades: number };
  #left = false;

  constructor(ports: WorkerNodePorts, options: WorkerOptions & { readonly lazy?: boolean }) {
    this.#ports = ports;
    this.#shares = new JobShares(ports);
    this.#window = options.threads * options.chunksPerThread;
    this.#pool = new ThreadPool({
      threads: options.threads,
      lazy: options.lazy ?? false,
      start: ports.startThread,
      clock: ports.clock,
      timers: ports.timers,
      snapshot: (hash) => this.#snapshots.get(hash),
      onThreadLost: (error) => {
        this.#threadsLost++;
        ports.log.error({ error }, 'Pricing thread died and is replaced');
      },
    });
    this.#last = { atMs: ports.clock.nowMs(), busyMs: 0, trades: 0 };
    this.#timer = ports.timers.every(statusIntervalMs, () => this.#everySecond());
  }

  get threads(): number {
    return this.#pool.threads;
  }

  /** Trades priced or failed since the start. */
  get trades(): number {
    return this.#trades;
  }

  /** Time that threads were at work since the start, added up. */
  get busyMs(): number {
    return this.#pool.busyMs();
  }

  get threadsLost(): number {
    return this.#threadsLost;
  }

  /** Chunks taken and not answered. */
  get held(): number {
    return this.#held.size;
  }

  /** The controllers there are; new ones are asked for work at once. */
  setControllers(peers: readonly Peer<ControllerMessage>[]): void {
    const known = new Set(this.#controllers.keys());
    this.#controllers.clear();
    for (const peer of peers) {
      this.#controllers.set(peer.path, peer);
      if (known.has(peer.path)) continue;
      this.#ports.log.info({ controller: peer.path }, 'Ready for work of a controller');
      this.#askForWork(peer);
    }
  }

  receive(message: WorkerMessage): void {
    switch (message.type) {
      case 'price':
        this.#take(message);
        break;
      case 'withdraw':
        this.#withdraw(chunkKey(message.job, message.chunk));
        break;
      case 'snapshot':
        this.#keepSnapshot(message.hash, message.bytes);
        break;
      case 'jobEnded':
        this.#shares.end(message.job, message.state);
        break;
    }
  }

  /** Gives everything unfinished back at once and takes nothing more. */
  leave(): void {
    if (this.#left) return;
    this.#left = true;
    this.#timer.cancel();
    const worker = this.#ports.self;
    for (const peer of this.#controllers.values()) peer.tell({ type: 'workerLeaving', worker });
    this.#held.clear();
    this.#pool.close();
  }

  #take(message: Extract<WorkerMessage, { type: 'price' }>): void {
    const { job, chunk, controller } = message;
    const key = chunkKey(job, chunk);
    if (this.#left) {
      this.#giveBack(message, 'The worker leaves');
      return;
    }
    const held = this.#held.get(key);
    if (held !== undefined) {
      this.#answerTo(held, message);
      return;
    }
    this.#held.set(key, {
      controller,
      message: { ...message, bytes: shared(message.bytes) },
      started: false,
      span: this.#begin(message),
    });
    if (!message.urgent) this.#shares.begin(job, message.request.metric);
    if (this.#askForSnapshots(key)) this.#waiting.set(key, this.#ports.clock.nowMs());
    else this.#price(key);
  }

  /** A chunk that came within a trace is a span of it; others begin none. */
  #begin({ job, chunk, request, first }: Extract<WorkerMessage, { type: 'price' }>) {
    const { tracing } = this.#ports;
    if (tracing?.current === undefined) return undefined;
    const attributes = {
      'valuation.job': job,
      'valuation.chunk': chunk,
      'valuation.metric': request.metric,
      'valuation.first': first,
    };
    return tracing.start({ name: 'price chunk', attributes });
  }

  /** Tells the controller of a chunk within the trace in which the chunk came. */
  #tellOf({ span, controller }: Held, message: ControllerMessage): void {
    const { tracing } = this.#ports;
    if (tracing === undefined || span === undefined) controller.tell(message);
    else tracing.run(span.context, () => controller.tell(message));
  }

  /** A chunk that is in hand is asked for by another controller, which has the job now: it gets the results. */
  #answerTo(held: Held, message: Extract<WorkerMessage, { type: 'price' }>): void {
    const { job, chunk, controller } = message;
    if (held.controller.path === controller.path) return;
    held.controller = controller;
    if (!held.started) return;
    controller.tell({ type: 'chunkStarted', worker: this.#ports.self.path, job, chunk });
  }

  #giveBack(message: Extract<WorkerMessage, { type: 'price' }>, error: string): void {
    const { job, chunk, controller } = message;
    const worker = this.#ports.self.path;
    controller.tell({ type: 'chunkFailed', worker, job, chunk, reason: 'given-back', error });
  }

  /** Asks for what a chunk needs and is not here; whether anything was missing. */
  #askForSnapshots(key: string): boolean {
    const held = this.#held.get(key);
    if (held === undefined) return false;
    let missing = false;
    for (const hash of Object.values(held.message.request.snapshots)) {
      if (this.#snapshots.has(hash)) continue;
      missing = true;
      held.controller.tell({ type: 'wantSnapshot', hash, replyTo: this.#ports.self });
    }
    return missing;
  }

  #keepSnapshot(hash: string, bytes: Uint8Array): void {
    this.#snapshots.set(hash, shared(bytes));
    for (const old of this.#snapshots.keys()) {
      if (this.#snapshots.size <= snapshotsMax) break;
      this.#snapshots.delete(old);
    }
    for (const key of this.#waiting.keys()) {
      const hashes = Object.values(this.#held.get(key)?.message.request.snapshots ?? {});
      if (hashes.every((wanted) => this.#snapshots.has(wanted))) this.#price(key);
    }
  }

  #price(key: string): void {
    this.#waiting.delete(key);
    const held = this.#held.get(key);
    if (held === undefined) return;
    const { message } = held;
    const { job, chunk, bytes, copies, first, deadlineMs, urgent } = message;
    const worker = this.#ports.self.path;
    this.#pool.add({
      key,
      work: { ...message.request, bytes, first, ...(copies === undefined ? {} : { copies }) },
      deadlineMs,
      urgent,
      onStarted: () => {
        held.started = true;
        held.controller.tell({ type: 'chunkStarted', worker, job, chunk });
      },
      onEnded: (outcome) => this.#ended(key, outcome),
    });
  }

  #ended(key: string, outcome: WorkOutcome): void {
    const held = this.#held.get(key);
    if (held === undefined) return;
    this.#held.delete(key);
    endSpan(held, outcome);
    const { job, chunk } = held.message;
    const about = { worker: this.#ports.self.path, job, chunk };
    if (outcome.kind === 'failed') {
      const { reason } = outcome;
      const error = outcome.error.slice(0, failureLengthMax);
      this.#tellOf(held, { type: 'chunkFailed', ...about, reason, error });
      return;
    }
    const { block, figures } = outcome;
    if (block.length > payloadBytesMax) {
      const error = `${block.length} bytes of results are more than a message takes`;
      this.#tellOf(held, { type: 'chunkFailed', ...about, reason: 'too-large', error });
      return;
    }
    this.#trades += figures.priced + figures.failed;
    this.meter?.chunkPriced(figures);
    if (!held.message.urgent) this.#shares.add(job, held.message.request.metric, figures);
    this.#tellOf(held, { type: 'chunkDone', ...about, figures, block });
  }

  #withdraw(key: string): void {
    this.#waiting.delete(key);
    this.#held.get(key)?.span?.end();
    if (this.#held.delete(key)) this.#pool.cancel(key);
  }

  #everySecond(): void {
    this.#load = this.#measure();
    for (const peer of this.#controllers.values()) this.#askForWork(peer);
    const nowMs = this.#ports.clock.nowMs();
    for (const [key, sinceMs] of this.#waiting) {
      // Trades whose snapshot does not come fail by themselves and say so.
      if (nowMs - sinceMs > snapshotWaitMs) this.#price(key);
      else this.#askForSnapshots(key);
    }
  }

  /** The status is the demand: it says how many chunks this worker wants in hand, and which it has. */
  #askForWork(peer: Peer<ControllerMessage>): void {
    if (this.#left) return;
    const holding: string[] = [];
    const path = withoutUid(peer.path);
    for (const [key, held] of this.#held) {
      if (withoutUid(held.controller.path) === path) holding.push(key);
    }
    peer.tell({
      type: 'workerStatus',
      worker: this.#ports.self,
      address: this.#ports.address,
      threads: this.#pool.threads,
      window: this.#window,
      holding,
      load: this.#load ?? this.#measure(),
    });
  }

  #measure(): NodeLoad {
    const atMs = this.#ports.clock.nowMs();
    const busyMs = this.#pool.busyMs();
    const spanMs = Math.max(1, atMs - this.#last.atMs);
    const busyShare = (busyMs - this.#last.busyMs) / (spanMs * this.#pool.threads);
    const tradesPerSecond = ((this.#trades - this.#last.trades) / spanMs) * 1000;
    this.#last = { atMs, busyMs, trades: this.#trades };
    return {
      tradesPerSecond,
      busyShare: Math.min(1, Math.max(0, busyShare)),
      ...this.#ports.meter.sample(),
      chunksInFlight: this.#held.size,
    };
  }
}

/**
 * Bytes of a message may lie in a buffer that is used again, and threads get them without another copy; they stay here
 * too, for the case that the thread dies.
 */
function shared(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.byteLength));
  copy.set(bytes);
  return copy;
}

function endSpan({ span }: Held, outcome: WorkOutcome): void {
  if (span === undefined) return;
  if (outcome.kind === 'failed') span.fail(new Error(outcome.error));
  else {
    const { priced, failed, pricingMs } = outcome.figures;
    span.set({
      'valuation.trades': priced + failed,
      'valuation.trades_failed': failed,
      'valuation.pricing_ms': pricingMs,
    });
  }
  span.end();
}

/** A controller found through membership is known by its place, one that sent a chunk by its incarnation too. */
const withoutUid = (path: string): string => path.replace(/#.*$/, '');
