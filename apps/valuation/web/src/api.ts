// Calls to the controller that served this page. Addresses are relative, so that a gateway's prefix is kept.

import type {
  HistogramView,
  JobView,
  MetricInfoView,
  ResultPageView,
  SnapshotInfoView,
} from '../../src/http/views.ts';
import { answerIn } from './answers.ts';

const read = async <T>(response: Response): Promise<T> =>
  answerIn<T>(response, await response.text());

const get = async <T>(path: string): Promise<T> => read<T>(await fetch(path));

export const fetchJobs = async (): Promise<readonly JobView[]> =>
  (await get<{ jobs: JobView[] }>('./v1/jobs?limit=50')).jobs;

export const fetchMetrics = async (): Promise<readonly MetricInfoView[]> =>
  (await get<{ metrics: MetricInfoView[] }>('./v1/metrics-info')).metrics;

export const fetchSnapshots = async (): Promise<readonly SnapshotInfoView[]> =>
  (await get<{ snapshots: SnapshotInfoView[] }>('./v1/snapshots')).snapshots;

export interface ResultQuery {
  readonly cursor: string | undefined;
  readonly limit: number;
  readonly failedOnly: boolean;
}

export function fetchResults(jobId: string, query: ResultQuery): Promise<ResultPageView> {
  const parameters = new URLSearchParams({ limit: String(query.limit) });
  if (query.cursor !== undefined) parameters.set('cursor', query.cursor);
  if (query.failedOnly) parameters.set('failedOnly', 'true');
  return get(`./v1/jobs/${encodeURIComponent(jobId)}/results?${parameters}`);
}

export const fetchHistogram = (jobId: string, bins: number): Promise<HistogramView> =>
  get(`./v1/jobs/${encodeURIComponent(jobId)}/histogram?bins=${bins}`);

export const resultsAddress = (jobId: string, format: 'csv' | 'ndjson'): string =>
  `./v1/jobs/${encodeURIComponent(jobId)}/results?format=${format}`;

export async function cancelJob(jobId: string): Promise<JobView> {
  return read(await fetch(`./v1/jobs/${encodeURIComponent(jobId)}`, { method: 'DELETE' }));
}

export interface Submission {
  readonly file: File;
  readonly metric: string;
  readonly snapshot: string;
  readonly engine: string;
  readonly skipBadTrades: boolean;
}

const contentTypes: readonly (readonly [ending: string, type: string])[] = [
  ['.csv', 'text/csv'],
  ['.ndjson', 'application/x-ndjson'],
  ['.jsonl', 'application/x-ndjson'],
  ['.json', 'application/json'],
];

/** Whether the file's ending says that it is no text: packed, or a workbook. */
export const isNoText = (fileName: string): boolean =>
  /\.(gz|zip|zst|bz2|xz|7z|xlsx?|ods)$/i.test(fileName);

/** The content type by the file's ending; CSV when it has none that we know. */
export function contentTypeOf(fileName: string): string {
  const lower = fileName.toLowerCase();
  return contentTypes.find(([ending]) => lower.endsWith(ending))?.[1] ?? 'text/csv';
}

/** @param onSent told the part of the file that has been sent, from 0 to 1, as it goes */
export function submitFile(
  submission: Submission,
  onSent: (share: number) => void,
): Promise<JobView> {
  const parameters = new URLSearchParams({
    metric: submission.metric,
    snapshot: submission.snapshot,
    onError: submission.skipBadTrades ? 'skip' : 'reject',
    name: submission.file.name,
  });
  if (submission.engine !== '') parameters.set('engine', submission.engine);
  return upload(`./v1/jobs?${parameters}`, submission.file, onSent);
}

/** `fetch` does not tell how much of a body has been sent. */
function upload(path: string, file: File, onSent: (share: number) => void): Promise<JobView> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.upload.onprogress = ({ loaded, total }) => onSent(total === 0 ? 1 : loaded / total);
    request.onerror = () => reject(new Error('No answer came'));
    request.onload = () => {
      try {
        resolve(answerIn<JobView>(request, request.responseText));
      } catch (error) {
        reject(error);
      }
    };
    request.open('POST', path);
    request.setRequestHeader('content-type', contentTypeOf(file.name));
    request.send(file);
  });
}
