import { describe, expect, it } from 'vitest';
import { actor } from '../../src/actor/index.ts';
import { loadConfig } from '../../src/config/index.ts';
import { DeadLetterRing } from '../../src/management/dead-letter-ring.ts';
import { nodeSchema } from '../../src/node-options.ts';
import type { LogControl } from '../../src/observe/index.ts';
import { testSystem } from '../../src/testkit/index.ts';
import { served } from './served.ts';

const idle = actor<string>(() => ({ onMessage() {} }));

describe('health', () => {
  it('names the first check that says no, and asks the others all the same', async () => {
    const { system, ask } = await served();
    let asked = 0;
    system.health.register({ name: 'disk', aspect: 'alive', check: () => 'is full' });
    system.health.register({
      name: 'other',
      aspect: 'alive',
      check: () => {
        asked++;
        return true;
      },
    });
    expect(await ask('GET /alive')).toMatchObject({
      status: 500,
      body: 'Not Healthy: Check [disk] not ok',
    });
    expect(asked).toBe(1);
    expect((await ask('GET /ready')).status).toBe(200);
  });

  it('tells a check that throws before one that says no', async () => {
    const { system, ask } = await served();
    system.health.register({ name: 'no', aspect: 'ready', check: () => false });
    system.health.register({
      name: 'breaks',
      aspect: 'ready',
      check: () => {
        throw new Error('no such table');
      },
    });
    const { status, body } = await ask('GET /ready');
    expect([status, body]).toEqual([
      500,
      'Health Check Failed: Check [breaks] failed: no such table',
    ]);
  });

  it('does not wait for a check that hangs', async () => {
    const { system, time, ask } = await served();
    const { promise: started, resolve } = Promise.withResolvers<void>();
    system.health.register({
      name: 'hangs',
      aspect: 'ready',
      check: () => {
        resolve();
        return new Promise<never>(() => undefined);
      },
    });
    const answer = ask('GET /ready');
    await started;
    await time.advanceAsync(1000);
    expect((await answer).body).toBe(
      'Health Check Failed: Check [hangs] timed out after 1000 milliseconds',
    );
  });

  it.each([['GET /ready?verbose'], ['GET /ready', 'Accept: application/json']])(
    'tells all checks with their times: %s %s',
    async (head, ...headers) => {
      const { system, ask } = await served();
      system.health.register({ name: 'disk', aspect: 'ready', check: () => 'is full' });
      const answer = await ask(head, ...headers);
      expect(answer.status).toBe(500);
      expect(JSON.parse(answer.body)).toEqual({
        aspect: 'ready',
        healthy: false,
        checks: [
          { name: 'actor-system', healthy: true, tookMs: 0 },
          { name: 'disk', healthy: false, reason: 'is full', tookMs: 0 },
        ],
      });
    },
  );

  it('stands where it was put, below the base path', async () => {
    const { ask, management } = await served({
      basePath: '/ops/management/',
      healthPaths: { ready: 'health/ready' },
    });
    expect((await ask('GET /ops/management/health/ready')).body).toBe('OK');
    expect((await ask('GET /ops/management/alive')).body).toBe('OK');
    expect((await ask('GET /health/ready')).status).toBe(404);
    expect((await ask('GET /ops/management/ready')).status).toBe(404);
    expect((await ask('GET /ops/managementx/alive')).status).toBe(404);
    expect(management.url).toMatch(/:\d+\/ops\/management$/);
  });

  it('takes WeaklyUp for not ready when it was asked to', async () => {
    const { cluster, ask } = await served({ readyWhenWeaklyUp: false });
    expect((await ask('GET /ready')).status).toBe(200);
    Object.assign(cluster, { selfMember: { ...cluster.selfMember, status: 'WeaklyUp' } });
    expect((await ask('GET /ready')).body).toBe('Not Healthy: Check [cluster-member-up] not ok');
    expect((await ask('GET /alive')).status).toBe(200);
  });
});

