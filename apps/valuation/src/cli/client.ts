// The command's way to a controller: its HTTP routes, and nothing else.

import { setTimeout as pause } from 'node:timers/promises';
import { systemTimers, type Timers } from 'parvi/runtime';
import { problemIn } from '../http/problem-in.ts';
import type { JobView, ProblemView, ResultView } from '../http/views.ts';
import { readEvents } from './event-reader.ts';
import { CliError, exitCodes } from './exit-codes.ts';
import { Patience, SilentController } from './patience.ts';

export interface ClientOptions {
  /** Base address of a controller or gateway, such as `http://127.0.0.1:7777`. */
  readonly url: string;
  readonly pause?: (ms: number) => Promise<void>;
  /** How long a controller may say nothing, and take nothing of what is sent. Default 30 s. */
  readonly silenceMs?: number;
  readonly timers?: Timers;
}

export const silenceMsDefault = 30_000;
/** Events come with signs of life, one each 15 s. */
const eventSilenceMsMin = 30_000;

/** What is submitted, once. */
export interface OpenedInput {
  readonly stream: ReadableStream;
  /** Lets go of its file, however much of it was read. */
  close(): Promise<void>;
}

export interface Submission {
  readonly headers: Readonly<Record<string, string>>;
  readonly open: () => Promise<OpenedInput>;
  /** Whether it can be opened anew. */
  readonly mayRepeat: boolean;
}

export interface FollowListener {
  /** Told of every state of the job. */
  readonly onJob: (job: JobView) => void;
  /** Told once in words when there has been no answer for a while, and what may be done. */
  readonly onSilence?: (text: string) => void;
}

/** Pauses while a controller does not answer: doubling, and some two minutes in all before giving up. */
const followPauseMs = { first: 250, most: 8000, tries: 20, inAll: 127_750 } as const;

/** A connection that was there and broke: what was sent may have been taken, or not. */
class ConnectionBroken extends CliError {}
const brokenCodes = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

/** By which a gateway says that a controller has not answered it. */
const gatewayStatuses = new Set([502, 503, 504]);

/** Refusals of a submission that another controller, or the same one later, may take. */
const repeatedCodes = new Set<string | undefined>(['GRID_STOPPING', 'IDEMPOTENCY_KEY_BUSY']);

/** A controller that leaves is gone, or no longer asked, within its notice and what its jobs take. */
const submitTries = 30;
const submitPauseMs = 1000;

/** So long without an answer is worth a word: the pauses up to the first of the longest add up to it. */
const silenceMs = 7750;

export class GridClient {
  readonly #base: string;
  readonly #pause: (ms: number) => Promise<unknown>;
  readonly #silenceMs: number;
  readonly #timers: Timers;

  constructor(options: ClientOptions) {
    this.#base = baseOf(options.url);
    this.#silenceMs = options.silenceMs ?? silenceMsDefault;
    this.#timers = options.timers ?? systemTimers({ keepsProcessAlive: false });
    this.#pause = options.pause ?? ((ms) => pause(ms));
  }

  async json<T>(path: string, init?: RequestInit): Promise<T> {
    const response = await this.request(path, init);
    const text = await response.text().catch((error: unknown) => {
      throw this.#broken(error);
    });
    try {
      return JSON.parse(text) as T;
    } catch {
      throw noController(response.status, text);
    }
  }

