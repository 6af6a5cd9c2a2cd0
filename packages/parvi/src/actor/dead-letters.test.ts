import { describe, expect, it } from 'vitest';
import { testSystem } from '../testkit/test-system.ts';
import { clusterMessage } from '../wire/index.ts';
import { actor } from './actor.ts';
import { deadLetterReasons } from './dead-letters.ts';
import { eventType } from './event-stream.ts';
import type { ActorRef } from './ref.ts';

const idle = actor<string>(() => ({ onMessage() {} }));

describe('dead letters', () => {
  it('are counted by reason, also in the metrics', () => {
    const { system, time } = testSystem();
    const ref = system.spawn(idle);
    system.stop(ref);
    time.settle();
    for (let i = 0; i < 3; i++) ref.tell('lost');
    system.resolve('/user/nobody').tell('lost');
    expect(system.deadLetters.count()).toBe(4);
    expect(system.deadLetters.count('recipientStopped')).toBe(3);
    const metric = system.metrics
      .snapshot()
      .find(({ name }) => name === 'parvi_dead_letters_total');
    expect(metric?.samples).toHaveLength(deadLetterReasons.length);
    expect(metric?.samples).toContainEqual({ labels: ['recipientStopped'], value: 3 });
    expect(metric?.samples).toContainEqual({ labels: ['recipientNotFound'], value: 1 });
  });

  it('are counted and logged whatever the message is', () => {
    const { system, time, log } = testSystem();
    const ref = system.spawn(actor<object>(() => ({ onMessage() {} })));
    system.stop(ref);
    time.settle();
    const get = () => {
      throw new Error('not readable');
    };
    const unreadable = Object.defineProperty({}, 'type', { get });
    for (const message of [Object.create(null), unreadable]) ref.tell(message);
    expect(system.deadLetters.count()).toBe(2);
    expect(log.lines.map(({ fields }) => fields.messageType)).toEqual(['object', 'object']);
  });

  it('are logged one by one up to a limit, and summed up at the end of the window', () => {
    const { system, time, log } = testSystem({ deadLetters: { logMax: 2, logWindow: '10s' } });
    for (let i = 0; i < 5; i++) system.resolve('/user/nobody').tell({ type: 'lost', secret: i });
    expect(log.lines.map(({ message, fields }) => [message, fields.messageType])).toEqual(
      Array(2).fill(['Message reached nobody and became a dead letter', 'lost']),
    );
    time.advance(10_000);
    expect(log.lines.at(-1)).toMatchObject({
      message: 'More messages became dead letters',
      fields: { reasons: { recipientNotFound: 3 } },
    });
    system.resolve('/user/nobody').tell('again');
    expect(log.lines).toHaveLength(4);
  });

  it('are no news when the cluster says it again by itself and the recipient is gone', () => {
    const { system, log, deadLetters } = testSystem({ deadLetters: { logMax: 1 } });
    const status = clusterMessage({
      kind: 'heartbeat',
      from: { protocol: 'pekko', system: 'sys', host: 'a', port: 1 },
      sequenceNr: 1n,
      creationTimeNs: 2n,
    });
    const nobody = system.resolve('/user/nobody');
    for (let i = 0; i < 3; i++) nobody.tell(status);
    expect(log.messages('info')).toEqual([]);
    expect(log.lines.map(({ level, fields }) => [level, fields.messageType])).toEqual(
      Array(3).fill(['debug', 'heartbeat']),
    );
    expect(deadLetters).toHaveLength(3);
    system.deadLetters.publish({ message: status, recipient: 'far', reason: 'outboundQueueFull' });
    expect(log.messages('info')).toEqual(['Message reached nobody and became a dead letter']);
  });

  it('may be left out of the log', () => {
    const { system, time, log } = testSystem({ deadLetters: { logMax: 0 } });
    system.resolve('/user/nobody').tell('lost');
    time.advance(100_000);
    expect(log.lines).toEqual([]);
  });
});

describe('the event stream', () => {
  const weather = eventType<string>('weather');
  const news = eventType<string>('news');

  it('tells subscribed actors and callbacks of events of their type only', async () => {
    const { system, probe } = testSystem();
    const listener = probe<string>();
    const seen: string[] = [];
    system.eventStream.subscribe(weather, listener.ref);
    system.eventStream.subscribe(news, (event) => seen.push(event));
    system.eventStream.publish(weather, 'rain');
    system.eventStream.publish(news, 'none');
    expect(await listener.expectMessage()).toBe('rain');
    await listener.expectNoMessage();
    expect(seen).toEqual(['none']);
  });

  it('forgets those who cancel and actors that end', () => {
    const { system, time, deadLetters } = testSystem();
    const ref: ActorRef<string> = system.spawn(idle);
    system.eventStream.subscribe(weather, ref);
    const subscription = system.eventStream.subscribe(weather, () => undefined);
    subscription.cancel();
    system.stop(ref);
    time.settle();
    system.eventStream.publish(weather, 'sun');
    expect(system.eventStream.hasSubscribers(weather)).toBe(false);
    expect(deadLetters).toEqual([]);
  });

  it('goes on after a callback that throws', () => {
    const { system, log } = testSystem();
    const seen: string[] = [];
    system.eventStream.subscribe(weather, () => {
      throw new Error('broken');
    });
    system.eventStream.subscribe(weather, (event) => seen.push(event));
    system.eventStream.publish(weather, 'fog');
    expect(seen).toEqual(['fog']);
    expect(log.messages('error')).toEqual(['Subscriber of the event stream failed']);
  });
});
