import { describe, expect, it } from 'vitest';
import { systemRuntime } from '../runtime/index.ts';
import { testSystem } from '../testkit/test-system.ts';
import { refText } from '../wire/index.ts';
import { actor } from './actor.ts';
import { extensionKey } from './extension.ts';
import { sameRef } from './ref.ts';
import { ActorSystem } from './system.ts';

const idle = actor<string>(() => ({ onMessage() {} }));

describe('an actor system', () => {
  it.each(['', '-a', 'a b', 'a.b', 'ä'])(
    'refuses the name "%s", which no address can hold',
    (name) => {
      expect(() => ActorSystem.create({ name })).toThrow(
        expect.objectContaining({ code: 'ACTOR_SYSTEM_NAME_INVALID' }),
      );
    },
  );

  it('has another incarnation number at each start', () => {
    const runtime = systemRuntime();
    const uids = [1, 2, 3].map(() => ActorSystem.create({ name: 'a' }, { runtime }).uid);
    expect(new Set(uids).size).toBe(3);
  });

  it('ends /user before /system', async () => {
    const { system, time } = testSystem();
    const seen: string[] = [];
    const dying = actor<string>((context) => ({
      onMessage() {},
      onStop: () => void seen.push(context.self.name),
    }));
    system.spawnSystem(dying, 'service');
    system.spawn(dying, 'application');
    time.settle();
    await Promise.all([system.terminate(), time.settleAsync()]);
    expect(seen).toEqual(['application', 'service']);
    expect(system.actorCount).toBe(0);
    expect(() => system.spawn(idle)).toThrow(expect.objectContaining({ code: 'ACTOR_STOPPING' }));
  });

  it('is not ready any more as soon as it begins to shut down', async () => {
    const { system, time } = testSystem();
    expect((await system.health.run('ready')).healthy).toBe(true);
    const ended = system.terminate();
    const report = await system.health.run('ready');
    expect(report.checks).toMatchObject([{ healthy: false, reason: 'is shutting down' }]);
    await Promise.all([ended, time.settleAsync()]);
  });

  it('has one extension of each key', () => {
    const { system } = testSystem();
    const key = extensionKey<{ readonly of: string }>('example');
    expect(system.findExtension(key)).toBeUndefined();
    const first = system.extension(key, ({ name }) => ({ of: name }));
    expect(system.extension(key, () => ({ of: 'another' }))).toBe(first);
    expect(system.findExtension(key)).toEqual({ of: 'test' });
  });

  it('counts its actors in the metrics', () => {
    const { system, time } = testSystem();
    const ref = system.spawn(idle);
    system.spawn(idle);
    system.stop(ref);
    time.settle();
    const samples = Object.fromEntries(
      system.metrics.snapshot().map(({ name, samples }) => [name, samples[0]]),
    );
    expect(samples.parvi_actors).toMatchObject({ value: 1 });
    expect(samples.parvi_actors_started_total).toMatchObject({ value: 2 });
  });

  it('does not wait for real time to pass messages on', async () => {
    const system = ActorSystem.create({ name: 'real' });
    const echo = actor<string>((context) => ({
      onMessage: () => void context.sender?.tell('pong' as never),
    }));
    expect(await system.spawn(echo).ask<string>(() => 'ping')).toBe('pong');
    await system.terminate();
  });
});

describe('a ref', () => {
  it('is its path as text, as JSON and on the wire', () => {
    const { system } = testSystem();
    const ref = system.spawn(idle, 'a');
    expect([ref[refText](), JSON.parse(JSON.stringify(ref)), String(ref)]).toEqual([
      ref.path,
      ref.path,
      `ActorRef(${ref.path})`,
    ]);
  });

  it('has the address of the system as soon as that is known', () => {
    const { system } = testSystem();
    const ref = system.spawn(idle, 'a');
    expect(ref.path).toMatch(/^pekko:\/\/test\/user\/a#/);
    const address = { protocol: 'pekko', system: 'test', host: 'node', port: 2 };
    system.setRefProvider({
      address,
      remoteRef: (path) => system.deadLetterRef(path, 'notAllowed'),
    });
    expect(ref.path).toMatch(/^pekko:\/\/test@node:2\/user\/a#/);
    expect(sameRef(ref, system.resolve(ref.path))).toBe(true);
  });
});