  /**
   * The response of a request that succeeded; anything else is an error with the controller's reason. The answer may pause
   * for `answerSilenceMs`.
   */
  async request(
    path: string,
    init: RequestInit = {},
    answerSilenceMs = this.#silenceMs,
  ): Promise<Response> {
    const base = this.#base;
    const silenceMs = this.#silenceMs;
    const patience = new Patience({ timers: this.#timers, base, silenceMs, answerSilenceMs });
    const { signal } = patience;
    const body = init.body instanceof ReadableStream ? patience.sent(init.body) : init.body;
    let response: Response;
    try {
      const given = body == null ? init : { ...init, body };
      response = patience.received(await fetch(base + path, { ...given, signal }));
    } catch (error) {
      throw this.#unanswered(error);
    } finally {
      patience.rest();
    }
    if (response.ok) return response;
    throw await refusal(response);
  }

  #unanswered(error: unknown): CliError {
    if (error instanceof CliError) return error;
    const { cause } = error as Error;
    if (cause instanceof CliError) return cause;
    const Kind = brokenCodes.has(causeText(error)) ? ConnectionBroken : CliError;
    return new Kind(
      `No controller answers at ${this.#base}: ${causeText(error)}`,
      exitCodes.unreachable,
      'Start one with "npm start", or name another with --url or VALUATION_URL',
    );
  }

  /**
   * The bytes of an answer as they come.
   *
   * @throws CliError when the controller refuses, or the connection breaks before their end
   */
  async *bytes(path: string): AsyncGenerator<Uint8Array> {
    // What waits for results that are still to come is silent meanwhile.
    const { body } = await this.request(path, {}, Number.POSITIVE_INFINITY);
    try {
      for await (const bytes of body ?? []) yield bytes as Uint8Array;
    } catch (error) {
      throw this.#broken(error);
    }
  }

  /**
   * Submits what `open` gives, anew for each try: a controller that leaves takes no job, one that dies may have taken it,
   * and soon another one answers at the same address. With the key in `headers`, no try makes a second job.
   *
   * @throws CliError when the controller refuses for another reason, nobody answers the first try, or all tries are in vain
   */
  async submit(path: string, { headers, open, mayRepeat }: Submission): Promise<JobView> {
    let wasReached = false;
    for (let tries = 1; ; tries++) {
      const input = await open();
      const init = { method: 'POST', headers, body: input.stream, duplex: 'half' };
      try {
        return await this.json<JobView>(path, init as RequestInit);
      } catch (error) {
        wasReached ||= hasReached(error);
        if (!mayRepeat || tries === submitTries || !isWorthRepeating(error, wasReached))
          throw error;
      } finally {
        await input.close();
      }
      await this.#pause(submitPauseMs);
    }
  }

  job(id: string): Promise<JobView> {
    return this.json(`/v1/jobs/${encodeURIComponent(id)}`);
  }

  /**
   * Tells every state of the job until it has ended, across broken connections, restarts of the controller, and
   * moves of the job to another one behind the same address: none is told twice. There is a pause before each new try, so that a controller in trouble is not asked all the time.
   *
   * @throws CliError when the controller refuses, or does not answer for some two minutes
   */
  async follow(id: string, { onJob, onSilence }: FollowListener): Promise<JobView> {
    let failures = 0;
    let last: string | undefined;
    const silence = new Silence((error) => onSilence?.(this.#silenceText(error)));
    for (;;) {
      let retryMs: number | undefined;
      try {
        const headers: Record<string, string> = last === undefined ? {} : { 'last-event-id': last };
        const path = `/v1/jobs/${encodeURIComponent(id)}/events`;
        const quietMs = Math.max(this.#silenceMs, eventSilenceMsMin);
        const response = await this.request(path, { headers }, quietMs);
        if (response.status === 204) return await this.job(id);
        const end = await readEvents(response, onJob);
        if (end.job?.endedAt !== undefined) return end.job;
        if (end.job !== undefined) {
          failures = 0;
          silence.end();
          last = end.id;
          retryMs = end.retryMs;
        }
        if (end.silence !== undefined) throw end.silence;
      } catch (error) {
        if (!isPassing(error)) throw error;
        const isOver = silence.lastedMs > followPauseMs.inAll;
        if (isOver || failures >= followPauseMs.tries) throw this.#givenUp(error);
        silence.failed(error);
      }
      const nextMs = Math.min(followPauseMs.first * 2 ** failures, followPauseMs.most);
      const pauseMs = Math.min(retryMs ?? nextMs, nextMs);
      await this.#pause(pauseMs);
      silence.paused(pauseMs);
      failures++;
    }
  }

  #broken(error: unknown): CliError {
    if (error instanceof CliError) return error;
    return new ConnectionBroken(
      `The connection to ${this.#base} broke before the answer was whole: ${causeText(error)}`,
      exitCodes.unreachable,
      'Try again',
    );
  }

  #silenceText(error: CliError): string {
    const hint = error.exitCode === exitCodes.unreachable ? `\n${otherController(this.#base)}` : '';
    return `${error.message}; still trying${hint}`;
  }

  #givenUp(error: CliError): CliError {
    if (error.exitCode !== exitCodes.unreachable) return error;
    return new CliError(error.message, error.exitCode, otherController(this.#base));
  }

  /** Results in pages; waits for those that are still to come. */
  async *resultPages(id: string, failedOnly: boolean): AsyncGenerator<readonly ResultView[]> {
    let cursor: string | undefined;
    do {
      const parameters = new URLSearchParams({ limit: '1000', failedOnly: String(failedOnly) });
      if (cursor !== undefined) parameters.set('cursor', cursor);
      const page: { results: ResultView[]; nextCursor?: string } = await this.json(
        `/v1/jobs/${encodeURIComponent(id)}/results?${parameters}`,
      );
      yield page.results;
      // The rest comes when it has been priced.
      if (page.results.length === 0 && page.nextCursor !== undefined) await this.#pause(500);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
  }
}

/** The address without a slash at its end. What is more than scheme, host, port and path cannot be part of it. */
function baseOf(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isHttp = url !== undefined && /^https?:\/\//.test(address);
  if (isHttp && `${url.username}${url.password}${url.search}${url.hash}` === '') {
    return address.replace(/\/+$/, '');
  }
  throw new CliError(
    `"${address}" is no address of a controller: give --url or VALUATION_URL like http://127.0.0.1:7777`,
    exitCodes.usage,
  );
}

/** Time without an answer: the pauses there were, or what the tries themselves took where that is longer. */
class Silence {
  readonly #tell: (error: CliError) => void;
  #sinceMs = performance.now();
  #pausedMs = 0;
  #told = false;

  constructor(tell: (error: CliError) => void) {
    this.#tell = tell;
  }

  paused(ms: number): void {
    this.#pausedMs += ms;
  }

  get lastedMs(): number {
    return Math.max(this.#pausedMs, performance.now() - this.#sinceMs);
  }

  failed(error: CliError): void {
    if (this.#told || this.lastedMs < silenceMs) return;
    this.#told = true;
    this.#tell(error);
  }

  end(): void {
    this.#sinceMs = performance.now();
    this.#pausedMs = 0;
    this.#told = false;
  }
}

/** The two controllers that `valuation local` starts unless told otherwise. */
const localAddresses = ['http://127.0.0.1:7777', 'http://127.0.0.1:7778'];

/** What a job that was followed may be asked for elsewhere. */
export function otherController(base: string): string {
  const { origin } = new URL(base.replace('//localhost', '//127.0.0.1'));
  const other = localAddresses.includes(origin)
    ? localAddresses.find((address) => address !== origin)
    : undefined;
  const example = other === undefined ? '' : `; a grid of "npm start" has one at ${other}`;
  return `Another controller of the grid may answer for the job: name it with --url${example}`;
}

/** Whether it may be over soon: nobody answers, or the controller says that it cannot now. */
const isPassing = (error: unknown): error is CliError =>
  error instanceof CliError &&
  (error.exitCode === exitCodes.unreachable || error.answer?.status === 503);

/** Whether somebody was there, who broke off or answered. */
const hasReached = (error: unknown): boolean =>
  error instanceof ConnectionBroken || (error instanceof CliError && error.answer !== undefined);

/** Whether another try may be taken where this one was not; where one was reached before, also when nobody listens now. */
function isWorthRepeating(error: unknown, wasReached: boolean): boolean {
  if (!(error instanceof CliError) || error instanceof SilentController) return false;
  const { answer, exitCode } = error;
  if (answer === undefined) return wasReached && exitCode === exitCodes.unreachable;
  const isGateway = answer.code === undefined && gatewayStatuses.has(answer.status);
  return repeatedCodes.has(answer.code) || isGateway;
}

function causeText(error: unknown): string {
  const cause = (error as { cause?: { code?: string; message?: string } }).cause;
  return cause?.code ?? cause?.message ?? (error as Error).message;
}

async function refusal(response: Response): Promise<CliError> {
  const text = await response.text();
  const { status } = response;
  const problem = problemIn(text);
  if (problem === undefined) return noController(status, text);
  const message = [
    `${problem.detail ?? problem.title} (${problem.code})`,
    ...mistakeLines(problem),
  ];
  const hint = problem.code === 'TRADES_REJECTED' ? rejectedHint : problem.hint;
  return new CliError(message.join('\n'), exitCodes.refused, hint, { status, code: problem.code });
}

/** Something else listens there, or stands before the controller. */
const noController = (status: number, text: string): CliError =>
  new CliError(
    `What answers is no controller; it says ${status}: ${text.slice(0, 200)}`,
    exitCodes.refused,
    'Name a controller with --url or VALUATION_URL',
    { status },
  );

/** The controller's own hint names a parameter of the request; here it is a flag. */
const rejectedHint = 'Correct them, or add --on-error skip to price the good trades';

const mistakesShownMax = 10;

/** A single mistake is in the detail already. */
function mistakeLines({ errors = [] }: ProblemView): string[] {
  if (errors.length < 2) return [];
  const more = errors.length - mistakesShownMax;
  return [
    ...errors
      .slice(0, mistakesShownMax)
      .map(({ row, message }) => (row === undefined ? `  ${message}` : `  row ${row}: ${message}`)),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}
