import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { otherController } from '../../src/cli/client.ts';
import { packageVersion } from '../../src/cli/node-config.ts';
import type { JobView } from '../../src/http/views.ts';
import { csvHeader, parseCsvHeader, parseCsvRow } from '../../src/instruments/index.ts';
import { run } from './command.ts';
import { job } from './sample-job.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

/** A controller that answers as a test wants; its address. */
async function controller(answer: (url: string, response: ServerResponse) => void) {
  const made = createServer((request, response) => answer(request.url ?? '', response));
  server = made;
  await new Promise<void>((listening) => made.listen(0, '127.0.0.1', listening));
  const address = made.address();
  if (typeof address !== 'object' || address === null) throw new Error('Not listening');
  return `http://127.0.0.1:${address.port}`;
}

const event = (kind: string, view: JobView) => `event: ${kind}\ndata: ${JSON.stringify(view)}\n\n`;

describe('results that come in several pages', () => {
  it('are one table, with heads once', async () => {
    const row = (number: number, id: string) => ({ row: number, id, instrument: 'fra', value: 1 });
    const pages = [
      { results: [row(1, 'long name')], nextCursor: 'row-2' },
      { results: [], nextCursor: 'row-2' },
      { results: [row(2, 'b')] },
    ];
    const url = await controller((_path, response) => response.end(JSON.stringify(pages.shift())));
    const { out } = await run(['--url', url, 'results', 'j1']);
    expect(out).toBe(
      `${[
        'row  trade      instrument  value',
        '  1  long name  fra             1',
        '  2  b          fra             1',
      ].join('\n')}\n`,
    );
  });
});

it('tells its version', async () => {
  expect(await run(['--version'])).toMatchObject({ code: 0, out: `${packageVersion}\n` });
});

it('ends with 2 at options that no node starts with, as with those that cannot be read', async () => {
  const wrong = ['worker', '--cluster.split-brain.strategy', 'static-quorum'];
  const { code, error } = await run(wrong);
  expect(code).toBe(2);
  expect(error).toContain('Cannot use cluster.splitBrain.quorumSize, which is not set');
});

/** The address of a controller that is gone. */
async function goneController(): Promise<string> {
  const url = await controller(() => {});
  await new Promise((closed) => server?.close(closed));
  return url;
}

describe('a controller that does not answer', () => {
  it('is named, with what to do, and ends with a code of its own', async () => {
    const url = await goneController();
    const { code, out, error } = await run(['--url', url, 'jobs']);
    expect([code, out]).toEqual([4, '']);
    expect(error).toBe(
      `valuation: No controller answers at ${url}: ECONNREFUSED\nStart one with "npm start", or name another with --url or VALUATION_URL\n`,
    );
  });

  it('may be named by the environment', async () => {
    const url = await goneController();
    const { error } = await run(['jobs'], { environment: { VALUATION_URL: url } });
    expect(error).toContain(url);
  });

  it.each(['foo', 'localhost:7777', 'ftp://a', 'http:foo', 'http://a:b@c', 'http://a/?b=1', ''])(
    'is no address: "%s"',
    async (url) => {
      const { code, out, error } = await run(['--url', url, 'jobs']);
      expect([code, out]).toEqual([2, '']);
      expect(error).toBe(
        `valuation: "${url}" is no address of a controller: give --url or VALUATION_URL like http://127.0.0.1:7777\n`,
      );
    },
  );

  it.each([
    [502, '<h1>Bad gateway'],
    [404, '{"error":"Not found"}'],
    [404, 'null'],
    [200, '<!doctype html>'],
  ])('is told apart from something else that answers %i, %s', async (status, text) => {
    const url = await controller((_url, response) => response.writeHead(status).end(text));
    const { code, error } = await run(['--url', url, 'jobs']);
    expect([code, error]).toEqual([
      5,
      `valuation: What answers is no controller; it says ${status}: ${text}\nName a controller with --url or VALUATION_URL\n`,
    ]);
  });
});

