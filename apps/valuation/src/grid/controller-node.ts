// A controller of the grid: what it keeps itself, what it knows of the other controllers, and how it answers them.

import type { Logger, Tracing } from 'parvi/observe';
import type { Cancellable, Clock, Timers } from 'parvi/runtime';
import { bundledSnapshot, bundledSnapshotNames, parseSnapshot } from '../market/index.ts';
import { Answers } from './answers.ts';
import type { ControllerLink } from './controller-link.ts';
import { hasWorkers } from './core/controller-state.ts';
import { hasEnded, queuedTrades } from './core/job.ts';
import { HandOver } from './hand-over/hand-over.ts';
import { handOverVersion } from './hand-over/protocol.ts';
import { JobExchange } from './job-exchange.ts';
import { KeyClaims } from './key-claims.ts';
import { hasLeft, isMember, type Membership } from './membership.ts';
import type { NodeMeter } from './node-meter.ts';
import { Notices } from './notices.ts';
import type { ControllerOptions } from './options.ts';
import type {
  ControllerMessage,
  ControllerStatus,
  JobNews,
  Peer,
  WorkerStatus,
} from './protocol.ts';
import { Scheduler } from './scheduler.ts';
import { SnapshotCatalogue } from './snapshots.ts';
import { fileSpoolDisk, memorySpoolDisk, type SpoolDisk } from './storage/spool.ts';
import { Submission } from './submission.ts';
import type { JobView, NodeLoad } from './views.ts';

export interface ControllerNodePorts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  /** Where traces are recorded. */
  readonly tracing?: Tracing | undefined;
  readonly self: Peer<ControllerMessage>;
  readonly membership: Membership;
  /** The other controllers that are members. */
  readonly links: () => readonly ControllerLink[];
  readonly meter: NodeMeter;
  /** Files by default; a test may hand in another. */
  readonly disk?: SpoolDisk;
}

const tickMs = 250;
const statusMs = 1000;
/** All jobs are told anew this often: news may be lost. */
const newsEveryStatuses = 5;

export class ControllerNode {
  readonly ports: ControllerNodePorts;
  readonly options: ControllerOptions;
  readonly scheduler: Scheduler;
  readonly snapshots = new SnapshotCatalogue();
  readonly exchange: JobExchange;
  readonly claims: KeyClaims;
  readonly notices: Notices;
  readonly submission: Submission;
  readonly handOver: HandOver;
  readonly answers = new Answers(this);
  /** Last status of each worker and each other controller, by address. */
  readonly workerStatuses = new Map<string, WorkerStatus>();
  readonly controllerStatuses = new Map<string, ControllerStatus>();
  readonly #disk: SpoolDisk;
  readonly #timers: Cancellable[];
  readonly #waiters = new Map<string, () => void>();
  #statuses = 0;
  #jobsTaken = 0;
  #load: NodeLoad | undefined;
  #stopping = false;

  constructor(ports: ControllerNodePorts, options: ControllerOptions) {
    this.ports = ports;
    this.options = options;
    this.claims = new KeyClaims(ports.clock);
    this.scheduler = new Scheduler(
      {
        clock: ports.clock,
        log: ports.log,
        tracing: ports.tracing,
        self: ports.self,
        selfAddress: ports.membership.selfAddress,
        onJobChanged: (id) => this.notices.changed(id),
        onJobEnded: (id) => {
          this.handOver.jobEnded(id);
          this.#waiters.get(id)?.();
          this.notices.tellNow(id);
        },
      },
      options.scheduling,
    );
    this.notices = new Notices({
      timers: ports.timers,
      view: (id) => (this.#isShown(id) ? this.scheduler.view(id) : undefined),
      publish: (views) => this.exchange.publish(views.map((view) => this.newsOf(view))),
    });
    this.exchange = new JobExchange({
      clock: ports.clock,
      log: ports.log,
      selfAddress: ports.membership.selfAddress,
      links: ports.links,
      ownJobs: () => this.ownViews().map((view) => this.newsOf(view)),
      isOwn: (job) => this.scheduler.records.has(job),
      isMember: () => isMember(ports.membership),
      onLearned: (views) => this.notices.learned(views),
    });
    this.#disk = ports.disk ?? fileSpoolDisk(options.spoolDirectory);
    this.submission = new Submission({
      clock: ports.clock,
      disk: this.#disk,
      memory: memorySpoolDisk(),
      scheduler: this.scheduler,
      snapshots: this.snapshots,
      options,
    });
    this.handOver = new HandOver(this, this.#disk);
    for (const name of bundledSnapshotNames) {
      this.snapshots.store(parseSnapshot(bundledSnapshot(name)), 0);
    }
    this.#timers = [
      ports.timers.every(tickMs, () => this.scheduler.dispatch({ kind: 'tick' })),
      ports.timers.every(statusMs, () => this.#everySecond()),
    ];
  }

  get isStopping(): boolean {
    return this.#stopping;
  }

  /** Jobs taken since the start, without those that somebody waited for. */
  get jobsTaken(): number {
    return this.#jobsTaken;
  }

  get load(): NodeLoad {
    this.#load ??= this.#measure();
    return this.#load;
  }

  /** Resolves when a job of this controller has ended, or the time is over; whether it has ended. */
  async whenEnded(id: string, timeoutMs: number): Promise<boolean> {
    const ended = (): boolean => {
      const job = this.scheduler.job(id);
      return job === undefined || hasEnded(job);
    };
    if (ended()) return true;
    await new Promise<void>((resolve) => {
      const timer = this.ports.timers.after(timeoutMs, resolve);
      this.#waiters.set(id, () => {
        timer.cancel();
        resolve();
      });
    });
    this.#waiters.delete(id);
    return ended();
  }

