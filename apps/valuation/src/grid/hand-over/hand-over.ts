// What a controller does with its jobs when it leaves, and what it does for others that leave: jobs go to a controller
// that stays, those under way first, then the results of ended ones, the newest first. What nobody takes is waited for.

import type { Logger } from 'parvi/observe';
import type { Clock, Timers } from 'parvi/runtime';
import type { ControllerLink } from '../controller-link.ts';
import { hasWorkers } from '../core/controller-state.ts';
import { hasEnded, type JobState } from '../core/job.ts';
import type { JobExchange } from '../job-exchange.ts';
import type { JobRecord } from '../jobs/job-record.ts';
import type { Membership } from '../membership.ts';
import type { Notices } from '../notices.ts';
import type { ControllerOptions } from '../options.ts';
import type { ControllerMessage, ControllerStatus, JobNews, Peer } from '../protocol.ts';
import type { Scheduler } from '../scheduler.ts';
import type { SnapshotCatalogue } from '../snapshots.ts';
import type { SpoolDisk } from '../storage/spool.ts';
import type { JobView } from '../views.ts';
import { type GivenJob, JobGiver } from './job-giver.ts';
import { JobTaker } from './job-taker.ts';
import { type HandOverMessage, handOverVersion } from './protocol.ts';

/** A controller that did not take a running job is asked again after this time: room comes and goes. */
const askAgainMs = 2000;
const lookMs = 50;

interface Try {
  readonly job: JobState;
  readonly link: ControllerLink;
}

/** The controller whose jobs these are. */
export interface HandOverHost {
  readonly ports: {
    readonly clock: Clock;
    readonly timers: Timers;
    readonly log: Logger;
    readonly self: Peer<ControllerMessage>;
    readonly membership: Membership;
    readonly links: () => readonly ControllerLink[];
  };
  readonly options: ControllerOptions;
  readonly scheduler: Scheduler;
  readonly snapshots: SnapshotCatalogue;
  readonly exchange: JobExchange;
  readonly notices: Notices;
  readonly controllerStatuses: ReadonlyMap<string, ControllerStatus>;
  readonly isStopping: boolean;
  newsOf(view: JobView, record: JobRecord): JobNews;
}

export class HandOver {
  readonly taker: JobTaker;
  readonly #giver: JobGiver;
  readonly #node: HandOverHost;
  /** Who has the jobs that went from here. */
  readonly #movedTo = new Map<string, ControllerLink>();
  /** When a controller may be asked again about a job, as `job address`. */
  readonly #askAgainMs = new Map<string, number>();
  /** Jobs of which nobody knows whether the other has them, by why. */
  readonly #inDoubt = new Map<string, string>();
  /** Why a job was not taken, as last said. */
  readonly #refusals = new Map<string, string>();
  #given = 0;
  #taken = 0;

  constructor(node: HandOverHost, disk: SpoolDisk) {
    this.#node = node;
    const { clock, timers, log, self, membership } = node.ports;
    const { scheduler, snapshots, options } = node;
    const { selfAddress } = membership;
    this.#giver = new JobGiver({ clock, timers, log, self, selfAddress, scheduler, snapshots });
    this.taker = new JobTaker({
      clock,
      log,
      disk,
      scheduler,
      snapshots,
      options,
      isStopping: () => node.isStopping,
      onTaken: (job) => {
        this.#taken++;
        node.exchange.directory.forget(job);
        node.notices.tellNow(job);
      },
    });
  }