describe('a connection that breaks in the middle of an answer', () => {
  it.each(['jobs', 'results j1', 'results j1 --format csv'])(
    'is said in one line by %s',
    async (words) => {
      const url = await controller((_path, response) => {
        response.writeHead(200, { 'content-length': 1000 });
        response.write('{', () => response.destroy());
      });
      const { code, error } = await run(['--url', url, ...words.split(' ')]);
      expect(code).toBe(4);
      expect(error).toMatch(
        /^valuation: The connection to \S+ broke before the answer was whole: [^\n]+\nTry again\n$/,
      );
    },
  );
});

/** Files of this process that are open below a folder; told by Linux only. */
const openBelow = (folder: string): string[] =>
  readdirSync('/proc/self/fd').flatMap((entry) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${entry}`);
      return path.startsWith(folder) ? [path] : [];
    } catch {
      return [];
    }
  });

it.runIf(process.platform === 'linux')(
  'closes the file whose sending has failed before it is sent again',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'valuation-submit-'));
    const file = join(folder, 'book.ndjson');
    writeFileSync(file, '{"instrument":"fra"}\n'.repeat(200_000));
    let tries = 0;
    const url = await controller((_path, response) => {
      if (tries++ < 3) response.destroy();
      else response.writeHead(409).end('{"code":"ANY","title":"Enough"}');
    });
    const open: string[][] = [];
    const pause = async (): Promise<void> => void open.push(openBelow(folder));
    const { error } = await run(['--url', url, 'submit', file], { pause });
    expect(error).toContain('Enough');
    expect([...open, openBelow(folder)]).toEqual([[], [], [], []]);
    rmSync(folder, { recursive: true });
  },
);

describe('following a job', () => {
  it('goes on across broken streams, with longer and longer pauses', async () => {
    const pauses: number[] = [];
    const statuses = [200, 503, 503, 200];
    const url = await controller((_path, response) => {
      const status = statuses.shift();
      if (status === 503) {
        response.writeHead(503, { 'content-type': 'application/problem+json' });
        response.end('{"code":"OWNER_UNREACHABLE","detail":"Away"}');
      } else if (statuses.length > 0) {
        response.write(event('progress', job), () => response.destroy());
      } else {
        response.end(event('end', { ...job, state: 'completed', endedAt: job.submittedAt }));
      }
    });
    const { code, out } = await run(['--url', url, '--json', 'show', 'j1', '--follow'], {
      pause: async (ms) => void pauses.push(ms),
    });
    expect([code, JSON.parse(out)]).toEqual([0, expect.objectContaining({ state: 'completed' })]);
    expect(pauses).toEqual([250, 500, 1000]);
  });

  it('pauses even when each stream brings something before it ends', async () => {
    let streams = 0;
    let pauses = 0;
    const url = await controller((_path, response) => {
      const ended =
        ++streams === 30 ? { endedAt: job.submittedAt, state: 'completed' as const } : {};
      response.end(event('progress', { ...job, ...ended }));
    });
    const { code } = await run(['--url', url, 'show', 'j1', '--follow'], {
      pause: async () => void pauses++,
    });
    expect([code, streams, pauses]).toEqual([0, 30, 29]);
  });

  it('gives up after some two minutes without an answer', async () => {
    let waitedMs = 0;
    const { code, error } = await run(['--url', await goneController(), 'show', 'j1', '--follow'], {
      pause: async (ms) => {
        waitedMs += ms;
      },
    });
    expect([code, error]).toEqual([4, expect.stringContaining('No controller answers')]);
    expect(waitedMs).toBeGreaterThan(90_000);
    expect(waitedMs).toBeLessThan(180_000);
  });

  it('says after some ten seconds without an answer that it waits, and who else may answer', async () => {
    const url = await goneController();
    let text = '';
    let waitedMs = 0;
    let firstMs: number | undefined;
    const { error } = await run(['--url', url, 'show', 'j1', '--follow'], {
      onError: (part) => {
        text += part;
        firstMs ??= waitedMs;
      },
      pause: async (ms) => {
        waitedMs += ms;
      },
    });
    expect(firstMs).toBe(7750);
    const hint = 'Another controller of the grid may answer for the job: name it with --url';
    expect(error).toBe(
      [
        `valuation: No controller answers at ${url}: ECONNREFUSED; still trying\n${hint}\n`,
        `valuation: No controller answers at ${url}: ECONNREFUSED\n${hint}\n`,
      ].join(''),
    );
    expect(text).toBe(error);
  });

  it.each([
    ['http://127.0.0.1:7777', 'http://127.0.0.1:7778'],
    ['http://localhost:7778/', 'http://127.0.0.1:7777'],
  ])('names the other controller of a local grid when %s is gone', (gone, other) => {
    expect(otherController(gone)).toMatch(new RegExp(`--url; .*"npm start".* ${other}$`));
  });

  it('ends with the code of a job that did not complete', async () => {
    const lost: JobView = { ...job, state: 'lost', reason: 'Its controller died', endedAt: 'x' };
    const url = await controller((_path, response) => response.end(event('end', lost)));
    const { code, error } = await run(['--url', url, 'show', 'j1', '--follow']);
    expect([code, error]).toEqual([3, 'valuation: Job j1 ended as lost: Its controller died\n']);
  });

  it('shows how it goes on, on a terminal', async () => {
    const url = await controller((_path, response) => {
      response.end(event('end', { ...job, state: 'completed', endedAt: job.submittedAt }));
    });
    const { out } = await run(['--url', url, 'show', 'j1', '--follow'], { terminal: true });
    const [line, table] = out.split('\u001B[1A\u001B[J');
    expect(line).toMatch(/^NPV {7}.*7,500 of 20,000.*\n$/);
    expect(table).toMatch(/^Job j1 {2}completed\n/);
  });
});

describe('portfolio generate', () => {
  it('prints the same trades for the same seed', async () => {
    const words = ['portfolio', 'generate', '--trades', '50', '--seed', '7'];
    const { code, out } = await run(words);
    expect(code).toBe(0);
    expect((await run(words)).out).toBe(out);
    expect((await run([...words.slice(0, -1), '8'])).out).not.toBe(out);
    const [header, ...rows] = out.trimEnd().split('\n');
    expect(header).toBe(csvHeader);
    expect(rows).toHaveLength(50);
    const columns = parseCsvHeader(csvHeader.split(','));
    for (const row of rows) {
      expect(columns.ok && parseCsvRow(columns.columns, row.split(',')).ok).toBe(true);
    }
  });

  it('prints NDJSON when asked', async () => {
    const { out } = await run(['portfolio', 'generate', '-n', '3', '--format', 'ndjson']);
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { id: string }).id),
    ).toHaveLength(3);
  });

  it('says when its file cannot be written', async () => {
    const file = join(import.meta.dirname, 'no-such-folder', 'book.csv');
    const { code, error } = await run(['portfolio', 'generate', '-n', '1', '-o', file]);
    expect(code).toBe(1);
    expect(error).toMatch(/^valuation: Cannot write ".*book.csv": ENOENT.*\n$/);
  });

  it.each([
    ['--trades', 'many'],
    ['--trades', '-1'],
    ['--trades', '1', '--seed', 'x'],
    ['--trades', '1', '--format', 'xml'],
  ])('refuses %s %s', async (...words) => {
    expect((await run(['portfolio', 'generate', ...words])).code).toBe(2);
  });
});

describe('a local grid', () => {
  it.each([
    ['--workers 0', '--workers must be a whole number of 1 or more, not "0"'],
    ['--http-port 65535', '--http-port must be a whole number from 1 to 65534, not "65535"'],
    ['--cluster-port x', '--cluster-port must be a whole number from 1 to 65534, not "x"'],
  ])('refuses %s before it starts anything', async (words, message) => {
    const outcome = await run(['local', ...words.split(' ')]);
    expect(outcome).toEqual({ code: 2, out: '', error: `valuation: ${message}\n` });
  });
});

describe('a node', () => {
  it.each([
    [['worker'], { PARVI_WORKER_THREADS: 'abc' }, /"abc" of "worker.threads".* 1 or more/],
    [
      ['worker', '--worker.threads', '0'],
      {},
      /"0" of "worker.threads".*flag --worker.threads: must/,
    ],
    [['controller', '--http.port', 'x'], {}, /"x" of "http.port".* from 0 to 65535/],
    [['controller', '--http.prot', '1'], {}, /did you mean "http.port"/],
  ])('refuses %j with %j as a wrong command line', async (words, environment, message) => {
    const { code, out, error } = await run(words, { environment });
    expect([code, out]).toEqual([2, '']);
    expect(error).toMatch(message);
    expect(error).not.toMatch(/expected|received/);
  });
});

describe('the help', () => {
  it.each([
    [
      [],
      [
        'valuation local',
        'submit book.csv --metric NPV --follow',
        'Exit codes:',
        '--url',
        '--json',
      ],
    ],
    [['submit'], ['--metric', '--on-error', '--idempotency-key', 'Examples:', 'NDJSON']],
    [['results'], ['--failed', 'Examples:', '--format csv > results.csv']],
    [['snapshots'], ['put', 'Examples:', 'submit book.csv --snapshot mine']],
    [
      ['portfolio', 'generate'],
      ['--trades', '--seed', '--output', 'Examples:'],
    ],
    [['worker'], ['--remote.port', 'Examples:']],
    [['controller'], ['--http.port', 'Examples:']],
    [['submit'], ['(default)', 'JSON']],
  ])('of %s teaches by example', async (words, parts) => {
    const { code, out, error } = await run([...words, '--help']);
    expect([code, error]).toEqual([0, '']);
    for (const part of parts) expect(out).toContain(part);
  });

  it('of every command that there is has an example of that command', async () => {
    const commandsOf = async (words: readonly string[]): Promise<string[][]> => {
      const { out } = await run([...words, '--help']);
      const listed = out.split('\nCommands:\n')[1]?.split('\n\n')[0] ?? '';
      const names = [...listed.matchAll(/^ {2}([a-z]+)/gm)].map(([, name]) => name ?? '');
      const own = names.filter((name) => name !== 'help').map((name) => [...words, name]);
      return [...own, ...(await Promise.all(own.map(commandsOf))).flat()];
    };
    const commands = await commandsOf([]);
    expect(commands.length).toBeGreaterThan(12);
    for (const words of commands) {
      const { out } = await run([...words, '--help']);
      expect(out.split('Examples:\n')[1] ?? `no example of ${words.join(' ')}`).toMatch(
        new RegExp(`\\$ .*valuation (--json )?${words.join(' ')}`),
      );
    }
  });

  it.each([
    ['controller', 'system.name', 'Valuation'],
    ['controller', 'remote.port', '25520'],
    ['worker', 'remote.port', '0'],
    ['worker', 'cluster.seedNodes', '127.0.0.1:25520,127.0.0.1:25521'],
    ['worker', 'cluster.splitBrain.strategy', 'keep-oldest'],
  ])('of %s says the default of %s that holds there: %s', async (command, key, value) => {
    const { out } = await run([command, '--help']);
    expect(out.split(`--${key}\n`)[1]?.split('\n')[0]).toContain(`(default ${value});`);
  });

  it('comes when there is nothing to do', async () => {
    const { code, error } = await run([]);
    expect(code).toBe(2);
    expect(error).toContain('Usage: valuation');
  });
});
