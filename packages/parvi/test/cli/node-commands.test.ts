// `parvi node …` and `parvi config …` against a node in memory, and the command as a process against a real one.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ActorSystem, clusterOf, silentLogger } from '../../src/index.ts';
import { managementOf } from '../../src/management/index.ts';
import { FakeNode, Raw, view } from './fake-node.ts';

/** As the routes of the log level say it. */
const forbidden = 'The request was a legal request, but the server is refusing to respond to it.';

const actor = (path: string, mailbox: number, children: readonly unknown[] = [], more = 0) => ({
  name: path.slice(path.lastIndexOf('/') + 1),
  path,
  state: 'running',
  waiting: mailbox > 5,
  mailbox,
  stashed: 0,
  restarts: 1,
  childCount: children.length + more,
  children,
});

function node(): FakeNode {
  const fake = new FakeNode();
  const orders = [actor('/user/orders/1', 7), actor('/user/orders/2', 2000)];
  fake.replies = {
    'GET /cluster/members': view(['Up']),
    'GET /parvi/actors': {
      total: 1500,
      shown: 4,
      truncated: true,
      actors: [actor('/user', 0, [actor('/user/orders', 1, orders, 1200)])],
    },
    'GET /parvi/dead-letters': {
      total: 3,
      byReason: { mailboxFull: 1, recipientNotFound: 2 },
      last: [{ at: '2026-01-01T00:00:00.000Z', reason: 'mailboxFull', recipient: '/user/a' }],
    },
    'GET /parvi/event-loop': { delaySeconds: { p50: 0.0001, p90: 0.001, p99: 0.0125, max: 0.25 } },
    'GET /parvi/associations': { associations: [] },
    'GET /parvi/config': {
      options: [
        { key: 'remote.port', value: '25520', origin: 'by default', effect: 'Port' },
        { key: 'remote.host', value: '10.0.0.1', origin: 'given in code', effect: 'Host' },
      ],
    },
  };
  return fake;
}

const lines = (fake: FakeNode): string[] =>
  fake.out
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/ {2,}/g, '  ').trimEnd());