  /** Jobs that went to other controllers, and that came from them, since the start. */
  get counts(): { readonly given: number; readonly taken: number } {
    return { given: this.#given, taken: this.#taken };
  }

  receive(message: HandOverMessage): void {
    switch (message.type) {
      case 'handOverOffer':
      case 'handOverPiece':
      case 'handOverCommit':
      case 'handOverDrop':
        this.taker.receive(message);
        break;
      default:
        this.#giver.receive(message);
    }
  }

  /** Results of a job that went to another controller are passed on; those that come too late there are dropped. */
  passOn(message: Extract<ControllerMessage, { type: 'chunkDone' }>): void {
    const { job } = message;
    (this.#movedTo.get(job) ?? this.#giver.sealedFor(job))?.tell(message);
  }

  jobEnded(id: string): void {
    this.#giver.jobEnded(id);
  }

  /** Resolves when the job is not between two controllers: it is here, or it is not. */
  async settled(id: string): Promise<void> {
    if (this.#node.scheduler.job(id)?.hold === 'sealed') await this.#giver.settled(id);
  }

  controllerGone(address: string): void {
    this.#giver.peerGone(address);
    this.taker.giverGone(address);
  }

  /**
   * Gives all jobs to other controllers, and waits for those that none takes as long as workers are at them. Ends by
   * itself at `untilMs`, or a second later when another controller has yet to say whether it has a job.
   */
  async giveAll(untilMs: number): Promise<void> {
    const { clock, timers } = this.#node.ports;
    while (clock.nowMs() < untilMs) {
      const next = this.#next();
      if (next !== undefined) await this.#give(next, untilMs);
      else if (this.#hasToWait()) await new Promise<void>((done) => timers.after(lookMs, done));
      else return;
    }
  }

  /** Whether another controller is there that could take jobs over. */
  get hasTakers(): boolean {
    return this.#takers().length > 0;
  }

  /** Why a job that is still here was not given away, for people. */
  whyKept(id: string): string | undefined {
    const doubt = this.#inDoubt.get(id);
    if (doubt !== undefined) return doubt;
    const refusal = this.#refusals.get(id);
    if (refusal !== undefined) return `no other controller took it: ${refusal}`;
    return this.hasTakers ? undefined : 'no other controller was there to take it';
  }

  #next(): Try | undefined {
    const takers = this.#takers();
    if (takers.length === 0) return undefined;
    const nowMs = this.#node.ports.clock.nowMs();
    for (const job of this.#inTurn()) {
      const link = takers.find(({ address }) => {
        return (this.#askAgainMs.get(`${job.id} ${address}`) ?? 0) <= nowMs;
      });
      if (link !== undefined) return { job, link };
    }
    return undefined;
  }

  /** Jobs under way by their age, then ended ones, the newest first. */
  #inTurn(): JobState[] {
    const { scheduler } = this.#node;
    const running: JobState[] = [];
    const ended: JobState[] = [];
    for (const id of scheduler.records.keys()) {
      const job = scheduler.job(id);
      if (job === undefined || job.interactive || job.phase === 'accepting') continue;
      if (this.#inDoubt.has(id)) continue;
      if (hasEnded(job)) ended.unshift(job);
      else running.push(job);
    }
    return [...running, ...ended];
  }

  /** Uploads that come in may still be given away; other jobs are waited for while workers are at them. */
  #hasToWait(): boolean {
    const { scheduler } = this.#node;
    const isWorkedAt = hasWorkers(scheduler.state);
    const mayGive = this.hasTakers;
    for (const job of scheduler.state.jobs.values()) {
      if (hasEnded(job) || job.interactive || this.#inDoubt.has(job.id)) continue;
      if (isWorkedAt || (mayGive && job.phase === 'accepting')) return true;
    }
    return false;
  }

  /** Controllers that stay and know of hand-overs, the one with the least to do first. */
  #takers(): ControllerLink[] {
    const { links, membership } = this.#node.ports;
    const statuses = this.#node.controllerStatuses;
    const up = new Set<string>();
    for (const { address, status, reachable } of membership.members()) {
      if (status === 'Up' && reachable) up.add(address);
    }
    const queued = ({ address }: ControllerLink): number =>
      statuses.get(address)?.queue.trades ?? 0;
    return links()
      .filter(({ address }) => {
        const status = statuses.get(address);
        const stays = status !== undefined && status.leaving !== true;
        return up.has(address) && stays && status.handOver === handOverVersion;
      })
      .sort((a, b) => queued(a) - queued(b));
  }

  async #give({ job, link }: Try, untilMs: number): Promise<void> {
    const { scheduler, ports } = this.#node;
    const wasRunning = !hasEnded(job);
    const given = await this.#giver.give(job.id, link, untilMs);
    const { end, reason, tookMs, bytes, stoodStillMs } = given;
    const about = { job: job.id, to: link.address, bytes, tookMs, stoodStillMs };
    if (end === 'taken') {
      scheduler.within(job.id, () => ports.log.info(about, 'Job handed over'));
      this.#moved(job.id, link);
      return;
    }
    // It has ended meanwhile, and is given away as what it is now.
    if (end === 'changed') return;
    const failure = { ...about, end, reason };
    scheduler.within(job.id, () => ports.log.warn(failure, 'Job could not be handed over'));
    const nowMs = ports.clock.nowMs();
    const again = wasRunning ? nowMs + askAgainMs : Number.POSITIVE_INFINITY;
    this.#askAgainMs.set(`${job.id} ${link.address}`, again);
    if (end === 'in-doubt') {
      const why = `the time was over before ${link.address} said whether it has taken it over`;
      this.#inDoubt.set(job.id, why);
    } else this.#refusals.set(job.id, `${link.address} ${reasonOf(given)}`);
    if (wasRunning)
      ports.log.debug({ job: job.id, phase: scheduler.job(job.id)?.phase }, 'Job stays');
  }

  /** The job is told of as the other's from now on; its spool stays until this process goes, for those who read it. */
  #moved(id: string, link: ControllerLink): void {
    const { scheduler, exchange } = this.#node;
    const record = scheduler.records.get(id);
    const view = scheduler.view(id);
    this.#given++;
    this.#movedTo.set(id, link);
    scheduler.moved(id);
    if (record === undefined || view === undefined) return;
    const owned: JobView = { ...view, owner: link.address };
    record.moves++;
    exchange.moved(link.address, this.#node.newsOf(owned, record));
  }
}

function reasonOf({ end, reason }: GivenJob): string {
  switch (end) {
    case 'refused':
      return `refused it, since ${reason}`;
    case 'failed':
      return `could not be told all of it, since ${reason}`;
    case 'peer-gone':
      return 'went away while it took it over';
    case 'time-over':
      return 'had not all of it when the time was over';
    default:
      return 'did not answer';
  }
}
