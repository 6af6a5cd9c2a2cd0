// The shell of the giving side: offers a job to one other controller, reads its bytes, and does what the state machine
// asks for. One job at a time.

import { crc32 } from 'node:zlib';
import type { Logger } from 'parvi/observe';
import { type Cancellable, type Clock, errorLine, newUuid, type Timers } from 'parvi/runtime';
import type { ControllerLink } from '../controller-link.ts';
import { hasEnded, queuedTrades } from '../core/job.ts';
import type { JobRecord } from '../jobs/job-record.ts';
import type { ControllerMessage, Peer } from '../protocol.ts';
import type { Scheduler } from '../scheduler.ts';
import type { SnapshotCatalogue } from '../snapshots.ts';
import {
  beginGiving,
  type Giving,
  type GivingEffect,
  type GivingEnd,
  type GivingEvent,
  type Piece,
  stepGiving,
} from './giving.ts';
import { JobParts } from './job-parts.ts';
import { type GiverMessage, handOverVersion, type TakerMessage } from './protocol.ts';
import type { PartSum } from './taking.ts';

export interface GiverPorts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly self: Peer<ControllerMessage>;
  readonly selfAddress: string;
  readonly scheduler: Scheduler;
  readonly snapshots: SnapshotCatalogue;
}

export interface GivenJob {
  readonly end: GivingEnd;
  readonly reason: string | undefined;
  readonly bytes: number;
  readonly tookMs: number;
  /** How long nothing of the job was handed out. */
  readonly stoodStillMs: number;
}

/** How often it is looked how far the job is. */
const lookMs = 25;

export class JobGiver {
  readonly #ports: GiverPorts;
  #current: Transfer | undefined;

  constructor(ports: GiverPorts) {
    this.#ports = ports;
  }

