import { describe, expect, it } from 'vitest';
import { type ActorRef, actor, poisonPill } from '../../src/actor/index.ts';
import { farRef, listener, pair, pinger, TestNetwork, troubles } from './nodes.ts';

describe('two nodes', () => {
  it('tell each other messages, in order, with a sender that can be answered', async () => {
    const { network, alpha, beta } = await pair();
    const there = listener(beta.system, 'there');
    const here = listener(alpha.system, 'here');
    for (let i = 0; i < 1000; i++) farRef(alpha, there.ref).tell(i, here.ref as ActorRef<never>);
    await network.pass(100);
    expect(there.heard.messages).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(there.heard.senders[0]).toBe(here.ref.path);
    farRef(beta, here.ref).tell('back');
    await network.pass(100);
    expect(here.heard.messages).toEqual(['back']);
    expect(here.heard.senders).toEqual([undefined]);
    expect([...troubles(alpha), ...troubles(beta)]).toEqual([]);
  });

  it('ask each other', async () => {
    const { network, alpha, beta } = await pair();
    const far = farRef(alpha, beta.system.spawn(pinger, 'pinger'));
    const answer = far.ask((replyTo) => ({ type: 'ping', n: 41, replyTo }));
    await network.pass(100);
    expect(await answer).toBe(42);
  });

  it('find each other by selection, with wildcards, and learn when nobody is there', async () => {
    const { network, alpha, beta } = await pair();
    const spawned = beta.system.spawn(pinger, 'pinger');
    const found = alpha.system.select('pekko://sys@beta:2550/user/ping*').resolveOne();
    const missing = alpha.system.select('pekko://sys@beta:2550/user/nobody').resolveOne();
    missing.catch(() => undefined);
    await network.pass(100);
    expect((await found).path).toBe(spawned.path);
    await expect(missing).rejects.toMatchObject({ code: 'SELECTION_NOT_FOUND' });
  });

  it('open two streams each way and know each other by uid', async () => {
    const { network, alpha, beta } = await pair();
    farRef(alpha, beta.system.spawn(pinger, 'pinger')).tell({ type: 'x' } as never);
    await network.pass(100);
    expect(network.net.linkCount).toBe(4);
    const [seen] = alpha.remoting.associations();
    expect(seen).toMatchObject({ uid: beta.remoting.uid, incarnations: 1, quarantined: undefined });
    expect(seen?.streams.map((s) => `${s.name} ${s.state}`)).toEqual([
      'control open',
      'ordinary open',
    ]);
  });

  it('stop an actor of the other by poison pill and by terminate', async () => {
    const { network, alpha, beta } = await pair();
    const first = beta.system.spawn(pinger, 'first');
    const second = beta.system.spawn(pinger, 'second');
    farRef<unknown>(alpha, first as ActorRef<unknown>).tell(poisonPill);
    alpha.system.stop(farRef(alpha, second));
    await network.pass(2000);
    expect([first.isStopped, second.isStopped]).toEqual([true, true]);
  });

  it('use the compression tables that they advertise to each other', async () => {
    const { network, alpha, beta } = await pair({ limits: { compressionAdvertiseMs: 1000 } });
    const there = listener(beta.system, 'there');
    const here = listener(alpha.system, 'here');
    const far = farRef(alpha, there.ref);
    const tellFifty = async () => {
      for (let i = 0; i < 50; i++) far.tell(i, here.ref as ActorRef<never>);
      await network.pass(2000);
    };
    await tellFifty();
    expect(alpha.remoting.associations()[0]?.compression.actorRefs).toBe(2);
    expect(beta.remoting.telemetry.compressedFramesReceived).toBe(0);
    const before = alpha.remoting.telemetry.bytesSent;
    await tellFifty();
    expect(beta.remoting.telemetry.compressedFramesReceived).toBe(50);
    expect(alpha.remoting.telemetry.bytesSent - before).toBeLessThan(50 * 45);
    expect(there.heard.messages).toHaveLength(100);
    expect(there.heard.senders.at(-1)).toBe(here.ref.path);
  });

  it('give a busy new peer its first tables within a second, and a quiet one in its turn', async () => {
    const { network, alpha, beta } = await pair();
    const there = listener(beta.system, 'there');
    const here = listener(alpha.system, 'here');
    const far = farRef(alpha, there.ref);
    const back = farRef(beta, here.ref);
    for (let i = 0; i < 300; i++) far.tell(i, here.ref as ActorRef<never>);
    for (let i = 0; i < 30; i++) back.tell(i, there.ref as ActorRef<never>);
    const tables = () =>
      [alpha, beta].map(({ remoting }) => remoting.associations()[0]?.compression.actorRefs);
    await network.pass(1500);
    expect(tables()).toEqual([2, 0]);
    await network.pass(10_000);
    expect(tables()).toEqual([2, 2]);
  });

  it('send big messages on the large stream when both are set up for it', async () => {
    const limits = { largeFrameBytesMax: 20_000_000 };
    const largeMessageDestinations = ['/user/big*'];
    const { network, alpha, beta } = await pair({ largeMessageDestinations, limits });
    const there = listener(beta.system, 'bigEater');
    farRef(alpha, there.ref).tell(new Uint8Array(10_000_000).fill(7));
    await network.pass(200);
    expect((there.heard.messages[0] as Uint8Array).length).toBe(10_000_000);
    const large = alpha.remoting.associations()[0]?.streams.find((s) => s.name === 'large');
    expect(large?.framesSent).toBe(2);
    expect(network.net.linkCount).toBe(6);
  });
});