  jobTaken(): void {
    this.#jobsTaken++;
  }

  receive(message: ControllerMessage): void {
    switch (message.type) {
      case 'workerStatus':
        this.workerStatuses.set(message.address, message);
        this.scheduler.receive(message);
        break;
      case 'chunkDone':
        this.handOver.passOn(message);
        this.scheduler.receive(message);
        break;
      case 'workerLeaving':
      case 'chunkStarted':
      case 'chunkFailed':
        this.scheduler.receive(message);
        break;
      case 'wantSnapshot': {
        const bytes = this.snapshots.content(message.hash);
        if (bytes !== undefined) {
          message.replyTo.tell({ type: 'snapshot', hash: message.hash, bytes });
        }
        break;
      }
      case 'snapshot':
        this.snapshots.addContent(message.hash, message.bytes.slice());
        break;
      case 'controllerStatus':
        this.#receiveStatus(message);
        break;
      case 'jobNews':
        this.exchange.receive(message);
        break;
      case 'handOverOffer':
      case 'handOverPiece':
      case 'handOverCommit':
      case 'handOverDrop':
      case 'handOverAccepted':
      case 'handOverRefused':
      case 'handOverAcknowledged':
      case 'handOverTaken':
        this.handOver.receive(message);
        break;
      case 'jobQuery':
        this.answers.answerTo(message);
        break;
    }
  }

  /** Tells a controller that has just come of all jobs and snapshots here. */
  greet(link: ControllerLink): void {
    link.tell(this.#status());
    this.exchange.greet(link);
  }

  /** A controller is gone for good. */
  controllerGone(address: string): void {
    this.controllerStatuses.delete(address);
    this.handOver.controllerGone(address);
    this.claims.holderGone(address);
    // To a node that leaves all others go, while they live on with their jobs.
    if (!hasLeft(this.ports.membership)) this.exchange.controllerGone(address);
  }

  workerGone(address: string): void {
    this.workerStatuses.delete(address);
    this.scheduler.addressLost(address, true);
  }

  /** Takes no new jobs, gives its own to other controllers, and waits for those that none takes. */
  async drain(): Promise<void> {
    this.#stopping = true;
    this.handOver.taker.leave();
    const { clock, log } = this.ports;
    const { jobs } = this.#queue();
    const status = this.#status();
    for (const link of this.ports.links()) link.tell(status);
    if (jobs > 0)
      log.info({ jobs }, 'Controller leaves when its jobs are handed over or have ended');
    const { leaveWaitMs } = this.options;
    // What comes in later would have too little time to go to another controller; there it has all the time it wants.
    const uploads = this.ports.timers.after(leaveWaitMs / 2, () => {
      if (this.handOver.hasTakers) this.#endUploads();
    });
    await this.handOver.giveAll(clock.nowMs() + leaveWaitMs);
    uploads.cancel();
    await this.answers.given();
    const views = this.ownViews();
    const ended = views.filter(({ endedAt }) => endedAt !== undefined);
    for (const view of views) if (view.endedAt === undefined) this.#leaveUndone(view);
    const [first] = ended;
    if (first === undefined) return;
    log.info(
      { jobs: ended.length, ...this.#whyKept(first.id) },
      'Results of ended jobs go with this controller',
    );
  }

  /** Jobs that still come in end as lost, and who sends them is told to send them to another controller. */
  #endUploads(): void {
    for (const { id, trades } of this.ownViews()) {
      const record = this.scheduler.records.get(id);
      if (record === undefined || this.scheduler.job(id)?.phase !== 'accepting') continue;
      const { selfAddress } = this.ports.membership;
      record.reason = `The controller ${selfAddress} left the cluster while its trades came in: submit it again`;
      const about = { job: id, trades };
      const message = 'Job that still comes in is refused: another controller takes it';
      this.scheduler.within(id, () => this.ports.log.info(about, message));
      this.scheduler.dispatch({ kind: 'jobStopped', job: id, phase: 'lost' });
    }
  }

  /** The job ends as lost, here and, by its last news, at the other controllers. */
  #leaveUndone({ id, trades, priced }: JobView): void {
    const record = this.scheduler.records.get(id);
    if (record === undefined) return;
    const { selfAddress } = this.ports.membership;
    const waited = hasWorkers(this.scheduler.state)
      ? `it waits ${this.options.leaveWaitMs / 1000} s at most for its jobs`
      : 'no worker was there to end it';
    const { reason } = this.#whyKept(id);
    const why = reason === undefined ? waited : `${waited} and ${reason}`;
    record.reason = `The controller ${selfAddress} left the cluster before the job ended, since ${why}: submit it again`;
    const about = { job: id, trades, priced, reason: why };
    this.scheduler.within(id, () => this.ports.log.error(about, 'Job is left undone'));
    this.scheduler.dispatch({ kind: 'jobStopped', job: id, phase: 'lost' });
  }

