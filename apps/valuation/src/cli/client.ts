// The command's way to a controller: its HTTP routes, and nothing else.

import type { JobView, ProblemView, ResultView } from '../http/views.ts';
import { CliError, exitCodes } from './exit-codes.ts';

export interface ClientOptions {
  /** Base address of a controller or gateway, such as `http://127.0.0.1:7777`. */
  readonly url: string;
}

export class GridClient {
  readonly #base: string;

  constructor(options: ClientOptions) {
    this.#base = options.url.replace(/\/+$/, '');
  }

  get base(): string {
    return this.#base;
  }

  async json<T>(path: string, init?: RequestInit): Promise<T> {
    return (await (await this.request(path, init)).json()) as T;
  }

  /** The response of a request that succeeded; anything else is an error with the controller's reason. */
  async request(path: string, init?: RequestInit): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(this.#base + path, init);
    } catch (error) {
      throw new CliError(
        `No controller answers at ${this.#base}: ${causeText(error)}`,
        exitCodes.unreachable,
        'Start one with "npm start", or name another with --url or VALUATION_URL',
      );
    }
    if (response.ok) return response;
    throw await refusal(response);
  }

  job(id: string): Promise<JobView> {
    return this.json(`/v1/jobs/${encodeURIComponent(id)}`);
  }

  /** Calls back with every state of the job until it has ended, across broken connections. */
  async follow(id: string, onJob: (job: JobView) => void): Promise<JobView> {
    for (;;) {
      const response = await this.request(`/v1/jobs/${encodeURIComponent(id)}/events`);
      const job = await lastOf(response, onJob);
      if (job?.endedAt !== undefined) return job;
      const now = await this.job(id);
      onJob(now);
      if (now.endedAt !== undefined) return now;
    }
  }

  async *resultPages(id: string, failedOnly: boolean): AsyncGenerator<readonly ResultView[]> {
    let cursor: string | undefined;
    do {
      const parameters = new URLSearchParams({ limit: '1000', failedOnly: String(failedOnly) });
      if (cursor !== undefined) parameters.set('cursor', cursor);
      const page: { results: ResultView[]; nextCursor?: string } = await this.json(
        `/v1/jobs/${encodeURIComponent(id)}/results?${parameters}`,
      );
      yield page.results;
      cursor = page.nextCursor;
    } while (cursor !== undefined);
  }
}

function causeText(error: unknown): string {
  const cause = (error as { cause?: { code?: string; message?: string } }).cause;
  return cause?.code ?? cause?.message ?? (error as Error).message;
}

async function refusal(response: Response): Promise<CliError> {
  const text = await response.text();
  let problem: Partial<ProblemView> = {};
  try {
    problem = JSON.parse(text) as ProblemView;
  } catch {
    return new CliError(
      `The controller answered ${response.status}: ${text.slice(0, 200)}`,
      exitCodes.refused,
    );
  }
  const rows = (problem.errors ?? []).slice(0, 10).map((error) => `  ${error.message}`);
  const message = [`${problem.detail ?? problem.title} (${problem.code})`, ...rows].join('\n');
  return new CliError(message, exitCodes.refused, problem.hint);
}

/** Reads server-sent events; a broken stream ends like a closed one, since the caller asks again. */
async function lastOf(
  response: Response,
  onJob: (job: JobView) => void,
): Promise<JobView | undefined> {
  let last: JobView | undefined;
  let text = '';
  const decoder = new TextDecoder();
  try {
    for await (const bytes of response.body ?? []) {
      text += decoder.decode(bytes as Uint8Array, { stream: true });
      const events = text.split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) {
        const data = event.split('\n').find((line) => line.startsWith('data: '));
        if (data === undefined) continue;
        last = JSON.parse(data.slice(6)) as JobView;
        onJob(last);
      }
    }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  return last;
}
