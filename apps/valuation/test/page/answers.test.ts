import { describe, expect, it } from 'vitest';
import type { ProblemView } from '../../src/http/views.ts';
import { answerIn, ProblemError } from '../../web/src/answers.ts';

/** The problem that the page would show. */
function problemOf(status: number, body: string): ProblemView {
  try {
    answerIn({ status, statusText: 'Sorry' }, body);
  } catch (error) {
    if (error instanceof ProblemError) return error.problem;
    throw error;
  }
  throw new Error('The answer was taken for a value');
}

describe('an answer', () => {
  it('is the value of its JSON', () => {
    expect(answerIn({ status: 202, statusText: 'Accepted' }, '{"id":"a"}')).toEqual({ id: 'a' });
  });

  it('that refuses is the problem in the controller’s words', () => {
    const problem = { type: 'about:blank', title: 'No', status: 404, detail: 'None', code: 'X' };
    expect(problemOf(404, JSON.stringify(problem))).toEqual(problem);
  });

  it.each(['', '<h1>Bad gateway</h1>', 'null', '{"error":"none"}'])(
    'that refuses in other words is one all the same: %j',
    (body) => {
      expect(problemOf(502, body)).toMatchObject({
        detail: 'The controller answered 502 Sorry',
        code: 'HTTP_ERROR',
      });
    },
  );
});
