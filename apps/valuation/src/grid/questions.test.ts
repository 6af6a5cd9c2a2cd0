import { ManualTime } from 'parvi/testkit';
import { describe, expect, it } from 'vitest';
import type { ControllerMessage } from './protocol.ts';
import { Questions } from './questions.ts';

const self = { path: 'pekko://Valuation@a:1/user/grid-controller', tell: () => undefined };

function open() {
  const time = new ManualTime();
  const asked: number[] = [];
  const other = {
    tell: (message: ControllerMessage) => {
      if (message.type === 'jobQuery') asked.push(message.question);
    },
  };
  const questions = new Questions(time.timers);
  const ask = (job: string) => questions.ask(other, self, { kind: 'view', job });
  const answer = (question: number | undefined, value: unknown) =>
    questions.answered({
      type: 'jobAnswer',
      question: question ?? 0,
      answer: { ok: true, value },
    });
  return { time, asked, ask, answer };
}

describe('questions to another controller', () => {
  it('get the answer that is theirs, in whatever order answers come', async () => {
    const { asked, ask, answer } = open();
    const [first, second] = [ask('1'), ask('2')];
    answer(asked[1], 'two');
    answer(asked[0], 'one');
    expect(await first).toEqual({ ok: true, value: 'one' });
    expect(await second).toEqual({ ok: true, value: 'two' });
  });

  it('are given up after five seconds, and an answer after that is dropped', async () => {
    const { time, asked, ask, answer } = open();
    const late = ask('1').catch((error: Error) => error.message);
    await time.advanceAsync(4999);
    const next = ask('2');
    await time.advanceAsync(1);
    expect(await late).toBe('No answer about job "1" came within 5000 ms');
    answer(asked[0], 'one');
    answer(asked[1], 'two');
    expect(await next).toEqual({ ok: true, value: 'two' });
  });
});
