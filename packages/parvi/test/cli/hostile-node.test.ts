// Who answers may be anybody, and the names that a node tells come from everywhere: neither may do more to the person at
// the terminal than be read.

import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { SilentAnswer } from '../../src/cli/http-door.ts';
import { httpDoor } from '../../src/cli/index.ts';
import { ManualTime } from '../../src/testkit/index.ts';
import { address, FakeNode, Raw, silence, view } from './fake-node.ts';

const members = 'GET /cluster/members';
/** Sets the title of a window, colours, begins a line of its own, turns text around, and a sequence in one character. */
const hostile = 'r\u001B]0;owned\u0007\u001B[8m\nMemberUp\u202E\u009B2J\u007F';
const harmless = /^[^\p{Cc}\p{Bidi_Control}\u2028\u2029]*$/u;

function namedBy(name: string): FakeNode {
  const node = new FakeNode();
  const one = { node: address(1), nodeUid: '1', status: name, roles: [name] };
  const all = { ...view([]), selfNode: name, members: [one], leader: name };
  node.replies[members] = all;
  node.replies['GET /parvi/members'] = { members: [{ ...one, appVersion: name, age: 1 }] };
  node.replies['GET /parvi/version'] = {
    parvi: name,
    node: name,
    appVersion: name,
    system: name,
    address: name,
    uptimeSeconds: 1,
  };
  const delays = { p50: 0, p90: 0, p99: 0, max: 0 };
  node.replies['GET /parvi/event-loop'] = { delaySeconds: delays };
  const stream = { name, state: name, queuedFrames: 0, queuedBytes: 0, framesSent: 0 };
  node.replies['GET /parvi/associations'] = {
    associations: [{ address: name, streams: [stream] }],
  };
  const actor = {
    name,
    path: name,
    mailbox: 0,
    stashed: 0,
    restarts: 0,
    state: name,
    waiting: true,
    childCount: 0,
    children: [],
  };
  const shown = { total: 1, shown: 1, truncated: false };
  node.replies['GET /parvi/actors'] = { ...shown, actors: [actor] };
  node.replies['GET /parvi/dead-letters'] = {
    total: 1,
    byReason: { [name]: 1 },
    last: [{ at: name, recipient: name, cause: name, [name]: name }],
  };
  node.replies['GET /parvi/config'] = {
    options: [{ key: name, value: name, origin: name, effect: name }],
  };
  node.replies[`DELETE /cluster/members/${address(1)}`] = { message: name };
  node.replies['PUT /cluster'] = { message: name };
  const member = { uniqueAddress: { address: name, longUid: 1 }, status: name, roles: [name] };
  const events = [
    { type: 'MemberRemoved', member, previousStatus: name },
    { type: 'LeaderChanged', address: name },
    { type: 'RoleLeaderChanged', role: name },
  ];
  node.replies['GET /cluster/domain-events'] = () => {
    node.time.timers.after(100, () => node.interrupted.abort());
    return new Raw(200, events.map((event) => `data:${JSON.stringify(event)}\n\n`).join(''));
  };
  return node;
}

describe('names that a node tells', () => {
  it.each([
    'cluster show',
    'cluster leave 10.0.0.1',
    'cluster prepare-shutdown --yes',
    'cluster tail',
    'node show',
    'node actors',
    'node dead-letters',
    'node top --rounds 1',
    'config show',
  ])('reach the terminal as characters only, with %s', async (words) => {
    const plainly = namedBy('name');
    await plainly.run(...words.split(' '));
    for (const isTerminal of [false, true]) {
      const node = namedBy(hostile);
      node.environment = { NO_COLOR: '1' };
      node.isTerminal = isTerminal;
      await node.run(...words.split(' '));
      expect(node.out).toContain('owned');
      const lines = node.out.split('\n');
      expect(lines.filter((line) => !harmless.test(line))).toEqual([]);
      expect(lines).toHaveLength(plainly.out.split('\n').length);
    }
  });

  it.each(['cluster show', 'node actors', 'cluster tail'])(
    'are whole and harmless in JSON, with %s',
    async (words) => {
      const node = namedBy(hostile);
      await node.run('--json', ...words.split(' '));
      expect(node.out.split('\n').filter((line) => !harmless.test(line))).toEqual([]);
      const texts = words === 'cluster tail' ? node.out.trim().split('\n') : [node.out];
      const told = texts.map((text) => JSON.stringify(JSON.parse(text))).join();
      expect(told).toContain(JSON.stringify(hostile));
    },
  );

  it('do not colour what they stand in', async () => {
    const node = namedBy('\u001B[8mname');
    node.isTerminal = true;
    await node.run('cluster', 'show');
    expect(node.out).toContain('·[8mname');
    expect(node.out).toContain('\u001B[1m');
  });
});