  #whyKept(id: string): { readonly reason?: string } {
    const reason = this.handOver.whyKept(id);
    return reason === undefined ? {} : { reason };
  }

  async close(): Promise<void> {
    this.#stopping = true;
    for (const timer of this.#timers) timer.cancel();
    this.notices.close();
    this.ports.meter.stop();
    await this.#disk.close();
  }

  /** The jobs of this controller, without those that somebody waits for. */
  ownViews(): JobView[] {
    const views: JobView[] = [];
    for (const id of this.scheduler.records.keys()) {
      const view = this.#isShown(id) ? this.scheduler.view(id) : undefined;
      if (view !== undefined) views.push(view);
    }
    return views;
  }

  queue(): ControllerStatus['queue'] {
    return this.#queue();
  }

  #isShown(id: string): boolean {
    return this.scheduler.records.get(id)?.interactive === false;
  }

  #queue(): { jobs: number; trades: number } {
    let jobs = 0;
    let trades = 0;
    for (const job of this.scheduler.state.jobs.values()) {
      if (hasEnded(job) || job.interactive) continue;
      jobs++;
      trades += queuedTrades(job);
    }
    return { jobs, trades };
  }

  #everySecond(): void {
    this.#load = this.#measure();
    const links = this.ports.links();
    const status = this.#status();
    for (const link of links) link.tell(status);
    if (this.#statuses++ % newsEveryStatuses === 0) this.exchange.tellAll(links);
    for (const job of this.scheduler.state.jobs.values()) {
      // State and rates move with time alone, for instance while no worker is there.
      if (!hasEnded(job)) this.notices.changed(job.id);
    }
    this.#forgetOldJobs();
    this.handOver.taker.tick();
  }

  #status(): ControllerStatus {
    return {
      type: 'controllerStatus',
      address: this.ports.membership.selfAddress,
      load: this.load,
      queue: this.#queue(),
      totals: { trades: this.scheduler.pricedTrades, jobs: this.#jobsTaken },
      snapshots: this.snapshots.versions(),
      handOver: handOverVersion,
      ...(this.#stopping ? { leaving: true } : {}),
    };
  }

  #receiveStatus(status: ControllerStatus): void {
    this.controllerStatuses.set(status.address, status);
    const missing = this.snapshots.merge(status.snapshots);
    const link = this.ports.links().find(({ address }) => address === status.address);
    for (const hash of missing) {
      link?.tell({ type: 'wantSnapshot', hash, replyTo: this.ports.self });
    }
  }

  newsOf(view: JobView, record = this.scheduler.records.get(view.id)): JobNews {
    const { idempotency, moves = 0 } = record ?? {};
    return {
      view,
      ...(moves === 0 ? {} : { moves }),
      ...(idempotency === undefined
        ? {}
        : { idempotencyKey: idempotency.key, digest: idempotency.digest }),
    };
  }

  #forgetOldJobs(): void {
    const { endedJobsMax, endedJobMsMax } = this.options;
    const nowWallMs = this.ports.clock.wallMs();
    const ended = [...this.scheduler.records.values()].filter(
      ({ interactive, endedWallMs }) => endedWallMs !== undefined && !interactive,
    );
    ended.sort((a, b) => (a.endedWallMs ?? 0) - (b.endedWallMs ?? 0));
    ended.forEach((record, i) => {
      const old = nowWallMs - (record.endedWallMs ?? nowWallMs) > endedJobMsMax;
      if (old || ended.length - i > endedJobsMax) this.scheduler.forget(record.id);
    });
  }

  #measure(): NodeLoad {
    const own = { tradesPerSecond: 0, busyShare: 0, chunksInFlight: 0 };
    return { ...own, ...this.ports.meter.sample() };
  }
}
