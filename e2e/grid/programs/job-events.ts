// Follows a job by its events to its end, across streams that break, as a browser does: with the id of the last event.

import { setTimeout as pause } from 'node:timers/promises';
import type { JobView } from '../../../apps/valuation/src/http/views.ts';

export interface Followed {
  /** As the last event had it. */
  readonly job: JobView;
  /** Why each stream before the last ended: `ended` in good order, or what was wrong. */
  readonly breaks: readonly string[];
  /** What was told twice, or out of order. */
  readonly faults: readonly string[];
}

const patienceMs = 1_200_000;

export async function follow(
  url: string,
  id: string,
  onJob: (job: JobView) => void = () => undefined,
): Promise<Followed> {
  const told = new ToldEvents(onJob);
  const breaks: string[] = [];
  const deadlineMs = performance.now() + patienceMs;
  for (;;) {
    const why = await told.read(`${url}v1/jobs/${id}/events`).catch((error: unknown) => `${error}`);
    const { ending } = told;
    if (ending !== undefined) return { job: ending, breaks, faults: told.faults };
    breaks.push(why);
    if (performance.now() > deadlineMs) throw new Error(`${id} does not end: ${breaks.at(-1)}`);
    await pause(told.retryMs);
  }
}

class ToldEvents {
  readonly faults: string[] = [];
  ending: JobView | undefined;
  retryMs = 1000;
  readonly #onJob: (job: JobView) => void;
  #last = '';

  constructor(onJob: (job: JobView) => void) {
    this.#onJob = onJob;
  }

  async read(url: string): Promise<string> {
    const headers: Record<string, string> =
      this.#last === '' ? {} : { 'last-event-id': this.#last };
    const answer = await fetch(url, { headers });
    if (answer.status !== 200) return `status ${answer.status}: ${await answer.text()}`;
    let isFirst = this.#last !== '';
    let text = '';
    for await (const part of (answer.body ?? new ReadableStream()).pipeThrough(
      new TextDecoderStream(),
    )) {
      text += part;
      const events = text.split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) isFirst = this.#take(event, isFirst) && isFirst;
    }
    return 'ended';
  }

  /** Whether the event said nothing of the job. */
  #take(event: string, isFirst: boolean): boolean {
    const fields = new Map(
      event.split('\n').map((line) => line.split(/: (.*)/s, 2) as [string, string]),
    );
    this.retryMs = Number(fields.get('retry') ?? this.retryMs);
    const [id = '', data] = [fields.get('id'), fields.get('data')];
    if (data === undefined) return true;
    const order = compare(id, this.#last);
    if (this.ending !== undefined || order < 0 || (isFirst && order === 0)) {
      this.faults.push(`event ${id} after ${this.#last}`);
    }
    this.#last = id;
    const job = JSON.parse(data) as JobView;
    this.#onJob(job);
    if (fields.get('event') === 'end') this.ending = job;
    return false;
  }
}

/** Ids are a stage and a number of trades. */
function compare(a: string, b: string): number {
  const [stageA = 0, tradesA = 0] = a.split('-').map(Number);
  const [stageB = 0, tradesB = 0] = b.split('-').map(Number);
  return stageA - stageB || tradesA - tradesB;
}
