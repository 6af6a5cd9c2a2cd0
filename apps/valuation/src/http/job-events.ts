// Where a job stands, as the id of an event: the same on every controller, so that who follows a job goes on at another
// one behind the last event it got.

import type { JobView } from './views.ts';

/** `accepting`, under way, ended; then how many trades came in, or have a result. */
export interface JobPosition {
  readonly stage: number;
  readonly trades: number;
}

const stages = { accepting: 0, underWay: 1, ended: 2 } as const;

export function positionOf(job: JobView): JobPosition {
  if (job.state === 'accepting') return { stage: stages.accepting, trades: job.trades };
  const stage = job.endedAt === undefined ? stages.underWay : stages.ended;
  return { stage, trades: job.priced + job.failed };
}

export const eventIdOf = ({ stage, trades }: JobPosition): string => `${stage}-${trades}`;

/** The position that an id stands for; undefined for one that no controller gave. */
export function positionOfId(id: string | readonly string[] | undefined): JobPosition | undefined {
  const found = typeof id === 'string' ? /^([012])-(\d{1,15})$/.exec(id) : null;
  return found === null ? undefined : { stage: Number(found[1]), trades: Number(found[2]) };
}

export const isEnd = ({ stage }: JobPosition): boolean => stage === stages.ended;

/** Less than 0 when `a` is before `b`. */
export const comparePositions = (a: JobPosition, b: JobPosition): number =>
  a.stage - b.stage || a.trades - b.trades;

/** Lets the states of a job through that are not behind what was told, beginning after the last that was. */
export class JobProgress {
  #told: JobPosition | undefined;
  #resumed: boolean;

  constructor(last: JobPosition | undefined) {
    this.#told = last;
    this.#resumed = last !== undefined;
  }

  /** The id of the event to tell; undefined when the state was told already or is an old one. */
  next(job: JobView): string | undefined {
    const position = positionOf(job);
    const order = this.#told === undefined ? 1 : comparePositions(position, this.#told);
    const repeats = order === 0 && this.#resumed;
    this.#resumed = false;
    if (order < 0 || repeats) return undefined;
    this.#told = position;
    return eventIdOf(position);
  }
}
