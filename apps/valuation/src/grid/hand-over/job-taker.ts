// The shell of the taking side: jobs that controllers which leave offer to this one. Looks whether there is room, keeps
// what comes, and adds the job to the scheduling when all of it is here.

import type { Logger } from 'parvi/observe';
import { type Clock, errorLine } from 'parvi/runtime';
import { hasEnded, queuedTrades } from '../core/job.ts';
import type { ControllerOptions } from '../options.ts';
import type { ControllerMessage, Peer } from '../protocol.ts';
import type { Scheduler } from '../scheduler.ts';
import type { SnapshotCatalogue } from '../snapshots.ts';
import type { SpoolDisk } from '../storage/spool.ts';
import { type ArrivedJob, IncomingJob } from './incoming-job.ts';
import {
  type GiverMessage,
  handOverVersion,
  type OfferedJob,
  type TakerMessage,
} from './protocol.ts';
import {
  beginTaking,
  stepTaking,
  type Taking,
  type TakingEffect,
  type TakingEvent,
} from './taking.ts';

export interface TakerPorts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly disk: SpoolDisk;
  readonly scheduler: Scheduler;
  readonly snapshots: SnapshotCatalogue;
  readonly options: ControllerOptions;
  readonly isStopping: () => boolean;
  readonly onTaken: (job: string) => void;
}

type Offer = Extract<GiverMessage, { type: 'handOverOffer' }>;
type PieceMessage = Extract<GiverMessage, { type: 'handOverPiece' }>;

interface Transfer {
  readonly id: string;
  readonly giver: string;
  readonly job: OfferedJob;
  readonly replyTo: Peer<ControllerMessage>;
  readonly lacks: readonly string[];
  /** Undefined while its files are being opened, and when it was dropped. */
  incoming: IncomingJob | undefined;
  state: Taking;
  /** The pieces that came so far are kept. */
  keeping: Promise<void>;
}

const leavesToo = 'it leaves the cluster too';

/** Room on the disk beyond what comes: results that are still to be made, for the most part. */
const diskReserve = { share: 0.25, bytes: 16 * 1024 * 1024 } as const;

export class JobTaker {
  readonly #ports: TakerPorts;
  /** By id of the transfer. Those that are over stay until their giver is gone: it may ask again. */
  readonly #transfers = new Map<string, Transfer>();

  constructor(ports: TakerPorts) {
    this.#ports = ports;
  }

  receive(message: GiverMessage): void {
    const { replyTo, transfer, version } = message;
    if (version !== handOverVersion) {
      if (message.type === 'handOverDrop') return;
      const reason = `it knows version ${handOverVersion} of hand-overs, not ${version}`;
      tell(replyTo, transfer, { type: 'handOverRefused', reason });
      return;
    }
    const known = this.#transfers.get(transfer);
    if (message.type === 'handOverOffer') {
      if (known !== undefined) this.#answerAgain(known);
      else this.#consider(message);
    } else if (known !== undefined) this.#take(known, message);
    else if (message.type !== 'handOverDrop') {
      tell(replyTo, transfer, { type: 'handOverRefused', reason: 'it does not know of it' });
    }
  }

  tick(): void {
    for (const transfer of this.#transfers.values()) this.#dispatch(transfer, { kind: 'tick' });
  }

  /** This controller leaves too: jobs on their way here stay where they are. */
  leave(): void {
    for (const transfer of this.#transfers.values()) this.#fail(transfer, leavesToo);
  }

  giverGone(address: string): void {
    for (const [id, transfer] of this.#transfers) {
      if (transfer.giver !== address) continue;
      this.#dispatch(transfer, { kind: 'giverGone' });
      this.#transfers.delete(id);
    }
  }

  #consider({ transfer: id, replyTo, controller, job }: Offer): void {
    const { clock, snapshots } = this.#ports;
    const transfer: Transfer = {
      id,
      giver: controller,
      job,
      replyTo,
      lacks: job.snapshots.filter((hash) => snapshots.content(hash) === undefined),
      incoming: undefined,
      state: beginTaking(clock.nowMs()),
      keeping: Promise.resolve(),
    };
    // Its giver has given the try before up.
    for (const other of this.#transfers.values()) {
      if (other.job.id === job.id) this.#dispatch(other, { kind: 'drop' });
    }
    const reason = this.#lackOfRoom(job);
    if (reason !== undefined) {
      this.#logRefused(transfer, reason);
      tell(replyTo, id, { type: 'handOverRefused', reason });
      return;
    }
    this.#transfers.set(id, transfer);
    this.#open(transfer).catch((error) => this.#fail(transfer, errorLine(error)));
  }

  async #open(transfer: Transfer): Promise<void> {
    const { disk } = this.#ports;
    const free = await disk.freeBytes();
    const needed = transfer.job.bytes * (1 + diskReserve.share) + diskReserve.bytes;
    if (free !== undefined && free < needed) {
      this.#fail(transfer, `its disk has ${free} bytes free and ${Math.ceil(needed)} are needed`);
      return;
    }
    const incoming = await IncomingJob.open(disk);
    if (transfer.state.phase === 'dropped') await incoming.discard();
    else {
      transfer.incoming = incoming;
      this.#answerAgain(transfer);
    }
  }