  /** Gives a job of this controller away; resolves when that is over, one way or the other. */
  async give(id: string, link: ControllerLink, untilMs: number): Promise<GivenJob> {
    const record = this.#ports.scheduler.records.get(id);
    if (record === undefined) throw new Error(`Job "${id}" is not kept here`);
    const transfer = new Transfer(this.#ports, record, link);
    this.#current = transfer;
    try {
      return await transfer.run(untilMs);
    } finally {
      this.#current = undefined;
    }
  }

  /** Whoever is being given the job and was told all of it. */
  sealedFor(id: string): ControllerLink | undefined {
    const current = this.#current;
    if (current?.job !== id) return undefined;
    return this.#ports.scheduler.job(id)?.hold === 'sealed' ? current.link : undefined;
  }

  /** Resolves when the job is not on its way any more. */
  async settled(id: string): Promise<void> {
    if (this.#current?.job === id) await this.#current.over;
  }

  receive(message: TakerMessage): void {
    this.#current?.receive(message);
  }

  jobEnded(id: string): void {
    if (this.#current?.job === id) this.#current.dispatch({ kind: 'changed' });
  }

  peerGone(address: string): void {
    if (this.#current?.link.address === address) this.#current.dispatch({ kind: 'peerGone' });
  }
}

class Transfer {
  readonly job: string;
  readonly link: ControllerLink;
  readonly over: Promise<GivenJob>;
  readonly #ports: GiverPorts;
  readonly #record: JobRecord;
  readonly #id = newUuid();
  readonly #sinceMs: number;
  readonly #sums = new Map<string, { bytes: number; sum: number }>();
  readonly #events: GivingEvent[] = [];
  readonly #resolve: (given: GivenJob) => void;
  #state: Giving | undefined;
  #parts: JobParts | undefined;
  #sending: Promise<void> = Promise.resolve();
  /** Pieces before this one were sent once already. */
  #sent = 0;
  #running = false;
  #timer: Cancellable | undefined;
  #stoodStillSinceMs: number | undefined;

  constructor(ports: GiverPorts, record: JobRecord, link: ControllerLink) {
    this.#ports = ports;
    this.#record = record;
    this.job = record.id;
    this.link = link;
    this.#sinceMs = ports.clock.nowMs();
    const { promise, resolve } = Promise.withResolvers<GivenJob>();
    this.over = promise;
    this.#resolve = resolve;
  }

  run(untilMs: number): Promise<GivenJob> {
    const { clock, timers } = this.#ports;
    const { state, effects } = beginGiving({ untilMs, now: clock.nowMs() });
    this.#state = state;
    this.#timer = timers.every(lookMs, () => this.#look());
    for (const effect of effects) this.#perform(effect);
    return this.over;
  }

  receive(message: TakerMessage): void {
    if (message.transfer !== this.#id) return;
    switch (message.type) {
      case 'handOverAccepted':
        this.#accepted(message.lacks);
        break;
      case 'handOverRefused':
        this.dispatch({ kind: 'refused', reason: message.reason });
        break;
      case 'handOverAcknowledged':
        this.dispatch({ kind: 'acknowledged', next: message.next });
        break;
      case 'handOverTaken':
        this.dispatch({ kind: 'taken' });
        break;
    }
  }

  dispatch(event: GivingEvent): void {
    this.#events.push(event);
    if (this.#running) return;
    this.#running = true;
    try {
      for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) {
        if (this.#state === undefined) continue;
        const { state, effects } = stepGiving(this.#state, next, this.#ports.clock.nowMs());
        this.#state = state;
        for (const effect of effects) this.#perform(effect);
      }
    } finally {
      this.#running = false;
    }
  }

  #accepted(lacks: readonly string[]): void {
    const job = this.#ports.scheduler.job(this.job);
    if (job === undefined || this.#parts !== undefined) return;
    const contents = new Map<string, Uint8Array>();
    for (const hash of lacks) {
      const bytes = this.#ports.snapshots.content(hash);
      if (bytes !== undefined) contents.set(hash, bytes);
    }
    this.#parts = new JobParts(this.#record, job, contents);
    this.dispatch({ kind: 'accepted', parts: this.#parts.all });
  }

  /** How far the job is, and what time it is. */
  #look(): void {
    const job = this.#ports.scheduler.job(this.job);
    if (job === undefined) return;
    const bytes = this.#record.resultBytes;
    const { running, storing } = job;
    this.dispatch({ kind: 'progress', bytes, running: running.size, storing: storing.size });
    this.dispatch({ kind: 'tick' });
  }

  #perform(effect: GivingEffect): void {
    const { scheduler, clock } = this.#ports;
    switch (effect.kind) {
      case 'offer':
        this.#tell({ type: 'handOverOffer', ...this.#offer() });
        break;
      case 'piece':
        this.#send(effect.piece);
        break;
      case 'freeze':
        this.#stoodStillSinceMs = clock.nowMs();
        scheduler.dispatch({ kind: 'jobFrozen', job: this.job });
        // A job that has ended has nothing to wait for.
        this.#look();
        break;
      case 'seal':
        this.#seal();
        break;
      case 'commit':
        this.#tell({ type: 'handOverCommit', sums: this.#partSums() });
        break;
      case 'drop':
        this.#tell({ type: 'handOverDrop' });
        break;
      case 'thaw':
        scheduler.dispatch({ kind: 'jobThawed', job: this.job });
        break;
      case 'over':
        this.#over(effect.end, effect.reason);
        break;
    }
  }

  #offer() {
    const job = this.#ports.scheduler.job(this.job);
    const { pricing, tradeBytes, resultBytes, rejected } = this.#record;
    return {
      controller: this.#ports.selfAddress,
      job: {
        id: this.job,
        ended: job === undefined || hasEnded(job),
        queuedTrades: job === undefined ? 0 : queuedTrades(job),
        bytes: tradeBytes + resultBytes + rejected.bytes,
        snapshots: Object.values(pricing.snapshots),
      },
    };
  }

  #seal(): void {
    const { scheduler, clock } = this.#ports;
    scheduler.dispatch({ kind: 'jobSealed', job: this.job });
    const job = scheduler.job(this.job);
    if (job === undefined || this.#parts === undefined) return;
    this.#parts.seal(job, {
      nowMs: clock.nowMs(),
      nameWorker: (worker) => scheduler.nameWorker(worker),
    });
    this.dispatch({ kind: 'sealed', parts: this.#parts.all });
  }

  /** Pieces are read at once and sent in their order. */
  #send(piece: Piece): void {
    if (this.#parts === undefined) return;
    const reading = this.#parts.read(piece);
    this.#sending = Promise.all([reading, this.#sending])
      .then(([bytes]) => this.#sendBytes(piece, bytes))
      .catch((error) => this.dispatch({ kind: 'failed', reason: errorLine(error) }));
  }

  #sendBytes({ sequence, part }: Piece, bytes: Uint8Array): void {
    if (this.#state?.phase === 'over') return;
    if (sequence === this.#sent) {
      const { bytes: before, sum } = this.#sums.get(part) ?? { bytes: 0, sum: 0 };
      this.#sums.set(part, { bytes: before + bytes.length, sum: crc32(bytes, sum) });
      this.#sent++;
    }
    this.#tell({ type: 'handOverPiece', sequence, part, bytes });
  }

  #partSums(): PartSum[] {
    return [...this.#sums].map(([part, sums]) => ({ part, ...sums }));
  }

  #tell(message: Message): void {
    const head = { version: handOverVersion, transfer: this.#id, replyTo: this.#ports.self };
    this.link.tell({ ...head, ...message });
  }

  #over(end: GivingEnd, reason: string | undefined): void {
    this.#timer?.cancel();
    const nowMs = this.#ports.clock.nowMs();
    let bytes = 0;
    for (const part of this.#sums.values()) bytes += part.bytes;
    this.#resolve({
      end,
      reason,
      bytes,
      tookMs: nowMs - this.#sinceMs,
      stoodStillMs: nowMs - (this.#stoodStillSinceMs ?? nowMs),
    });
  }
}

type WithoutHead<M> = M extends GiverMessage ? Omit<M, 'version' | 'transfer' | 'replyTo'> : never;
type Message = WithoutHead<GiverMessage>;