describe('looking into a node', () => {
  it('shows the tree of actors with what waits, and says what it does not show', async () => {
    const fake = node();
    expect(await fake.run('node', 'actors', '--path', '/user', '--depth', '2')).toBe(0);
    expect(fake.asked).toEqual(['GET /parvi/actors?depth=2&max=200&path=%2Fuser']);
    expect(fake.out.split('\n').map((line) => line.trimEnd())).toEqual([
      'actor     mailbox  stash  restarts  state',
      'user            0      0         1  running',
      '  orders        1      0         1  running         and 1,200 more below',
      '    1           7      0         1  running, waits',
      '    2       2,000      0         1  running, waits',
      '4 of 1,500 actors shown; --depth, --max and --path show others',
      '',
    ]);
  });

  it('shows dead letters by reason, the most first, and the last of them', async () => {
    const fake = node();
    expect(await fake.run('node', 'dead-letters')).toBe(0);
    expect(lines(fake)).toEqual([
      '3 since the start of the node',
      'reason  number',
      'recipientNotFound  2',
      'mailboxFull  1',
      '2026-01-01T00:00:00.000Z  reason=mailboxFull recipient=/user/a',
    ]);
  });

  it.each([
    ['actors --depth -1', '--depth takes a whole number from 0 to 100, not "-1"'],
    ['actors --depth 101', '--depth takes a whole number from 0 to 100, not "101"'],
    ['actors --max 0', '--max takes a whole number from 1 to 10000, not "0"'],
    ['actors --max 1.5', '--max takes a whole number from 1 to 10000, not "1.5"'],
    ['dead-letters --max 5000', '--max takes a whole number from 0 to 200, not "5000"'],
  ])('asks for nothing with a number that a node does not take: %s', async (words, message) => {
    const fake = node();
    expect(await fake.run('node', ...words.split(' '))).toBe(2);
    expect(fake.error).toContain(message);
    expect(fake.asked).toEqual([]);
  });

  it('renews the live view until its rounds are over, the longest mailbox first', async () => {
    const fake = node();
    let letters = 3;
    fake.replies['GET /parvi/dead-letters'] = () => ({ total: letters++, byReason: {}, last: [] });
    fake.isTerminal = true;
    fake.environment = { NO_COLOR: '1' };
    expect(await fake.run('node', 'top', '--rounds', '3', '--actors', '2')).toBe(0);
    const pictures = fake.out.split('\u001B[J');
    expect(pictures).toHaveLength(3);
    expect(pictures[0]).toContain('dead letters 3\n');
    expect(pictures[2]).toContain('dead letters 5 (+1)');
    expect(
      pictures[2]
        ?.trimEnd()
        .split('\n')
        .slice(-2)
        .map((line) => line.split(/ {2,}/)[0]),
    ).toEqual(['/user/orders/2', '/user/orders/1']);
  });

  it('is one picture without a terminal', async () => {
    const fake = node();
    expect(await fake.run('node', 'top')).toBe(0);
    expect(lines(fake)[1]).toContain('half 0.1 ms, p99 12.5 ms, most 250.0 ms');
  });

  it('shows options and where they came from, all or only those that were set', async () => {
    const fake = node();
    expect(await fake.run('config', 'show')).toBe(0);
    expect(lines(fake)).toHaveLength(3);
    expect(await fake.run('config', 'show', '--set')).toBe(0);
    expect(lines(fake).slice(1)).toEqual(['remote.host  10.0.0.1  given in code']);
    delete fake.replies['GET /parvi/config'];
    expect(await fake.run('config', 'show')).toBe(5);
    expect(fake.error).toContain('has not handed it to management');
  });

  it('finds options in order that a node on another machine could be started with', async () => {
    const fake = node();
    fake.checked = { options: [], elsewhere: 'Cannot find the Kubernetes API server' };
    expect(await fake.run('config', 'check')).toBe(0);
    expect(fake.out).toContain('0 options are set, and a node can be started so');
    expect(fake.error).toContain('on another machine, not here: Cannot find the Kubernetes');
  });

  it('finds no options in order on a Node that no node can be started with', async () => {
    const fake = node();
    fake.nodeProblem = 'Cannot start with Node "20.20.2"';
    expect(await fake.run('config', 'check')).toBe(2);
    expect(fake.error).toContain('Cannot start with Node "20.20.2"');
    expect(fake.out).toBe('');
  });
});

describe('the level of the log', () => {
  const route = '/loglevel/logback?logger=ROOT';
  const asked = (key: string, reply: unknown): FakeNode => {
    const fake = new FakeNode();
    fake.replies = { [`${key} /loglevel/logback`]: reply };
    return fake;
  };

  it('is told in the words of the option', async () => {
    const fake = asked('GET', new Raw(200, 'OFF'));
    expect(await fake.run('node', 'log-level')).toBe(0);
    expect(fake.out).toBe('silent\n');
    expect(fake.asked).toEqual([`GET ${route}`]);
    expect(await fake.run('--json', 'node', 'log-level')).toBe(0);
    expect(JSON.parse(fake.out)).toEqual({ level: 'silent' });
  });

  it('is changed by such a word, and by no other', async () => {
    const fake = asked('PUT', new Raw(200, 'OK'));
    expect(await fake.run('node', 'log-level', 'warn')).toBe(0);
    expect(fake.out).toBe('The node logs from warn on\n');
    expect(await fake.run('--json', 'node', 'log-level', 'silent')).toBe(0);
    expect(JSON.parse(fake.out)).toEqual({ level: 'silent', message: 'OK' });
    expect(await fake.run('node', 'log-level', 'loud')).toBe(2);
    expect(fake.asked).toEqual([`PUT ${route}&level=WARN`, `PUT ${route}&level=OFF`]);
  });

  it.each([
    ['that is read-only', new Raw(403, forbidden), 'it is read-only: start it with management'],
    ['with a logger of its own', undefined, 'has handed in a logger of its own'],
    ['that asks for credentials', new Raw(401, 'no'), 'it asks for credentials'],
  ])('is refused by a node %s', async (_, reply, why) => {
    const fake = asked('PUT', reply);
    expect(await fake.run('node', 'log-level', 'debug')).toBe(5);
    expect(fake.error).toContain(why);
  });

  it('is not told by what is no node', async () => {
    const fake = asked('GET', new Raw(200, '<html>'));
    expect(await fake.run('node', 'log-level')).toBe(1);
    expect(fake.error).toContain('is not the management of a Parvi or Pekko node');
  });
});