describe('what is no node', () => {
  it.each(['null', '[]', '{}', '{"selfNode":1,"members":[{}],"unreachable":null}', '[[[', '"a'])(
    'is told from one by its answer %s',
    async (answer) => {
      const node = new FakeNode();
      for (const path of ['cluster/members', 'parvi/config', 'parvi/version', 'parvi/actors']) {
        node.replies[`GET /${path}`] = new Raw(200, answer);
      }
      for (const words of [
        'cluster show',
        'cluster leave',
        'node show',
        'node actors',
        'node top',
      ]) {
        expect(await node.run(...words.split(' '))).toBe(1);
        expect(node.error).toMatch(
          /^parvi: What answers at \S+ is not the management of a Parvi or Pekko node: it said /,
        );
        expect(node.error.trim().split('\n')).toHaveLength(1);
      }
    },
  );

  it.each(['null', '7', '{"type":"MemberUp","member":7}', '{"type":7}', 'up'])(
    'is told from one by its event %s',
    async (event) => {
      const node = new FakeNode();
      node.replies['GET /cluster/domain-events'] = new Raw(200, `data:${event}\n\n`);
      expect(await node.run('cluster', 'tail')).toBe(1);
      expect(node.error).toContain('is not the management of a Parvi or Pekko node');
    },
  );

  it.each([
    [404, '{"type":"urn:shop:not-found","title":"Not Found"}'],
    [404, '404 page not found'],
    [404, ''],
    [400, '<html><body>Bad Request</body></html>'],
    [502, '<html>'],
  ])('is told from one by its refusal %i %s', async (status, text) => {
    const node = new FakeNode();
    node.replies[members] = new Raw(status, text);
    expect(await node.run('cluster', 'show')).toBe(1);
    expect(node.error).toMatch(
      new RegExp(
        `^parvi: What answers at \\S+ is not the management of a Parvi or Pekko node: it said status ${status}; name one with --url or MANAGEMENT_URL`,
      ),
    );
  });

  it('is not taken for one that has no such page or actor', async () => {
    const node = new FakeNode();
    expect(await node.run('node', 'show')).toBe(5);
    node.replies['GET /parvi/actors'] = new Raw(404, '{"message":"No actor lives at [/nope]"}');
    expect(await node.run('node', 'actors', '--path', '/nope')).toBe(5);
    expect(node.error).toContain('refused: status 404: No actor lives at [/nope]');
  });

  it('is not asked for ever for events that it does not have', async () => {
    const node = new FakeNode();
    node.replies['GET /cluster/domain-events'] = new Page(200, '<html>');
    expect(await node.run('cluster', 'tail')).toBe(1);
    expect(node.error).toContain('it said something of type "text/html"');
  });

  it('fills no memory', async () => {
    const part = 'x'.repeat(16 * 1024 * 1024);
    const node = new FakeNode();
    const parts = Array.from({ length: 6 }, () => part);
    node.replies['GET /cluster/domain-events'] = new Raw(200, ...parts);
    node.replies[members] = new Raw(200, ...parts);
    for (const words of ['tail', 'show']) {
      expect(await node.run('cluster', words)).toBe(1);
      expect(node.error).toContain('is not the management of a Parvi or Pekko node');
    }
  });

  it('is left at a line of events that is longer than any', async () => {
    const node = new FakeNode();
    let parts = 0;
    class Endless extends Raw {
      override readonly parts = (function* () {
        for (; parts < 1000; parts++) yield 'data:'.padEnd(65_536, 'x');
      })() as never;
    }
    node.replies['GET /cluster/domain-events'] = new Endless(200);
    expect(await node.run('cluster', 'tail')).toBe(1);
    expect(node.error).toContain('it said a line of events without an end');
    expect(parts).toBeLessThan(20);
  });
});

class Page extends Raw {
  override readonly contentType = 'text/html';
}

describe('who hangs', () => {
  it('has not left: leaving is waited for until nobody is there', async () => {
    const node = new FakeNode();
    node.replies[members] = () => {
      const nowMs = node.time.clock.nowMs();
      if (nowMs > 2000) throw silence;
      if (nowMs > 1000) throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
      if (nowMs > 500) throw new SilentAnswer('no answer within 5000 ms');
      return view(['Up']);
    };
    node.replies[`DELETE /cluster/members/${address(1)}`] = { message: 'Leaving' };
    expect(await node.run('cluster', 'leave', '--wait')).toBe(0);
    expect(node.out).toMatch(/has left after 2\.\d s/);
    expect(node.error).toBe('');
  });

  it.each([
    ['says nothing', 'no answer within 2000 ms'],
    ['drips', 'no whole answer within 2000 ms'],
  ])('has so long for its whole answer and no longer, when it %s', async (how, why) => {
    const arrived = Promise.withResolvers<ServerResponse>();
    const server = createServer((_, response) => arrived.resolve(response));
    const host = '127.66.1.1';
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    const { port } = server.address() as AddressInfo;
    const url = new URL(`http://${host}:${port}`);
    const time = new ManualTime();
    const { signal } = new AbortController();
    const request = { method: 'GET', url, headers: {}, timeoutMs: 2000, signal };
    const ended = (async () => {
      let parts = 0;
      for await (const _ of (await httpDoor({}, time.timers)(request)).parts) {
        const response = await arrived.promise;
        time.advance(500);
        if (++parts < 10) response.write('{');
        else response.end();
      }
    })().catch((error: unknown) => error);
    const response = await arrived.promise;
    if (how === 'drips') response.write('{');
    else time.advance(2000);
    expect(await ended).toEqual(new SilentAnswer(why));
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it.each(['says nothing', 'never comes to an end'])(
    'lets go at Ctrl-C, when it %s',
    async (how) => {
      const server = createServer((_, response) => {
        if (how === 'says nothing') return;
        response.writeHead(200, { 'content-type': 'application/json' });
        response.write('{');
      });
      const host = '127.61.1.1';
      await new Promise<void>((resolve) => server.listen(0, host, resolve));
      const { port } = server.address() as AddressInfo;
      const enough = new AbortController();
      server.once('request', () => setImmediate(() => enough.abort()));
      const node = new FakeNode();
      node.door = httpDoor();
      node.interrupted = enough;
      expect(
        await node.run('--url', `http://${host}:${port}`, '--timeout', '3600', 'cluster', 'show'),
      ).toBe(130);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  );
});