describe('forms', () => {
  it('may be multipart', async () => {
    const { ask, cluster } = await served({ writes: true });
    const body = [
      '--sep',
      'Content-Disposition: form-data; name="x"',
      '',
      '1',
      '--sep',
      'Content-Disposition: form-data; name="operation"',
      'Content-Type: text/plain',
      '',
      'Leave',
      '--sep--',
      '',
    ].join('\r\n');
    const { status } = await ask(
      'PUT /cluster/members/mg@127.0.0.1:26802',
      'Content-Type: multipart/form-data; boundary="sep"',
      `Content-Length: ${body.length}`,
      '',
      body,
    );
    expect(status).toBe(200);
    expect(cluster.commands).toEqual(['leave 26802']);
  });

  it('may come in chunks, however small', async () => {
    const { ask, cluster, log } = await served({ writes: true });
    const chunks = [...'operation=down'].map((letter) => `1\r\n${letter}\r\n`).join('');
    const { status } = await ask(
      'PUT /cluster/members/mg@127.0.0.1:26802',
      'Content-Type: application/x-www-form-urlencoded; charset=UTF-8',
      'Transfer-Encoding: chunked',
      '',
      `${chunks}0\r\n`,
    );
    expect(status).toBe(200);
    expect(cluster.commands).toEqual(['down 26802']);
    // Whoever looks into it later finds who wanted it.
    const line = log.lines.find(({ message }) => message.startsWith('Downing pekko://'));
    expect(line?.message).toMatch(/:26802: it was asked for through management$/);
    expect(line?.fields).toMatchObject({ client: expect.stringMatching(/^127\./) });
  });

  it('are asked for by another method than there is: 405 tells which there are', async () => {
    const { ask } = await served({ writes: true });
    const refused = await ask('PATCH /cluster/members/mg@127.0.0.1:26802');
    expect([refused.status, refused.headers.allow]).toEqual([405, 'GET, DELETE, PUT']);
    expect((await ask('PATCH /cluster/members/mg@127.0.0.1:1')).status).toBe(404);
    expect((await ask('GET /cluster')).headers.allow).toBe('PUT');
  });
});

describe('log levels', () => {
  const open = async (writes: boolean) => {
    const logControl: LogControl = { level: 'warn' };
    return { ...(await served({ writes, logControl })), logControl };
  };

  it('are told and set in the words of Pekko', async () => {
    const { ask, logControl } = await open(true);
    expect((await ask('GET /loglevel/pekko')).body).toBe('WARNING');
    expect((await ask('PUT /loglevel/pekko?level=debug')).body).toBe('OK');
    expect(logControl.level).toBe('debug');
    expect(await ask('PUT /loglevel/pekko?level=LOUD')).toMatchObject({
      status: 400,
      body: expect.stringContaining('Unknown logger level LOUD, allowed are [OFF,ERROR,'),
    });
    expect((await ask('PUT /loglevel/pekko')).status).toBe(404);
  });

  it('are told and set in the words of Logback, for the root logger', async () => {
    const { ask, logControl } = await open(true);
    expect((await ask('GET /loglevel/logback?logger=any.Class')).body).toBe('WARN');
    expect((await ask('PUT /loglevel/logback?logger=ROOT&level=TRACE')).body).toBe('OK');
    expect(logControl.level).toBe('trace');
    expect((await ask('GET /loglevel/pekko')).body).toBe('DEBUG');
    expect((await ask('PUT /loglevel/logback?logger=a.B&level=INFO')).status).toBe(404);
    expect((await ask('GET /loglevel/logback')).body).toBe(
      "Request is missing required query parameter 'logger'",
    );
  });

  it('are not set in read-only mode', async () => {
    const { ask, logControl } = await open(false);
    expect((await ask('PUT /loglevel/pekko?level=DEBUG')).status).toBe(403);
    expect((await ask('PUT /loglevel/logback?logger=ROOT&level=INFO')).status).toBe(403);
    expect((await ask('PUT /loglevel/logback?logger=a.B&level=INFO')).status).toBe(403);
    expect(logControl.level).toBe('warn');
  });
});

