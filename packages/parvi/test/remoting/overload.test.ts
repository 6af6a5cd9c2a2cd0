// What an actor that gets more from other nodes than it handles does to everything else between them.

import { describe, expect, it } from 'vitest';
import { type ActorRef, type ActorSystem, actor, group, pool } from '../../src/actor/index.ts';
import { farRef, pinger, TestNetwork, type TestNode } from './nodes.ts';

const backlogMax = 100;

/** Handles nothing before it is released, then all at once. */
function slowActor(system: ActorSystem, name: string) {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const heard: unknown[] = [];
  const definition = actor<unknown>(() => ({
    async onMessage(message) {
      await released;
      heard.push(message);
    },
  }));
  return { ref: system.spawn(definition, name), heard, release };
}

/** Tells in pieces, so that the queue at the sender never overflows. */
async function flood(
  network: TestNetwork,
  from: TestNode,
  to: readonly ActorRef<unknown>[],
  messagesEach: number,
) {
  const far = to.map((ref) => farRef(from, ref));
  for (let i = 0; i < messagesEach; i++) {
    for (const ref of far) ref.tell(`message ${i} ${'x'.repeat(100)}`);
    if (i % 1000 === 0) await network.pass(1);
  }
}

async function start(limits: { inboundHoldBackMs?: number } = {}) {
  const network = new TestNetwork();
  const alpha = await network.start('alpha');
  const beta = await network.start('beta', {
    limits: { inboundBacklogMax: backlogMax, ...limits },
  });
  const echo = farRef(alpha, beta.system.spawn(pinger, 'echo'));
  /** Milliseconds until the answer to an ask has come. */
  const answerMs = async (): Promise<number> => {
    const startMs = network.time.clock.nowMs();
    let answered = false;
    const answer = echo
      .ask((replyTo) => ({ type: 'ping', n: 1, replyTo }), { timeout: '1m' })
      .then(() => {
        answered = true;
      });
    while (!answered && network.time.clock.nowMs() - startMs < 60_000) await network.pass(10);
    await answer;
    return network.time.clock.nowMs() - startMs;
  };
  return { network, alpha, beta, answerMs };
}

function linesOf(node: TestNode, start: string) {
  return node.log.lines.filter(({ message }) => message.startsWith(start));
}