  /** Why the job cannot come here, if it cannot. */
  #lackOfRoom({ id, ended, queuedTrades: more }: OfferedJob): string | undefined {
    const { scheduler, options, isStopping } = this.#ports;
    if (isStopping()) return leavesToo;
    if (scheduler.records.has(id)) return 'it keeps a job of this id';
    const coming = [...this.#transfers.values()].filter(({ state }) => state.phase === 'taking');
    let open = coming.filter(({ job }) => !job.ended).length;
    let over = coming.length - open;
    let queued = coming.reduce((sum, { job }) => sum + job.queuedTrades, 0);
    for (const job of scheduler.state.jobs.values()) {
      queued += queuedTrades(job);
      if (job.interactive) continue;
      if (hasEnded(job)) over++;
      else open++;
    }
    const { jobsMax, endedJobsMax, queuedTradesMax } = options;
    if (ended && over >= endedJobsMax) return `it keeps ${endedJobsMax} ended jobs at most`;
    if (!ended && open >= jobsMax) return `it has ${open} jobs and ${jobsMax} is the most`;
    if (queued + more <= queuedTradesMax) return undefined;
    return `it has ${queued} trades queued and ${queuedTradesMax} is the most`;
  }

  #answerAgain(transfer: Transfer): void {
    const { id, replyTo, state, incoming, lacks } = transfer;
    if (state.phase === 'dropped') {
      tell(replyTo, id, { type: 'handOverRefused', reason: 'what came of it was dropped' });
    } else if (incoming !== undefined) tell(replyTo, id, { type: 'handOverAccepted', lacks });
  }

  #take(transfer: Transfer, message: Exclude<GiverMessage, Offer>): void {
    switch (message.type) {
      case 'handOverPiece':
        this.#dispatch(transfer, { kind: 'piece', sequence: message.sequence }, message);
        break;
      case 'handOverCommit':
        this.#commit(transfer, message.sums);
        break;
      case 'handOverDrop':
        this.#dispatch(transfer, { kind: 'drop' });
        break;
    }
  }

  #commit(
    transfer: Transfer,
    sums: Extract<GiverMessage, { type: 'handOverCommit' }>['sums'],
  ): void {
    const { incoming, state } = transfer;
    let arrived: ArrivedJob | undefined;
    if (state.phase === 'taking' && incoming?.addsUp(sums) === true) {
      try {
        arrived = incoming.arrive(this.#ports.clock.nowMs());
      } catch (error) {
        this.#ports.log.error({ job: transfer.job.id, error }, 'A job that came cannot be read');
      }
    }
    const addsUp = arrived !== undefined;
    this.#dispatch(transfer, { kind: 'commit', addsUp }, undefined, arrived);
  }

  #dispatch(
    transfer: Transfer,
    event: TakingEvent,
    message?: PieceMessage,
    arrived?: ArrivedJob,
  ): void {
    const { phase } = transfer.state;
    const { state, effects } = stepTaking(transfer.state, event, this.#ports.clock.nowMs());
    transfer.state = state;
    const refusal = effects.find(({ kind }) => kind === 'refuse');
    if (phase === 'taking' && refusal?.kind === 'refuse')
      this.#logRefused(transfer, refusal.reason);
    for (const effect of effects) {
      if (effect.kind === 'keep' && message !== undefined) this.#keep(transfer, message);
      else if (effect.kind === 'adopt' && arrived !== undefined) this.#adopt(transfer, arrived);
      else this.#perform(transfer, effect);
    }
  }

  #perform(transfer: Transfer, effect: TakingEffect): void {
    const { id, replyTo } = transfer;
    switch (effect.kind) {
      case 'acknowledge':
        tell(replyTo, id, { type: 'handOverAcknowledged', next: effect.next });
        break;
      case 'sayTaken':
        tell(replyTo, id, { type: 'handOverTaken' });
        break;
      case 'refuse':
        tell(replyTo, id, { type: 'handOverRefused', reason: effect.reason });
        break;
      case 'discard':
        this.#discard(transfer);
        break;
      default:
    }
  }

  #keep(transfer: Transfer, { sequence, part, bytes }: PieceMessage): void {
    // The bytes of a message may lie in a buffer that is used again.
    const own = bytes.slice();
    // Bytes get their place in the order of the calls; they are acknowledged in that order, too.
    const kept = transfer.incoming?.keep(part, own);
    transfer.keeping = Promise.all([kept, transfer.keeping])
      .then(() => this.#dispatch(transfer, { kind: 'kept', sequence }))
      .catch((error) => this.#fail(transfer, errorLine(error)));
  }

  #fail(transfer: Transfer, reason: string): void {
    this.#dispatch(transfer, { kind: 'keepFailed', reason });
  }

  #adopt(transfer: Transfer, arrived: ArrivedJob): void {
    const { scheduler, snapshots, log } = this.#ports;
    const { record, job, workers } = arrived;
    for (const [hash, bytes] of arrived.snapshots) snapshots.addContent(hash, bytes);
    transfer.incoming = undefined;
    scheduler.adopt(record, job, workers);
    const { stored, available } = job;
    const about = { job: record.id, from: transfer.giver, trades: available, done: stored };
    log.info(about, 'Job taken over from a controller that leaves');
    this.#ports.onTaken(record.id);
  }

  #discard(transfer: Transfer): void {
    const { incoming } = transfer;
    transfer.incoming = undefined;
    incoming?.discard().catch((error) => {
      this.#ports.log.warn({ job: transfer.job.id, error }, 'Spool of a job could not be freed');
    });
  }

  #logRefused({ job, giver }: Transfer, reason: string): void {
    this.#ports.log.warn({ job: job.id, from: giver, reason }, 'Job is not taken over');
  }
}

type WithoutHead<M> = M extends TakerMessage ? Omit<M, 'version' | 'transfer'> : never;

function tell(
  replyTo: Peer<ControllerMessage>,
  transfer: string,
  message: WithoutHead<TakerMessage>,
): void {
  replyTo.tell({ version: handOverVersion, transfer, ...message });
}
