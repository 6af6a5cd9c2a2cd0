// How long the command waits for a controller that says nothing. Time in which this side has nothing to send, or does not
// read what has come, is not the controller's.

import type { Timers } from 'parvi';
import { CliError, exitCodes } from './exit-codes.ts';

/** Somebody may be there, and neither takes a byte nor gives one. */
export class SilentController extends CliError {}

export interface PatienceOptions {
  readonly timers: Timers;
  /** Address of the controller. */
  readonly base: string;
  /** Until a next byte goes out, or the answer begins. */
  readonly silenceMs: number;
  /** Until each next byte of the answer. */
  readonly answerSilenceMs: number;
}

/** That with one request; `signal` ends it, by a {@link SilentController}. */
export class Patience {
  readonly #options: PatienceOptions;
  readonly #enough = new AbortController();
  #end: (() => void) | undefined;
  #hasAnswer = false;

  constructor(options: PatienceOptions) {
    this.#options = options;
    this.#wait();
  }

  get signal(): AbortSignal {
    return this.#enough.signal;
  }

  /** Nothing is waited for any more. */
  rest(): void {
    this.#end?.();
    this.#end = undefined;
  }

  /** What is sent: as soon as a piece is there, the controller is to take it. */
  sent(body: ReadableStream): ReadableStream {
    return piecesOf(body, {
      before: () => this.rest(),
      after: () => {
        if (!this.#hasAnswer) this.#wait();
      },
    });
  }

  /** The answer, whose pieces are waited for while somebody wants to read them. */
  received(response: Response): Response {
    this.#hasAnswer = true;
    this.rest();
    const { body, status, headers } = response;
    if (body === null) return response;
    const pieces = piecesOf(body, { before: () => this.#wait(), after: () => this.rest() });
    return new Response(pieces, { status, headers });
  }

  #wait(): void {
    this.rest();
    const { timers, base, silenceMs, answerSilenceMs } = this.#options;
    const ms = this.#hasAnswer ? answerSilenceMs : silenceMs;
    const timer = timers.after(ms, () => this.#enough.abort(silence(base, ms)));
    this.#end = () => timer.cancel();
  }
}

const silence = (base: string, ms: number): SilentController =>
  new SilentController(
    `The controller at ${base} has said nothing for ${ms / 1000} s`,
    exitCodes.unreachable,
    'Name another one with --url or VALUATION_URL, or wait for longer with --timeout',
  );

interface Around {
  readonly before: () => void;
  readonly after: () => void;
}

/** The pieces of a stream, each asked for when it is wanted. */
function piecesOf(stream: ReadableStream, { before, after }: Around): ReadableStream {
  const reader = stream.getReader();
  return new ReadableStream(
    {
      async pull(controller) {
        before();
        const { done, value } = await reader.read().finally(after);
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
