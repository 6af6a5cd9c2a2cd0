import { memoryLog } from 'parvi/observe';
import { ParviError } from 'parvi/runtime';
import { ManualTime } from 'parvi/testkit';
import { describe, expect, it } from 'vitest';
import type { ControllerLink } from './controller-link.ts';
import { JobExchange } from './job-exchange.ts';
import { newsBytes } from './message-bytes.ts';
import { pageBytesMax } from './options.ts';
import type { Answer, ControllerMessage, FoundJob, JobNews, JobQuery } from './protocol.ts';
import { sampleView as view } from './sample-view.ts';

interface Other extends ControllerLink {
  readonly told: ControllerMessage[];
  readonly asked: JobQuery[];
}

/** Another controller that has heard of some jobs, or does not answer. */
function other(address: string, heard: readonly FoundJob[] | 'away' | 'silent'): Other {
  const told: ControllerMessage[] = [];
  const asked: JobQuery[] = [];
  return {
    address,
    told,
    asked,
    isReachable: () => heard !== 'away',
    tell: (message) => told.push(message),
    ask: async (query): Promise<Answer<unknown>> => {
      asked.push(query);
      if (typeof heard === 'string') throw new Error('Nobody answers');
      const found = heard.find((one) => one.view.id === query.job);
      if (found !== undefined) return { ok: true, value: found };
      return { ok: false, code: 'JOB_UNKNOWN', message: 'There is no job', fields: {} };
    },
  };
}

function open(
  links: readonly Other[],
  ownJobs: readonly JobNews[] = [{ view: view('own', 'running') }],
) {
  const learned: string[] = [];
  const log = memoryLog('warn');
  const exchange = new JobExchange({
    clock: new ManualTime().clock,
    log: log.logger,
    selfAddress: 'a',
    links: () => links,
    ownJobs: () => ownJobs,
    isMember: () => true,
    isOwn: (job) => ownJobs.some(({ view }) => view.id === job),
    onLearned: (views) => learned.push(...views.map(({ id, state }) => `${id} ${state}`)),
  });
  return { exchange, learned, lines: log.lines };
}

const codeOf = (seeking: Promise<unknown>): Promise<string> =>
  seeking.then(
    () => 'found',
    (error: unknown) => (error instanceof ParviError ? error.code : String(error)),
  );

describe('a search for a job', () => {
  it('asks one controller after the other, and remembers what it was told', async () => {
    const found = { view: view('1', 'running'), controller: 'c', gone: false };
    const links = [other('b', []), other('c', [found])];
    const { exchange } = open(links);
    expect(await exchange.seek('1')).toEqual(found);
    expect(await exchange.seek('1')).toEqual(found);
    expect(links.map(({ asked }) => asked.length)).toEqual([1, 1]);
  });

  it('finds a job whose controller is gone', async () => {
    const found = { view: view('1', 'lost'), controller: 'x', gone: true };
    const { exchange } = open([other('b', [found])]);
    expect(await exchange.seek('1')).toEqual(found);
    expect(exchange.heardOf('1')).toEqual(found);
  });

  it('takes a job for lost that the process before it at its own address kept', async () => {
    const { exchange } = open([
      other('b', [
        { view: view('1', 'running'), controller: 'a', gone: false },
        { view: view('2', 'completed'), controller: 'a', gone: false },
      ]),
    ]);
    expect(await exchange.seek('1')).toMatchObject({ gone: true, view: { state: 'lost' } });
    expect(await exchange.seek('2')).toMatchObject({ view: { state: 'completed' } });
  });

  it('goes on behind a controller that does not answer, and says so when nobody else knows', async () => {
    const found = { view: view('1', 'running'), controller: 'c', gone: false };
    for (const state of ['away', 'silent'] as const) {
      const { exchange } = open([other('b', state), other('c', [found])]);
      expect(await exchange.seek('1')).toEqual(found);
      expect(await codeOf(exchange.seek('2'))).toBe('OWNER_UNREACHABLE');
    }
    expect(await codeOf(open([other('b', []), other('c', [])]).exchange.seek('2'))).toBe(
      'JOB_UNKNOWN',
    );
  });
});

describe('news of jobs', () => {
  it('greet a controller with the jobs here and with those whose controller is gone', () => {
    const late = other('d', []);
    const { exchange } = open([]);
    exchange.receive({ type: 'jobNews', controller: 'b', jobs: [{ view: view('1', 'running') }] });
    exchange.receive({ type: 'jobNews', controller: 'c', jobs: [{ view: view('2', 'running') }] });
    exchange.controllerGone('b');
    exchange.greet(late);
    const news = late.told.flatMap((message) => (message.type === 'jobNews' ? [message] : []));
    expect(
      news.map(({ controller, gone, jobs }) => [controller, gone, jobs.map((one) => one.view.id)]),
    ).toEqual([
      ['a', undefined, ['own']],
      ['b', true, ['1']],
    ]);
  });

  it('travel in messages that are short enough however many workers the jobs had', () => {
    const link = other('b', []);
    const workers = Array.from({ length: 900 }, (_, i) => ({
      address: `pekko://Valuation@${'host'.repeat(20)}${i}:25520`,
      trades: 1,
      chunks: 1,
      busyMs: 0.1,
      busyShare: 0.1,
    }));
    const wide = ['1', '2', '3', '4', '5'].map((id) => ({
      view: { ...view(id, 'running'), name: 'n'.repeat(200), workers },
    }));
    const small = Array.from({ length: 120 }, (_, i) => ({ view: view(`small ${i}`, 'running') }));
    const jobs = [...wide, ...small];
    open([], jobs).exchange.greet(link);
    const told = link.told.flatMap((message) => (message.type === 'jobNews' ? [message.jobs] : []));
    expect(told.flat()).toEqual(jobs);
    for (const news of told) {
      expect(news.length).toBeLessThanOrEqual(50);
      const bytes = news.reduce((sum, one) => sum + newsBytes(one), 0);
      expect(bytes).toBeLessThanOrEqual(pageBytesMax);
    }
  });

  it('say once in the log that a job is lost, however they come', () => {
    const { exchange, learned, lines } = open([]);
    const running = { type: 'jobNews', controller: 'b', jobs: [{ view: view('1', 'running') }] };
    const lost = { type: 'jobNews', controller: 'b', jobs: [{ view: view('1', 'lost') }] };
    exchange.receive(running as ControllerMessage & { type: 'jobNews' });
    exchange.receive(lost as ControllerMessage & { type: 'jobNews' });
    exchange.receive(lost as ControllerMessage & { type: 'jobNews' });
    exchange.controllerGone('b');
    expect(learned[1]).toBe('1 lost');
    expect(lines.map(({ message }) => message)).toEqual([
      'Job is lost with the controller that kept it',
    ]);
    expect(exchange.heardOf('1')).toMatchObject({ gone: true });
  });
});