describe('the command as a process', () => {
  let system: ActorSystem;
  const program = fileURLToPath(new URL('../../bin/parvi.mjs', import.meta.url));

  beforeAll(async () => {
    system = await ActorSystem.start(
      {
        name: 'shop',
        handleSignals: false,
        remote: { host: '127.0.46.7', port: 0 },
        cluster: { periodicTasksInitialDelay: '50ms' },
        management: { port: 0, writes: true, logControl: { level: 'info' } },
      },
      { log: silentLogger },
    );
    clusterOf(system).join(clusterOf(system).self.address);
    await clusterOf(system).whenUp;
  });
  afterAll(() => system.terminate());

  async function parvi(...words: readonly string[]) {
    const url = managementOf(system)?.url ?? '';
    const child = spawn(process.execPath, [program, '--url', url, ...words]);
    const texts = { out: '', error: '' };
    child.stdout.on('data', (bytes) => {
      texts.out += String(bytes);
    });
    child.stderr.on('data', (bytes) => {
      texts.error += String(bytes);
    });
    const [code] = await once(child, 'close');
    return { code, ...texts };
  }

  it('shows, looks into, waits for and checks a real node', async () => {
    const show = await parvi('cluster', 'show');
    expect(show).toMatchObject({ code: 0, error: '' });
    expect(show.out).toMatch(/pekko:\/\/shop@127\.0\.46\.7:\d+ +dc-default +Up +reachable/);
    expect(await parvi('cluster', 'watch', '--until', 'up=1')).toMatchObject({ code: 0 });
    const actors = await parvi('--json', 'node', 'actors');
    expect(JSON.parse(actors.out).actors.map(({ name }: { name: string }) => name)).toEqual([
      'user',
      'system',
    ]);
    expect(await parvi('node', 'show')).toMatchObject({ code: 0, error: '' });
    expect(await parvi('node', 'top')).toMatchObject({ code: 0, error: '' });
    const most = ['--depth', '100', '--max', '10000'];
    expect(await parvi('node', 'actors', ...most)).toMatchObject({ code: 0, error: '' });
    const letters = await parvi('node', 'dead-letters', '--max', '200');
    expect(letters).toMatchObject({ code: 0, error: '' });
    const config = await parvi('config', 'show', '--set');
    expect(config.out).toMatch(/remote\.host +127\.0\.46\.7 +given in code/);
    expect(await parvi('node', 'log-level', 'debug')).toMatchObject({ code: 0, error: '' });
    expect(await parvi('node', 'log-level')).toMatchObject({ code: 0, out: 'debug\n' });
    expect(await parvi('config', 'check', '--remote.prot', '1')).toMatchObject({ code: 2 });
    expect(await parvi('completion', 'bash')).toMatchObject({ code: 0, error: '' });
  });

  it('has the node leave and waits for its end, as before a container is stopped', async () => {
    const { code, out } = await parvi('cluster', 'leave', '--wait');
    expect(code).toBe(0);
    expect(out).toMatch(/Leaving .*\n.* has left after \d/);
    await system.whenTerminated;
  });
});
