// What the controller answered: a value, or a problem in its own words.

import { problemIn } from '../../src/http/problem-in.ts';
import type { ProblemView } from '../../src/http/views.ts';

/** An answer that was not a success, with what the server said about it. */
export class ProblemError extends Error {
  readonly problem: ProblemView;

  constructor(problem: ProblemView) {
    super(problem.detail);
    this.problem = problem;
  }
}

interface Status {
  readonly status: number;
  readonly statusText: string;
}

/**
 * The value in the body of an answer.
 *
 * @throws ProblemError when the answer is a refusal, also one that is not the controller's own
 * @throws SyntaxError when it is none, and no JSON either
 */
export function answerIn<T>({ status, statusText }: Status, body: string): T {
  if (status >= 200 && status < 300) return JSON.parse(body) as T;
  throw new ProblemError(
    problemIn(body) ?? {
      type: 'about:blank',
      title: statusText,
      status,
      detail: `The controller answered ${status} ${statusText}`,
      code: 'HTTP_ERROR',
    },
  );
}