describe('limits of frames', () => {
  it('hold for what comes as for what is sent, so that nodes with the same options understand each other', async () => {
    const { network, alpha, beta } = await pair({ limits: { frameBytesMax: 1_000_000 } });
    const there = listener(beta.system, 'there');
    farRef(alpha, there.ref).tell('x'.repeat(900_000));
    await network.pass(100);
    expect(there.heard.messages).toHaveLength(1);
  });

  it('cost a peer that was allowed more its connection, and the log says which limit', async () => {
    const network = new TestNetwork();
    const alpha = await network.start('alpha', { limits: { frameBytesMax: 1_000_000 } });
    const beta = await network.start('beta');
    const there = listener(beta.system, 'there');
    farRef(alpha, there.ref).tell('x'.repeat(900_000));
    await network.pass(100);
    farRef(alpha, there.ref).tell('short');
    await network.pass(2000);
    expect(there.heard.messages).toEqual(['short']);
    expect(beta.remoting.telemetry.refusals('frameTooLarge')).toBe(1);
    const said = beta.log.lines.find(({ level }) => level === 'warn');
    expect(String(said?.fields.error)).toContain('the limit is 262144 bytes');
  });
});

describe('what cannot be delivered', () => {
  it('is a dead letter where the recipient should be', async () => {
    const { network, alpha, beta } = await pair();
    alpha.system.resolve('pekko://sys@beta:2550/user/nobody').tell('lost');
    await network.pass(100);
    expect(beta.deadLetters).toMatchObject([
      {
        message: 'lost',
        reason: 'recipientNotFound',
        recipient: expect.stringContaining('nobody'),
      },
    ]);
  });

  it('is a dead letter here when it is too large or cannot be written', async () => {
    const { network, alpha, beta } = await pair();
    const far = farRef(alpha, listener(beta.system, 'there').ref);
    far.tell('x'.repeat(300_000));
    far.tell({ type: 'bad', value: Symbol('s') });
    far.tell('fine');
    await network.pass(100);
    expect(alpha.deadLetters.map((letter) => letter.reason)).toEqual([
      'messageTooLarge',
      'notSerializable',
    ]);
    expect(alpha.deadLetters[0]?.recipient).toBe(far.path);
  });

  it('says in log, dead letter and ask which field cannot be written, and why', async () => {
    const { network, alpha, beta } = await pair();
    const far = farRef(alpha, listener(beta.system, 'there').ref);
    const send = (value: unknown): void => far.tell({ type: 'order', lines: [1, { value }] });
    for (const value of [() => 1, () => 2, Symbol('s'), new Error('no')]) send(value);
    far.tell({ type: 'order', value: () => 1 });
    const errors = alpha.log.lines.filter(({ level }) => level === 'error');
    expect(errors.map(({ fields }) => String(fields.error).split(' in a message')[0])).toEqual([
      'WireError: Cannot send a function',
      'WireError: Cannot send a symbol',
      'WireError: Cannot send an instance of Error',
      'WireError: Cannot send a function',
    ]);
    expect(alpha.deadLetters.map(({ cause }) => cause)).toMatchObject([
      ...Array(4).fill({ code: 'VALUE_NOT_SERIALIZABLE', fields: { path: 'lines[1].value' } }),
      { fields: { path: 'value' } },
    ]);
    const question = far.ask<number>(() => ({ type: 'q', at: { no: () => 1 } }));
    await expect(question).rejects.toMatchObject({
      code: 'ASK_UNDELIVERABLE',
      message: expect.stringContaining('field "at.no"'),
      cause: { code: 'VALUE_NOT_SERIALIZABLE', fields: { path: 'at.no' } },
    });
    await network.pass(100);
  });

  it('becomes dead letters with content when the peer never answers, and asks fail at once', async () => {
    const network = new TestNetwork();
    const alpha = await network.start('alpha');
    const nobody = alpha.system.resolve('pekko://sys@gone:2550/user/a');
    nobody.tell({ type: 'one', n: 1 });
    const question = nobody.ask<number>((replyTo) => ({ type: 'q', replyTo }), {
      timeout: '1m',
    });
    question.catch(() => undefined);
    await network.pass(22_000);
    await expect(question).rejects.toMatchObject({ code: 'ASK_UNDELIVERABLE' });
    expect(alpha.deadLetters).toMatchObject([
      { message: { type: 'one', n: 1 }, recipient: nobody.path, reason: 'remoteUnreachable' },
      { message: { type: 'q' }, reason: 'remoteUnreachable' },
    ]);
    expect(troubles(alpha).filter((line) => line.includes('failed'))).toHaveLength(1);
  });

  it('is counted and bounded when a dead peer is flooded', async () => {
    const network = new TestNetwork();
    const limits = { outboundMessagesMax: 100, outboundBytesMax: 1_000_000 };
    const alpha = await network.start('alpha', { limits });
    const nobody = alpha.system.resolve('pekko://sys@gone:2550/user/a');
    for (let i = 0; i < 5000; i++) nobody.tell(i);
    expect(alpha.system.deadLetters.count('outboundQueueFull')).toBe(4900);
    const [view] = alpha.remoting.associations();
    expect(view?.streams[1]?.queuedFrames).toBe(100);
    await network.pass(30_000);
    expect(alpha.system.deadLetters.count('remoteUnreachable')).toBe(100);
    expect(alpha.remoting.associations()[0]?.streams[1]?.queuedBytes).toBe(0);
  });

  it('is held within bytes, not only within messages', async () => {
    const network = new TestNetwork();
    const alpha = await network.start('alpha', { limits: { outboundBytesMax: 1_000_000 } });
    const nobody = alpha.system.resolve('pekko://sys@gone:2550/user/a');
    for (let i = 0; i < 50; i++) nobody.tell('x'.repeat(100_000));
    const queued = alpha.remoting.associations()[0]?.streams[1]?.queuedBytes ?? 0;
    expect(queued).toBeLessThan(1_200_000);
    expect(alpha.system.deadLetters.count('outboundQueueFull')).toBe(40);
  });

  it('does not reach actors under /system from outside, unless they are opened; Identify does', async () => {
    const { network, alpha, beta } = await pair();
    const heard: unknown[] = [];
    const inner = actor<unknown>(() => ({ onMessage: (message) => void heard.push(message) }));
    const closed = beta.system.spawnSystem(inner, 'closed');
    const open = beta.system.spawnSystem(inner, 'open');
    beta.remoting.openSystemPath('/system/open');
    for (const ref of [closed, open]) farRef(alpha, ref).tell(ref.name);
    alpha.system.select('pekko://sys@beta:2550/system/closed').tell('selected');
    alpha.system.select('pekko://sys@beta:2550/*/closed').tell('by wildcard');
    farRef<unknown>(alpha, closed).tell(poisonPill);
    alpha.system.stop(farRef(alpha, closed));
    const identified = alpha.system.select('pekko://sys@beta:2550/system/closed').resolveOne();
    await network.pass(2000);
    expect(heard).toEqual(['open']);
    expect(closed.isStopped).toBe(false);
    expect((await identified).path).toBe(closed.path);
    expect(beta.system.deadLetters.count('notAllowed')).toBe(5);
  });

  it('is not passed on to third nodes', async () => {
    const { network, alpha, beta } = await pair();
    const gamma = await network.start('gamma');
    const target = listener(gamma.system, 'target');
    const throughBeta = alpha.system.resolve('pekko://sys@beta:2550/');
    throughBeta.tell('warm');
    await network.pass(100);
    expect(beta.remoting.associations().map((view) => view.address.host)).toEqual(['alpha']);
    farRef(alpha, target.ref).tell('direct');
    await network.pass(100);
    expect(target.heard.messages).toEqual(['direct']);
  });

  it('waits at the sender while an actor here is slow, and nothing is lost', async () => {
    const network = new TestNetwork();
    const alpha = await network.start('alpha');
    const beta = await network.start('beta', { limits: { inboundBacklogMax: 100 } });
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const heard: unknown[] = [];
    const slow = actor<unknown>(() => ({
      async onMessage(message) {
        await released;
        heard.push(message);
      },
    }));
    const far = farRef(alpha, beta.system.spawn(slow, 'slow'));
    for (let i = 0; i < 20_000; i++) {
      far.tell(`message ${i} ${'x'.repeat(100)}`);
      if (i % 1000 === 0) await network.pass(10);
    }
    await network.pass(1000);
    expect(beta.remoting.telemetry.holdBacks).toBe(1);
    expect(beta.remoting.telemetry.framesReceived).toBeLessThan(3000);
    expect(alpha.remoting.associations()[0]?.streams[1]?.queuedFrames).toBeGreaterThan(5000);
    release();
    for (let i = 0; i < 400 && heard.length < 20_000; i++) await network.pass(10);
    expect(heard).toHaveLength(20_000);
    expect(alpha.deadLetters).toEqual([]);
  });
});
