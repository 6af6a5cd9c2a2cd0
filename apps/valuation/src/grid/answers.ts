// What a controller answers when it is asked about a job: by its own service, or by another controller. A job that has gone
// to another is answered for by that one.

import type { Logger } from 'parvi/observe';
import { ParviError, type Timers, toError } from 'parvi/runtime';
import type { ControllerLink } from './controller-link.ts';
import { hasEnded } from './core/job.ts';
import { askLink, type JobExchange, unknownJob } from './job-exchange.ts';
import { histogramOf } from './jobs/histogram.ts';
import { LastBlock, readPage } from './jobs/result-reader.ts';
import type { KeyClaims } from './key-claims.ts';
import type { Membership } from './membership.ts';
import { pageBytesMax } from './options.ts';
import type { Answer, ControllerMessage, JobQuery } from './protocol.ts';
import type { Scheduler } from './scheduler.ts';

/** How long answers to other controllers may take when this one leaves. */
const answersMsMax = 500;

/** The controller that is asked. */
export interface AnsweringNode {
  readonly ports: {
    readonly timers: Timers;
    readonly log: Logger;
    readonly membership: Membership;
    readonly links: () => readonly ControllerLink[];
  };
  readonly scheduler: Scheduler;
  readonly exchange: JobExchange;
  readonly claims: KeyClaims;
  /** Resolves when a job is not between two controllers. */
  readonly handOver: { settled(job: string): Promise<void> };
}

export class Answers {
  readonly #node: AnsweringNode;
  readonly #answering = new Set<Promise<void>>();
  readonly #lastBlock = new LastBlock();

  constructor(node: AnsweringNode) {
    this.#node = node;
  }

  /** Answers about a job of this controller; a page of results is cut to what goes into a message. */
  async answer(query: JobQuery): Promise<unknown> {
    const { scheduler, handOver, ports, claims } = this.#node;
    if (query.kind === 'claimKey') return claims.claim(query.job, query.holder);
    if (query.kind === 'endKey') return claims.end(query.job, query.holder, query.taken);
    // Who is told that a job is cancelled must not find it running at another controller.
    if (query.kind === 'cancel') await handOver.settled(query.job);
    const record = scheduler.records.get(query.job);
    const job = scheduler.job(query.job);
    if (record === undefined || job === undefined) return this.#answerForAnother(query);
    if (query.kind === 'find') {
      const controller = ports.membership.selfAddress;
      return { view: scheduler.view(query.job), controller, gone: false };
    }
    if (query.kind === 'cancel') {
      if (!hasEnded(job)) record.reason = 'It was cancelled';
      scheduler.dispatch({ kind: 'jobStopped', job: query.job, phase: 'cancelled' });
    } else if (query.kind === 'results') {
      return readPage(record, query.query, {
        ended: hasEnded(job),
        workerName: (worker) => scheduler.workerName(worker),
        lastBlock: this.#lastBlock,
        bytesMax: pageBytesMax,
      });
    } else if (query.kind === 'histogram') return histogramOf(record, query.bins);
    return scheduler.view(query.job);
  }

  answerTo({ query, question, replyTo }: Extract<ControllerMessage, { type: 'jobQuery' }>): void {
    const answering = this.answer(query)
      .then((value): Answer<unknown> => ({ ok: true, value }), refusal)
      .then((answer) => replyTo.tell({ type: 'jobAnswer', question, answer }))
      .catch((error) => this.#node.ports.log.error({ error }, 'Answer to a controller failed'))
      .finally(() => this.#answering.delete(answering));
    this.#answering.add(answering);
  }

  /** Resolves when what other controllers asked is answered, or has taken too long. */
  async given(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#node.ports.timers.after(answersMsMax, resolve);
    await Promise.race([Promise.all(this.#answering), promise]);
    timer.cancel();
  }

  /** About a job that is not kept here: what was heard of it, or the word of the controller that it went to. */
  #answerForAnother(query: JobQuery): Promise<unknown> | unknown {
    const { exchange, ports } = this.#node;
    const heard = exchange.heardOf(query.job);
    if (query.kind === 'find' && heard !== undefined) return heard;
    const link = ports.links().find(({ address }) => address === heard?.controller);
    if (heard?.gone === false && link !== undefined && query.forwarded !== true) {
      return askLink(link, { ...query, forwarded: true });
    }
    throw unknownJob(query.job);
  }
}

function refusal(thrown: unknown): Answer<unknown> {
  const error = toError(thrown);
  const { code, fields } = error instanceof ParviError ? error : { code: 'INTERNAL', fields: {} };
  return { ok: false, code, message: error.message, fields };
}
