// What controllers tell each other of their jobs, and ask each other for: news as jobs move, everything when a controller
// comes, which jobs are gone with a controller, and a search for a job that this controller has not heard of.

import type { Logger } from 'parvi/observe';
import { type Clock, isoTime, ParviError } from 'parvi/runtime';
import type { ControllerLink } from './controller-link.ts';
import { GridError } from './errors.ts';
import { JobDirectory, lostView } from './jobs/job-directory.ts';
import { newsBytes } from './message-bytes.ts';
import { pageBytesMax } from './options.ts';
import type { Answer, ControllerMessage, FoundJob, JobNews, JobQuery } from './protocol.ts';
import type { JobView } from './views.ts';

export interface ExchangePorts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly selfAddress: string;
  /** The other controllers that are members. */
  readonly links: () => readonly ControllerLink[];
  /** The jobs of this controller. */
  readonly ownJobs: () => readonly JobNews[];
  readonly isOwn: (job: string) => boolean;
  /** Whether this controller is a member yet: before that it has heard of nobody's jobs. */
  readonly isMember: () => boolean;
  /** Told of jobs of other controllers that moved. */
  readonly onLearned: (views: readonly JobView[]) => void;
}

type News = Extract<ControllerMessage, { type: 'jobNews' }>;

/** Jobs told of in one message. */
const newsJobsMax = 50;

export class JobExchange {
  readonly directory = new JobDirectory();
  readonly #ports: ExchangePorts;

  constructor(ports: ExchangePorts) {
    this.#ports = ports;
  }

  /** Tells all controllers of jobs of this one that moved. */
  publish(jobs: readonly JobNews[]): void {
    this.#tell(this.#ports.links(), { controller: this.#ports.selfAddress, jobs });
  }

  /** Tells of all jobs of this controller: news may be lost. */
  tellAll(links: readonly ControllerLink[]): void {
    this.#tell(links, { controller: this.#ports.selfAddress, jobs: this.#ports.ownJobs() });
  }

  /** Tells a controller that has just come of all jobs, those included whose controller is gone. */
  greet(link: ControllerLink): void {
    this.tellAll([link]);
    for (const [controller, jobs] of this.directory.goneJobs()) {
      this.#tell([link], { controller, jobs, gone: true });
    }
  }

  receive({ controller, jobs: told, gone }: News): void {
    // A job that came here from another controller is not what that one still says of it.
    const jobs = told.filter(({ view }) => !this.#ports.isOwn(view.id));
    const before = new Set(jobs.filter(({ view }) => this.#isLost(view.id)));
    const learned =
      gone === true
        ? this.directory.inherit(controller, jobs)
        : this.directory.learn(controller, jobs);
    for (const news of jobs) {
      if (!before.has(news) && this.#isLost(news.view.id)) this.#logLost(news.view);
    }
    this.#ports.onLearned(learned);
  }

  /** A job of this controller has gone to another. */
  moved(controller: string, news: JobNews): void {
    this.directory.learn(controller, [news]);
    this.#tell(this.#ports.links(), { controller, jobs: [news] });
    this.#ports.onLearned([news.view]);
  }

  /** A controller is gone for good, and its jobs with it. */
  controllerGone(address: string): void {
    const lost = this.directory.lose(address, isoTime(this.#ports.clock.wallMs()));
    for (const view of lost) this.#logLost(view);
    this.#ports.onLearned(lost);
  }

  /** What this controller has heard of another's job. */
  heardOf(job: string): FoundJob | undefined {
    const entry = this.directory.find(job);
    if (entry === undefined) return undefined;
    const { view, controller, gone } = entry;
    return { view, controller, gone };
  }

  /**
   * Finds a job of another controller, by what was heard of it or by asking.
   *
   * @throws GridError `JOB_UNKNOWN` when no controller has heard of it, `OWNER_UNREACHABLE` when one that may have does
   * not answer
   */
  async seek(job: string): Promise<FoundJob> {
    const heard = this.heardOf(job);
    if (heard !== undefined) return heard;
    let away: GridError | undefined;
    for (const link of this.#ports.links()) {
      try {
        return this.#take((await askLink(link, { kind: 'find', job })) as FoundJob);
      } catch (error) {
        if (error instanceof GridError) away = error;
        else if (!(error instanceof ParviError) || error.code !== 'JOB_UNKNOWN') throw error;
      }
    }
    if (!this.#ports.isMember()) throw notYetMember(job);
    throw away ?? unknownJob(job);
  }

  #take(found: FoundJob): FoundJob {
    const { view, controller, gone } = found;
    if (controller === this.#ports.selfAddress && !gone) {
      // It was kept by the process that was here before. The other has not noticed yet that it is gone.
      if (view.endedAt !== undefined) return found;
      const lost = lostView(view, controller, isoTime(this.#ports.clock.wallMs()));
      this.directory.inherit(controller, [{ view: lost }]);
      return { view: lost, controller, gone: true };
    }
    if (gone) this.directory.inherit(controller, [{ view }]);
    else this.directory.learn(controller, [{ view }]);
    return found;
  }

  #isLost(job: string): boolean {
    return this.directory.find(job)?.view.state === 'lost';
  }

  #logLost({ id: job, owner, reason }: JobView): void {
    this.#ports.log.warn({ job, owner, reason }, 'Job is lost with the controller that kept it');
  }

  #tell(links: readonly ControllerLink[], news: Omit<News, 'type'>): void {
    for (const jobs of inMessages(news.jobs)) {
      for (const link of links) link.tell({ type: 'jobNews', ...news, jobs });
    }
  }
}

/** The jobs in groups that are short enough for a message each. */
function inMessages(jobs: readonly JobNews[]): JobNews[][] {
  const messages: JobNews[][] = [];
  let bytes = 0;
  for (const news of jobs) {
    const more = newsBytes(news);
    const last = messages.at(-1);
    bytes += more;
    if (last !== undefined && last.length < newsJobsMax && bytes <= pageBytesMax) last.push(news);
    else {
      messages.push([news]);
      bytes = more;
    }
  }
  return messages;
}

/** @throws GridError `OWNER_UNREACHABLE`; ParviError with the code of the other's refusal */
export async function askLink(link: ControllerLink, query: JobQuery): Promise<unknown> {
  if (!link.isReachable()) throw unreachable(query.job, link.address);
  const answer: Answer<unknown> = await link.ask(query).catch((cause: unknown) => {
    throw unreachable(query.job, link.address, cause);
  });
  if (answer.ok) return answer.value;
  throw new ParviError(answer.code, answer.message, { fields: answer.fields });
}

export function unknownJob(id: string): GridError {
  return new GridError(
    'JOB_UNKNOWN',
    `There is no job "${id}": ended jobs are kept for an hour, and the list of jobs shows those there are`,
  );
}

function notYetMember(job: string): GridError {
  return new GridError(
    'OWNER_UNREACHABLE',
    `This controller has just started and has not heard of job "${job}" yet: try again in a few seconds`,
    { fields: { retryAfterSeconds: 1 } },
  );
}

export function unreachable(job: string, controller: string, cause?: unknown): GridError {
  return new GridError(
    'OWNER_UNREACHABLE',
    `The controller ${controller} that may keep job "${job}" does not answer: try again in a few seconds`,
    { fields: { retryAfterSeconds: 3 }, cause },
  );
}
