import { describe, expect, it } from 'vitest';
import { type ActorRef, actor } from '../../src/actor/index.ts';
import { farRef, listener, pair, pinger, speakerAndKeeper, troubles, watched } from './nodes.ts';

const died = { existenceConfirmed: true, addressTerminated: false };
const nodeGone = { existenceConfirmed: false, addressTerminated: true };

describe('a watched actor of another node', () => {
  it('is reported once when it stops', async () => {
    const { network, alpha, beta } = await pair();
    const { mortal, far, heard } = watched(alpha, beta);
    await network.pass(3000);
    expect(heard.terminated).toEqual([]);
    beta.system.stop(mortal);
    await network.pass(5000);
    expect(heard.terminated).toEqual([{ path: far.path, how: died }]);
    expect([...troubles(alpha), ...troubles(beta)]).toEqual([]);
  });

  it('is reported after its last words, whichever socket is faster', async () => {
    const { network, alpha, beta } = await pair();
    const { speaker, keeper, order } = speakerAndKeeper(beta, alpha);
    await network.pass(2000);
    network.net.delay({ min: 1, max: 200 });
    speaker.tell({ type: 'go', to: farRef(beta, keeper) });
    await network.pass(0);
    beta.system.stop(speaker);
    await network.pass(4000);
    expect(order).toEqual([0, 1, 2, 3, 4, 'end']);
  });

  it('is reported at once when it never was there', async () => {
    const { network, alpha } = await pair();
    const nobody = alpha.system.resolve('pekko://sys@beta:2550/user/nobody#5') as ActorRef<never>;
    const { heard } = listener(alpha.system, 'watcher', [nobody]);
    await network.pass(500);
    expect(heard.terminated).toEqual([
      { path: nobody.path, how: { existenceConfirmed: false, addressTerminated: false } },
    ]);
  });

  it('is reported when its node dies, about twelve seconds later, and the node is quarantined', async () => {
    const { network, alpha, beta } = await pair();
    const { heard } = watched(alpha, beta);
    await network.pass(5000);
    await network.kill(beta, ['alpha']);
    await network.pass(9000);
    expect(heard.terminated).toEqual([]);
    await network.pass(4000);
    expect(heard.terminated.map((end) => end.how)).toEqual([nodeGone]);
    expect(alpha.events).toContainEqual(
      expect.objectContaining({ type: 'quarantined', harmless: false }),
    );
    await network.pass(60_000);
    expect(heard.terminated).toHaveLength(1);
    expect(alpha.deadLetters).toEqual([]);
  });

  it('is reported when its node says goodbye', async () => {
    const { network, alpha, beta } = await pair();
    const { heard } = watched(alpha, beta);
    await network.pass(3000);
    const ended = beta.system.terminate();
    await network.pass(3000);
    await ended;
    expect(heard.terminated).toHaveLength(1);
    expect(alpha.events).toContainEqual(
      expect.objectContaining({ type: 'quarantined', harmless: true }),
    );
    expect(troubles(beta)).toEqual([]);
  });

  it('is reported when another process took its place at the same address', async () => {
    const { network, alpha, beta } = await pair();
    const { heard } = watched(alpha, beta);
    await network.pass(3000);
    await network.kill(beta, ['alpha']);
    const again = await network.start('beta');
    again.system.spawn(pinger, 'mortal');
    await network.pass(8000);
    expect(heard.terminated).toHaveLength(1);
    expect(heard.terminated[0]?.how.existenceConfirmed).toBe(false);
  });

  it('is not reported to one who took the watch back', async () => {
    const { network, alpha, beta } = await pair();
    const mortal = beta.system.spawn(pinger, 'mortal');
    const ends: unknown[] = [];
    const watcher = alpha.system.spawn(
      actor<'unwatch'>((context) => {
        const far = context.watch(farRef(alpha, mortal));
        return {
          onMessage: () => context.unwatch(far),
          onTerminated: (ref) => void ends.push(ref.path),
        };
      }),
      'watcher',
    );
    await network.pass(2000);
    watcher.tell('unwatch');
    await network.pass(2000);
    beta.system.stop(mortal);
    await network.pass(5000);
    expect(ends).toEqual([]);
  });

  it('is left to the cluster when its node is a member', async () => {
    const { network, alpha, beta } = await pair();
    alpha.remoting.memberAdded(beta.remoting.address);
    const { heard } = watched(alpha, beta);
    await network.pass(2000);
    await network.kill(beta, ['alpha']);
    await network.pass(60_000);
    expect(heard.terminated).toEqual([]);
    alpha.remoting.addressTerminated(beta.remoting.address);
    await network.pass(10);
    expect(heard.terminated.map((end) => end.how)).toEqual([nodeGone]);
  });
});

describe('an actor of another node whose path no frame can name', () => {
  const long = 'n'.repeat(40_000);

  it('is reported as ended at once when it is watched, with a dead letter that says why', async () => {
    const { network, alpha, beta } = await pair();
    const far = farRef(alpha, beta.system.spawn(pinger, long));
    const { ref, heard } = listener(alpha.system, 'watcher', [far]);
    await network.pass(100);
    expect(heard.terminated).toEqual([
      { path: far.path, how: { existenceConfirmed: false, addressTerminated: false } },
    ]);
    expect(alpha.deadLetters).toMatchObject([
      { reason: 'notSerializable', cause: { code: 'REMOTE_PATH_UNSPEAKABLE' } },
    ]);
    alpha.system.stop(ref);
    await network.pass(60_000);
    expect(ref.isStopped).toBe(true);
    expect(troubles(alpha)).toEqual([]);
  });

  it('costs a message that is told to it, and no process', async () => {
    const { network, alpha, beta } = await pair();
    const far = farRef(alpha, beta.system.spawn(pinger, long)) as ActorRef<unknown>;
    far.tell('hi');
    alpha.system.stop(far);
    await network.pass(5000);
    expect(alpha.deadLetters.map(({ reason }) => reason)).toEqual([
      'notSerializable',
      'notSerializable',
    ]);
  });
});

describe('a message to another node', () => {
  it('that throws at whoever looks at it is a dead letter with the cause, not a throw', async () => {
    const { network, alpha, beta } = await pair();
    const { ref, heard } = listener(beta.system, 'here');
    const far = farRef(alpha, ref);
    const trap = (): never => {
      throw new Error('hands off');
    };
    const hostile = new Proxy({}, { get: trap, getPrototypeOf: trap, has: trap, ownKeys: trap });
    far.tell(hostile);
    far.tell({ inner: hostile });
    far.tell('plain');
    await network.pass(100);
    expect(heard.messages).toEqual(['plain']);
    expect(alpha.deadLetters.map(({ reason }) => reason)).toEqual([
      'notSerializable',
      'notSerializable',
    ]);
    expect(alpha.deadLetters[0]?.cause?.message).toBe('hands off');
  });
});