describe('an actor flooded from another node', () => {
  it('holds the connection back for a while only; then it alone loses messages, and all else passes', async () => {
    const { network, alpha, beta, answerMs } = await start();
    const slow = slowActor(beta.system, 'slow');
    await flood(network, alpha, [slow.ref], 20_000);
    expect(beta.system.deadLetters.count()).toBe(0);
    expect(await answerMs()).toBeLessThan(2100);
    const lost = beta.system.deadLetters.count('mailboxFull');
    expect(lost).toBeGreaterThan(10_000);
    expect(beta.remoting.telemetry.overloadDrops).toBe(lost);
    expect(beta.deadLetters[0]?.recipient).toBe(slow.ref.path);
    expect(await answerMs()).toBeLessThan(100);
    slow.release();
    await network.pass(100);
    expect(slow.heard).toHaveLength(20_000 - lost);
  });

  it('gets messages again when half of what waited is done', async () => {
    const { network, alpha, beta } = await start();
    const slow = slowActor(beta.system, 'slow');
    await flood(network, alpha, [slow.ref], 20_000);
    await network.pass(3000);
    farRef(alpha, slow.ref).tell('too early');
    await network.pass(100);
    slow.release();
    await network.pass(100);
    farRef(alpha, slow.ref).tell('in time');
    await network.pass(100);
    expect(slow.heard).not.toContain('too early');
    expect(slow.heard.at(-1)).toBe('in time');
    expect(linesOf(beta, 'Actor has caught up')).toHaveLength(1);
  });

  it('is named in the log with its mailbox, once in a while', async () => {
    const { network, alpha, beta } = await start();
    const slow = slowActor(beta.system, 'slow');
    await flood(network, alpha, [slow.ref], 20_000);
    const [waits, ...more] = linesOf(beta, 'Reading from a peer waits');
    expect(waits).toMatchObject({ level: 'info', fields: { recipient: slow.ref.path } });
    expect(more).toEqual([]);
    await network.pass(30_000);
    const [refuses, ...again] = linesOf(beta, 'Actor has too many messages');
    expect(refuses).toMatchObject({
      level: 'warn',
      fields: { recipient: slow.ref.path, code: 'REMOTE_ACTOR_OVERLOADED' },
    });
    expect(refuses?.fields.mailboxSize).toBeGreaterThan(backlogMax);
    expect(again).toEqual([]);
    await network.pass(40_000);
    const lost = beta.system.deadLetters.count('mailboxFull');
    expect(linesOf(beta, 'Actor has too many messages')).toHaveLength(2);
    expect(linesOf(beta, 'Actor has too many messages')[1]?.fields.refused).toBe(lost);
  });

  it('delays the rest no longer when there are many of its kind', async () => {
    const { network, alpha, beta, answerMs } = await start();
    const slow = Array.from({ length: 30 }, (_, i) => slowActor(beta.system, `slow-${i}`));
    for (const { ref } of slow) await flood(network, alpha, [ref], 1000);
    expect(await answerMs()).toBeLessThan(2100);
    expect(await answerMs()).toBeLessThan(100);
    expect(beta.remoting.telemetry.holdBacks).toBe(1);
    const all = slow.map(({ ref }) => ref);
    expect(linesOf(beta, 'Actor has too many messages').length).toBeLessThanOrEqual(all.length);
    await network.pass(2000);
    await flood(network, alpha, all, 1000);
    expect(await answerMs()).toBeLessThan(100);
    for (const { release } of slow) release();
  });

  it('never delays heartbeats, on the control stream', async () => {
    const { network, alpha, beta } = await start();
    const { promise: never } = Promise.withResolvers<void>();
    const receiver = actor<unknown>(() => ({ onMessage: () => never }));
    const cluster = actor<unknown>((context) => {
      context.spawn(receiver, 'heartbeatReceiver');
      return { onMessage: () => undefined };
    });
    const parent = beta.system.spawnSystem(cluster, 'cluster');
    const path = `${parent.path.split('#')[0]}/heartbeatReceiver`;
    beta.remoting.openSystemPath('/system/cluster/heartbeatReceiver');
    await network.pass(10);
    const far = alpha.system.resolve(path) as ActorRef<unknown>;
    for (let i = 0; i < 1000; i++) far.tell(`beat ${i} ${'x'.repeat(100)}`);
    await network.pass(100);
    for (let i = 0; i < 10; i++) far.tell('late beat');
    await network.pass(100);
    expect(beta.remoting.telemetry.holdBacks).toBe(0);
    expect(beta.system.deadLetters.count('mailboxFull')).toBeGreaterThanOrEqual(10);
  });

  it('is waited for again, later', async () => {
    const { network, alpha, beta, answerMs } = await start();
    const first = slowActor(beta.system, 'first');
    await flood(network, alpha, [first.ref], 2000);
    expect(await answerMs()).toBeLessThan(2100);
    const second = slowActor(beta.system, 'second');
    await network.pass(2000);
    await flood(network, alpha, [second.ref], 2000);
    expect(beta.remoting.telemetry.holdBacks).toBe(2);
    second.release();
    await network.pass(1000);
    expect(second.heard).toHaveLength(2000);
  });

  it('is not waited for at all where that is said', async () => {
    const { network, alpha, beta, answerMs } = await start({ inboundHoldBackMs: 0 });
    const slow = slowActor(beta.system, 'slow');
    await flood(network, alpha, [slow.ref], 20_000);
    expect(await answerMs()).toBeLessThan(100);
    expect(beta.remoting.telemetry.holdBacks).toBe(0);
    expect(beta.system.deadLetters.count('mailboxFull')).toBeGreaterThan(10_000);
  });

  it('that two nodes flood loses what both send, and holds none of them longer', async () => {
    const { network, alpha, beta, answerMs } = await start();
    const gamma = await network.start('gamma');
    const slow = slowActor(beta.system, 'slow');
    await flood(network, alpha, [slow.ref], 2000);
    await network.pass(1000);
    await flood(network, gamma, [slow.ref], 2000);
    expect(beta.remoting.telemetry.holdBacks).toBe(2);
    expect(await answerMs()).toBeLessThan(1100);
    await network.pass(100);
    const queued = gamma.remoting.associations()[0]?.streams[1]?.queuedFrames;
    expect(queued).toBe(0);
    expect(beta.remoting.telemetry.overloadDrops).toBeGreaterThan(1000);
  });

  it('that ends while reading waits for it lets reading go on', async () => {
    const { network, alpha, beta, answerMs } = await start();
    const slow = slowActor(beta.system, 'slow');
    await flood(network, alpha, [slow.ref], 2000);
    beta.system.stop(slow.ref);
    slow.release();
    await network.pass(10);
    expect(await answerMs()).toBeLessThan(100);
    expect(beta.system.deadLetters.count('mailboxFull')).toBe(0);
  });
});

