// The live state of the page: one event stream from the controller, reconnected with a growing pause when it breaks.

import { computed, signal } from '@preact/signals';
import type { GridView, JobView, MemberEventView } from '../../src/http/views.ts';
import { fetchJobs } from './api.ts';
import { newerView, withJob } from './job-views.ts';

export type Connection = 'connecting' | 'live' | 'lost';

/** One point of the throughput chart: epoch seconds, trades a second in all and by worker address. */
export interface RatePoint {
  readonly atSeconds: number;
  readonly total: number;
  readonly byWorker: Readonly<Record<string, number>>;
}

const pointsMax = 180;
const eventsMax = 60;
const retryMsMin = 500;
const retryMsMax = 8000;

export const connection = signal<Connection>('connecting');
export const grid = signal<GridView | undefined>(undefined);
export const jobs = signal<readonly JobView[]>([]);
export const memberEvents = signal<readonly MemberEventView[]>([]);
export const ratePoints = signal<readonly RatePoint[]>([]);
export const selectedJobId = signal<string | undefined>(undefined);

export const selectedJob = computed(() => jobs.value.find((job) => job.id === selectedJobId.value));

let retryMs = retryMsMin;

/** Opens the event stream and keeps it open for the life of the page. */
export function connectLive(): void {
  const source = new EventSource('./v1/grid/events');
  const lose = (): void => {
    if (source.readyState === EventSource.CLOSED && connection.value === 'lost') return;
    // The browser's own retry gives up on an HTTP error, so a fresh stream is opened by hand.
    source.close();
    connection.value = 'lost';
    setTimeout(connectLive, retryMs);
    retryMs = Math.min(retryMs * 2, retryMsMax);
  };
  source.onopen = () => {
    connection.value = 'live';
    retryMs = retryMsMin;
    fetchJobs().then(takeJobs, lose);
  };
  source.addEventListener('grid', (event) => onGrid(JSON.parse(event.data) as GridView));
  source.addEventListener('member', (event) => onMember(JSON.parse(event.data) as MemberEventView));
  source.addEventListener('job', (event) => mergeJob(JSON.parse(event.data) as JobView));
  source.onerror = lose;
}

/** The whole list; what the stream told meanwhile may be newer than the answer. */
function takeJobs(list: readonly JobView[]): void {
  const known = new Map(jobs.value.map((job) => [job.id, job]));
  jobs.value = list.map((job) => newerView(known.get(job.id), job));
}

export function mergeJob(job: JobView): void {
  jobs.value = withJob(jobs.value, job, selectedJobId.peek());
}

function onGrid(view: GridView): void {
  grid.value = view;
  const byWorker: Record<string, number> = {};
  for (const node of view.nodes) {
    if (node.load !== undefined && (node.threads ?? 0) > 0) {
      byWorker[node.address] = node.load.tradesPerSecond;
    }
  }
  const point: RatePoint = {
    atSeconds: Date.parse(view.at) / 1000,
    total: view.rate.tradesPerSecond,
    byWorker,
  };
  const last = ratePoints.value.at(-1);
  if (last === undefined || point.atSeconds - last.atSeconds >= 0.5) {
    ratePoints.value = [...ratePoints.value, point].slice(-pointsMax);
  }
}

function onMember(event: MemberEventView): void {
  memberEvents.value = [event, ...memberEvents.value].slice(0, eventsMax);
}