describe('routes below /parvi', () => {
  it('show the actors, from a path on and within limits', async () => {
    const { system, time, ask } = await served();
    const busy = actor<string>((context) => {
      context.spawn(idle, 'below');
      return { onMessage: () => new Promise<void>(() => undefined) };
    });
    const ref = system.spawn(busy, 'busy');
    for (let i = 0; i < 4; i++) ref.tell('x');
    time.settle();
    const answer = JSON.parse((await ask('GET /parvi/actors?path=/user/busy&depth=1')).body);
    expect(answer).toMatchObject({
      shown: 2,
      truncated: false,
      actors: [{ path: '/user/busy', mailbox: 3, waiting: true, children: [{ name: 'below' }] }],
    });
    expect((await ask('GET /parvi/actors?path=/user/none')).status).toBe(404);
    expect(await ask('GET /parvi/actors?max=0')).toMatchObject({
      status: 400,
      body: `The query parameter 'max' is "0": it takes a whole number from 1 to 10000`,
    });
  });

  it('show the last dead letters, newest first, without what stood in them', async () => {
    const { system, ask } = await served();
    const gone = system.deadLetterRef('pekko://test/user/gone', 'recipientStopped');
    for (let i = 0; i < 230; i++) gone.tell({ type: `Secret${i}`, password: 'hunter2' });
    const text = (await ask('GET /parvi/dead-letters?max=200')).body;
    const letters = JSON.parse(text);
    expect(letters).toMatchObject({ total: 230, byReason: { recipientStopped: 230 } });
    const types = letters.last.map(({ messageType }: { messageType: string }) => messageType);
    expect(types).toEqual(Array.from({ length: 200 }, (_, i) => `Secret${229 - i}`));
    expect(letters.last[0]).toMatchObject({
      at: '2026-01-01T00:00:00.000Z',
      recipient: 'pekko://test/user/gone',
      reason: 'recipientStopped',
    });
    expect(text).not.toContain('hunter2');
  });

  it('keep no more dead letters than they show', () => {
    const { system } = testSystem();
    const ring = new DeadLetterRing(system.eventStream, system.runtime.clock);
    const gone = system.deadLetterRef('pekko://test/user/gone', 'recipientStopped');
    gone.tell('before');
    expect(ring.last(5)).toHaveLength(1);
    for (let i = 0; i < 1000; i++) gone.tell('x');
    expect(ring.last(5000)).toHaveLength(200);
    ring.cancel();
  });

  it('show the configuration with where it came from, and no secret', async () => {
    const config = loadConfig(nodeSchema, {
      given: { remote: { port: 25_521 } },
      environment: { PARVI_MANAGEMENT_AUTHENTICATION_SECRET: 'hunter2' },
    });
    const { ask } = await served({ config });
    const { body } = await ask('GET /parvi/config');
    const options: { key: string; value: string; origin: string }[] = JSON.parse(body).options;
    const option = (key: string) => options.find((one) => one.key === key);
    expect(option('remote.port')).toMatchObject({ value: '25521', origin: 'given in code' });
    expect(option('management.authentication.secret')).toMatchObject({
      value: '********',
      origin: 'from the environment variable PARVI_MANAGEMENT_AUTHENTICATION_SECRET',
    });
    expect(body).not.toContain('hunter2');
  });

  it('mask what a schema forgot to call a secret', async () => {
    const entry = { effect: '', origin: { kind: 'code' } as const };
    const config = {
      entries: () => [
        { ...entry, key: 'db.password', shown: 'hunter2' },
        { ...entry, key: 'api.token', shown: '' },
        { ...entry, key: 'api.tokenFile', shown: 'token.txt' },
        { ...entry, key: 'mail.apiKey', shown: 'k-1' },
        { ...entry, key: 'mail.tokens', shown: 'a,b' },
        { ...entry, key: 'vault.passphrase', shown: 'open' },
      ],
    };
    const { ask } = await served({ config });
    const { options } = JSON.parse((await ask('GET /parvi/config')).body);
    expect(options.map(({ value }: { value: string }) => value)).toEqual([
      '********',
      '',
      'token.txt',
      '********',
      '********',
      '********',
    ]);
  });

  it('show versions, the delay of the event loop, and members by age', async () => {
    const { ask, time } = await served(
      { appVersion: '2.1.0' },
      {
        monitorLoopDelay: () => ({
          quantileMs: (q) => q * 10,
          maxMs: () => 12.3456,
          reset: () => undefined,
          stop: () => undefined,
        }),
      },
    );
    time.advance(90_000);
    expect(JSON.parse((await ask('GET /parvi/version')).body)).toMatchObject({
      parvi: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      // With which it is a member, not what the option says to those that are none.
      appVersion: '0.0.0',
      system: 'test',
      startedAt: '2026-01-01T00:00:00.000Z',
      uptimeSeconds: 90,
    });
    expect(JSON.parse((await ask('GET /parvi/event-loop')).body)).toEqual({
      delaySeconds: { p50: 0.005, p90: 0.009, p99: 0.0099, max: 0.012346 },
    });
    const { members } = JSON.parse((await ask('GET /parvi/members')).body);
    expect(members[2]).toMatchObject({ age: 3, roles: ['x', 'dc-default'], reachable: true });
  });

  it('are 404 where there is nothing to tell', async () => {
    const { ask } = await served();
    expect((await ask('GET /parvi/config')).status).toBe(404);
    expect((await ask('GET /parvi')).status).toBe(404);
    expect((await ask('GET /parvi/actors/')).status).toBe(404);
  });
});