describe('what stands in front of an actor', () => {
  it('such as an adapter, counts by the mailbox behind it', async () => {
    const { network, alpha, beta, answerMs } = await start();
    const { promise: never } = Promise.withResolvers<void>();
    let adapter: ActorRef<unknown> | undefined;
    const definition = actor<unknown>((context) => {
      adapter = context.adapt((message: unknown) => message);
      return { onMessage: () => never };
    });
    const ref = beta.system.spawn(definition, 'slow');
    await network.pass(10);
    await flood(network, alpha, [adapter as ActorRef<unknown>], 20_000);
    expect(await answerMs()).toBeLessThan(2100);
    expect(beta.system.deadLetters.count('mailboxFull')).toBeGreaterThan(10_000);
    const [refuses] = linesOf(beta, 'Actor has too many messages');
    expect(refuses?.fields.recipient).toBe(ref.path);
  });

  it.each(['pool', 'group'])('such as a %s, counts all that waits behind it', async (kind) => {
    const { network, alpha, beta, answerMs } = await start();
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    let handled = 0;
    const worker = actor<unknown>(() => ({
      async onMessage() {
        await released;
        handled++;
      },
    }));
    const routees = ['a', 'b', 'c'].map((name) => beta.system.spawn(worker, name));
    const ref = beta.system.spawn(
      kind === 'pool' ? pool(worker, { size: 5 }) : group({ routees }),
      'router',
    );
    await network.pass(10);
    await flood(network, alpha, [ref], 20_000);
    expect(await answerMs()).toBeLessThan(2100);
    const lost = beta.system.deadLetters.count('mailboxFull');
    expect(lost).toBeGreaterThan(10_000);
    expect(beta.deadLetters[0]?.recipient).toBe(ref.path);
    release();
    await network.pass(100);
    expect(handled).toBe(20_000 - lost);
    await network.pass(2000);
    farRef(alpha, ref).tell('in time');
    await network.pass(100);
    expect(handled).toBe(20_001 - lost);
  });

  it('such as a pool of pools, counts two levels', async () => {
    const { network, alpha, beta, answerMs } = await start();
    const { promise: never } = Promise.withResolvers<void>();
    const worker = actor<unknown>(() => ({ onMessage: () => never }));
    const ref = beta.system.spawn(pool(pool(worker, { size: 2 }), { size: 2 }), 'router');
    await network.pass(10);
    await flood(network, alpha, [ref], 20_000);
    expect(await answerMs()).toBeLessThan(2100);
    expect(beta.system.deadLetters.count('mailboxFull')).toBeGreaterThan(10_000);
  });
});

describe('selections with wildcards that come faster than they can be followed', () => {
  it('are held back and then lost as messages of an actor are, and all else passes', async () => {
    const { network, alpha, beta, answerMs } = await start();
    const quiet = actor<unknown>(() => ({ onMessage: () => undefined }));
    for (let i = 0; i < 100; i++) beta.system.spawn(quiet, `w${i}`);
    await network.pass(10);
    const everybody = alpha.system.select('/user/*/../*/../*', beta.remoting.address);
    for (let i = 0; i < 300; i++) everybody.tell(`to all ${i}`);
    expect(await answerMs()).toBeLessThan(2200);
    expect(beta.remoting.telemetry.holdBacks).toBeGreaterThan(0);
    await network.pass(5000);
    expect(await answerMs()).toBeLessThan(100);
    expect(beta.system.selections.backlog).toBe(0);
  });

  it('lose those that an overloaded actor is told by them', async () => {
    const { network, alpha, beta } = await start({ inboundHoldBackMs: 0 });
    const slow = slowActor(beta.system, 'slow');
    await network.pass(10);
    const one = alpha.system.select('/user/slow', beta.remoting.address);
    for (let i = 0; i < 2000; i++) {
      one.tell(`message ${i} ${'x'.repeat(100)}`);
      if (i % 100 === 0) await network.pass(1);
    }
    await network.pass(100);
    const lost = beta.system.deadLetters.count('mailboxFull');
    expect(lost).toBeGreaterThan(500);
    slow.release();
    await network.pass(100);
    expect(slow.heard).toHaveLength(2000 - lost);
  });
});
