import { bar, openTerminal, table } from 'parvi/cli/terminal';
import { describe, expect, it } from 'vitest';
import { figureText } from '../../src/cli/figures.ts';
import {
  jobTable,
  metricTable,
  progressLine,
  uploadLine,
  workerTable,
} from '../../src/cli/job-report.ts';
import { endLine } from '../../src/cli/local/end-line.ts';
import type { JobView } from '../../src/http/views.ts';
import { job } from './sample-job.ts';

describe('the report of a job', () => {
  const plain = openTerminal({ write: () => true }, { write: () => true }, {});

  it('is one line while it runs', () => {
    expect(progressLine(plain, job)).toBe(
      'NPV       ██████████▌·················      7,500 of 20,000  5,000/s',
    );
  });

  it('says why it does not go on', () => {
    const waiting: JobView = { ...job, state: 'waiting-for-workers', reason: 'No worker is there' };
    expect(progressLine(plain, waiting)).toMatch(/5,000\/s {2}No worker is there$/);
  });

  it('says how much of a file has been sent, and of a pipe how much came', () => {
    expect(uploadLine(plain, 1_500_000, 3_000_000)).toBe(
      'Uploading ██████████████··············        1.5 of 3.0 MB',
    );
    expect(uploadLine(plain, 1_500_000, 0)).toBe('Uploading 1.5 MB');
  });

  it('is a table a metric and a table a worker at the end', () => {
    expect(metricTable([job])).toBe(
      [
        'metric  trades  priced  failed  rejected            sum       mean    time  trades/s',
        'NPV     20,000   7,490      10         3  -1,234,567.89  0.0123457  1.50 s     5,000',
      ].join('\n'),
    );
    expect(workerTable([job, job])).toBe(
      [
        'worker  trades  chunks  busy',
        'a:1     10,000       6  80 %',
        'b:2      5,000       2  40 %',
      ].join('\n'),
    );
  });

  it('tells trades that failed from rows that were never trades, which have a column where there are any', () => {
    const one: JobView = { ...job, trades: 1, priced: 1, failed: 0, rejected: 1 };
    const cellsOf = (text: string) => text.split('\n').map((line) => line.split(/ {2,}/));
    const [heads = [], row = []] = cellsOf(jobTable([one]));
    const cell = (head: string) => row[heads.indexOf(head) - 1];
    expect(['trades', 'failed', 'rejected'].map(cell)).toEqual(['1', '0', '1']);
    for (const text of [
      jobTable([{ ...one, rejected: 0 }]),
      metricTable([{ ...one, rejected: 0 }]),
    ]) {
      expect(text).not.toContain('rejected');
    }
  });

  it('has figures that can be read', () => {
    expect([0, 0.1234567, -12.5, 1000, null].map(figureText)).toEqual([
      '0',
      '0.123457',
      '-12.5',
      '1,000.00',
      '–',
    ]);
    expect([0, 0.5, 1, 2].map((share) => bar(share, 4))).toEqual(['····', '██··', '████', '████']);
    expect(table([{ title: 'a' }, { title: 'b', right: true }], [['x', '1']])).toBe('a  b\nx  1');
  });
});

describe('the terminal', () => {
  const written = (environment: Record<string, string>, isTTY: boolean, columns = 100) => {
    let text = '';
    const out = { isTTY, columns, write: (data: string | Uint8Array) => (text += String(data)) };
    return { terminal: openTerminal(out, out, environment), text: () => text };
  };

  it('replaces its status lines by the next ones, and by what is printed', () => {
    const { terminal, text } = written({}, true);
    terminal.status(['one', 'two']);
    terminal.status(['three']);
    terminal.out('done');
    expect(text()).toBe('one\ntwo\n\u001B[2A\u001B[Jthree\n\u001B[1A\u001B[Jdone\n');
  });

  it('shows what would move its cursor as a dot', () => {
    const { terminal, text } = written({}, true);
    terminal.error('There is no "\u001B[2J\r"\nand no more');
    expect(text()).toBe('There is no "·[2J·"\nand no more\n');
    expect(table([{ title: 'id' }], [['a\u009B1m\nb']])).toBe('id\na·1m·b');
  });

  it('takes lines that are longer than the terminal is wide away whole', () => {
    const { terminal, text } = written({}, true, 10);
    terminal.status(['x'.repeat(25)]);
    terminal.out('done');
    expect(text()).toContain('\u001B[3A\u001B[Jdone');
  });

  it('has no status and no colours where nobody looks', () => {
    const { terminal, text } = written({}, false);
    terminal.status(['one']);
    expect([text(), terminal.style('red', 'x')]).toEqual(['', 'x']);
    expect(written({ TERM: 'dumb' }, true).terminal.interactive).toBe(false);
    expect(written({ NO_COLOR: '1' }, true).terminal.style('red', 'x')).toBe('x');
    expect(written({}, true).terminal.style('red', 'x')).toBe('\u001B[31mx\u001B[39m');
  });
});

describe('a process of a local grid that ends', () => {
  const pages = ['http://127.0.0.1:7777/', 'http://127.0.0.1:7778/'] as const;
  const controller = {
    name: 'controller 127.0.0.1:25520',
    role: 'controller',
    how: 'SIGKILL',
  } as const;
  const worker = { name: 'worker-1', role: 'worker', how: 'exit code 1' } as const;

  it.each([
    [controller, { pageBefore: pages[0], page: pages[1] }, `the page is now at ${pages[1]}`],
    [controller, { pageBefore: pages[0], page: pages[0] }, `the page is still at ${pages[0]}`],
    [controller, { pageBefore: pages[0], page: undefined }, 'no controller is left'],
  ])('is told with where the page is: %j, %j', (end, left, text) => {
    expect(endLine(end, { workers: 2, ...left })).toBe(
      `controller 127.0.0.1:25520 ended (SIGKILL); ${text}`,
    );
  });

  it.each([
    [2, '2 workers are left'],
    [1, '1 worker is left'],
    [0, 'no worker is left, so jobs wait until one joins: npm run worker'],
  ])('is told with who is left: %i', (workers, text) => {
    expect(endLine(worker, { workers, pageBefore: pages[0], page: pages[0] })).toBe(
      `worker-1 ended (exit code 1); ${text}`,
    );
  });
});

describe('status lines', () => {
  it('are replaced also on a terminal that says it has no width', () => {
    let written = '';
    const out = {
      isTTY: true,
      columns: 0,
      write: (data: string | Uint8Array) => (written += data),
    };
    const terminal = openTerminal(out, out, {});
    terminal.status(['first']);
    terminal.status(['second']);
    expect(written).toBe('first\n\u001B[1A\u001B[Jsecond\n');
  });
});
