// Remoting without a cluster, as Pekko's specs of remote actors tell it: partitions and system messages, quarantine and
// the way out of it, watching both ways, order over several nodes.

import { describe, expect, it } from 'vitest';
import { type ActorRef, actor } from '../../src/actor/index.ts';
import {
  farRef,
  listener,
  pair,
  pinger,
  TestNetwork,
  type TestNode,
  troubles,
  watched,
} from '../remoting/nodes.ts';

function quarantines(node: TestNode) {
  return node.events.filter((event) => event.type === 'quarantined');
}

/** Whether a ping told once is answered within that time. */
async function pongs(
  network: TestNetwork,
  from: TestNode,
  to: ActorRef<never>,
  withinMs = 500,
): Promise<boolean> {
  const { ref, heard } = listener(from.system, 'asker');
  (farRef(from, to) as ActorRef<unknown>).tell({ type: 'ping', n: 1, replyTo: ref });
  await network.pass(withinMs);
  from.system.stop(ref);
  await network.pass(10);
  return heard.messages[0] === 2;
}

describe('a network partition', () => {
  it('that is over before anybody gives up costs no system message and no quarantine', async () => {
    const { network, alpha, beta } = await pair({ limits: { giveUpSystemMessageAfterMs: 4000 } });
    const echo = beta.system.spawn(pinger, 'echo');
    expect(await pongs(network, alpha, echo)).toBe(true);
    cut(network);
    const { mortal, heard } = watched(alpha, beta);
    await network.pass(2000);
    network.net.heal();
    await network.pass(100);
    expect(await pongs(network, alpha, echo)).toBe(true);
    beta.system.stop(mortal);
    await network.pass(3000);
    expect(heard.terminated).toMatchObject([{ how: { existenceConfirmed: true } }]);
    expect(quarantines(alpha)).toEqual([]);
  });

  it('that outlasts the patience for system messages ends in quarantine, and watchers are told', async () => {
    const { network, alpha, beta } = await pair({ limits: { giveUpSystemMessageAfterMs: 4000 } });
    expect(await pongs(network, alpha, beta.system.spawn(pinger, 'echo'))).toBe(true);
    cut(network);
    const { heard } = watched(alpha, beta);
    await network.pass(8000);
    expect(quarantines(alpha)).toMatchObject([{ harmless: false }]);
    expect(heard.terminated).toMatchObject([{ how: { addressTerminated: true } }]);
  });

  it('between two of three nodes delays their watches and nobody else', async () => {
    const network = new TestNetwork();
    const [first, second, third] = [
      await network.start('first'),
      await network.start('second'),
      await network.start('third'),
    ];
    const onSecond = second.system.spawn(pinger, 'echo');
    const onFirst = first.system.spawn(pinger, 'echo');
    expect(await pongs(network, first, onSecond)).toBe(true);
    network.net.cut('first', 'second');
    network.net.cut('second', 'first');
    const heard = [
      listener(first.system, 'watcher', [farRef(first, onSecond)]).heard,
      listener(third.system, 'watcher', [farRef(third, onSecond)]).heard,
      listener(second.system, 'watcher', [farRef(second, onFirst)]).heard,
    ];
    await network.pass(5000);
    network.net.heal();
    await network.pass(500);
    second.system.stop(onSecond);
    first.system.stop(onFirst);
    await network.pass(5000);
    expect(heard.map(({ terminated }) => terminated.length)).toEqual([1, 1, 1]);
  });
});

describe('a quarantine by hand', () => {
  it('is not lost by sending on', async () => {
    const { network, alpha, beta } = await pair();
    const echo = beta.system.spawn(pinger, 'echo');
    expect(await pongs(network, alpha, echo)).toBe(true);
    const { address, uid } = beta.remoting;
    alpha.remoting.quarantine({ address, uid }, 'for the test');
    for (let i = 0; i < 4; i++) {
      expect(await pongs(network, alpha, echo)).toBe(false);
      await network.pass(2000);
      expect(alpha.remoting.associations()[0]?.quarantined?.harmless).toBe(false);
    }
  });

  it('does not hold for the next process at that address, which is another to all who look', async () => {
    const { network, alpha, beta } = await pair();
    const echo = beta.system.spawn(pinger, 'echo');
    expect(await pongs(network, alpha, echo)).toBe(true);
    const { address, uid } = beta.remoting;
    alpha.remoting.quarantine({ address, uid }, 'for the test');
    await network.pass(1000);
    expect(beta.events).toContainEqual(expect.objectContaining({ type: 'thisSystemQuarantined' }));
    await network.kill(beta, ['alpha']);
    const again = await network.start('beta');
    const other = again.system.spawn(pinger, 'echo');
    const found = alpha.system.select('pekko://sys@beta:2550/user/echo').resolveOne();
    await network.pass(2000);
    expect((await found).path).toBe(other.path);
    expect(other.path).not.toBe(echo.path);
    expect(await pongs(network, again, alpha.system.spawn(pinger, 'echo'))).toBe(true);
    expect(await pongs(network, alpha, other)).toBe(true);
  });
});

describe('a peer that is late', () => {
  it('is reached after all handshakes have failed, once it comes by itself', async () => {
    const network = new TestNetwork();
    const limits = { handshakeTimeoutMs: 3000 };
    const alpha = await network.start('alpha', { limits });
    const here = alpha.system.spawn(pinger, 'here');
    alpha.system.resolve('pekko://sys@beta:2550/user/there').tell('too early');
    await network.pass(4000);
    const beta = await network.start('beta', { limits });
    const there = beta.system.spawn(pinger, 'there');
    expect(await pongs(network, beta, here, 10_000)).toBe(true);
    expect(await pongs(network, alpha, there)).toBe(true);
  });

  it('is reached by a ref that was used before its predecessor said goodbye', async () => {
    const { network, alpha, beta } = await pair({ limits: { removeQuarantinedAfterMs: 2000 } });
    beta.system.spawn(pinger, 'echo');
    const cached = alpha.system.resolve('pekko://sys@beta:2550/user/echo') as ActorRef<never>;
    expect(await pongs(network, alpha, cached)).toBe(true);
    const ended = beta.system.terminate();
    await network.pass(4000);
    await ended;
    const again = await network.start('beta');
    again.system.spawn(pinger, 'echo');
    await network.pass(3000);
    const { ref, heard } = listener(alpha.system, 'listener');
    for (let i = 0; i < 5; i++) {
      (cached as ActorRef<unknown>).tell({ type: 'ping', n: 1, replyTo: ref });
      await network.pass(1000);
    }
    expect(heard.messages.at(-1)).toBe(2);
  });
});

describe('what was told before the end', () => {
  it('of the system that told it arrives', async () => {
    const { network, alpha, beta } = await pair();
    const { ref, heard } = listener(beta.system, 'listener');
    expect(await pongs(network, alpha, beta.system.spawn(pinger, 'echo'))).toBe(true);
    const far = farRef(alpha, ref);
    for (const letter of ['one', 'two', 'three']) far.tell(letter);
    const ended = alpha.system.terminate();
    await network.pass(6000);
    await ended;
    expect(heard.messages).toEqual(['one', 'two', 'three']);
  });

  it('of a watched actor is reported when its streams fall idle at that very moment', async () => {
    const limits = { stopIdleOutboundAfterMs: 1000 };
    const { network, alpha, beta } = await pair({ limits });
    for (let round = 0; round < 5; round++) {
      const { mortal, heard } = watched(alpha, beta, `mortal-${round}`);
      await network.pass(990 + 5 * round);
      beta.system.stop(mortal);
      await network.pass(5000);
      expect(heard.terminated).toMatchObject([{ how: { existenceConfirmed: true } }]);
    }
  });
});

describe('an inbound stream that fails while compression tables are in use', () => {
  it('is replaced by one that reads the same tables: every answer comes from whom was asked', async () => {
    const { network, alpha, beta } = await pair({ limits: { compressionAdvertiseMs: 300 } });
    const replier = (name: string) =>
      farRef(
        alpha,
        beta.system.spawn(
          actor<{ type: 'who'; replyTo: ActorRef<string> }>(() => ({
            who: ({ replyTo }) => replyTo.tell(name),
          })),
          name,
        ),
      );
    const [a, b] = [replier('a'), replier('b')];
    const { ref, heard } = listener(alpha.system, 'listener');
    const askMany = async (of: readonly (typeof a)[]): Promise<void> => {
      for (const each of of) {
        for (let i = 0; i < 100; i++) each.tell({ type: 'who', replyTo: ref as ActorRef<string> });
      }
      await network.pass(2000);
    };
    await askMany([a, b]);
    await askMany([a, b]);
    expect(beta.remoting.telemetry.compressedFramesReceived).toBeGreaterThan(0);
    network.net.breakLinks('alpha', 'beta');
    await network.pass(2000);
    heard.messages.length = 0;
    await askMany([b]);
    await askMany([a]);
    expect(heard.messages).toEqual([...Array(100).fill('b'), ...Array(100).fill('a')]);
    expect([...alpha.deadLetters, ...beta.deadLetters]).toEqual([]);
  });
});

describe('watching', () => {
  it('goes both ways at once, and each side is told', async () => {
    const { network, alpha, beta } = await pair();
    const there = watched(alpha, beta, 'there');
    const here = watched(beta, alpha, 'here');
    await network.pass(3000);
    beta.system.stop(there.mortal);
    alpha.system.stop(here.mortal);
    await network.pass(3000);
    expect([there.heard.terminated.length, here.heard.terminated.length]).toEqual([1, 1]);
  });

  it('by several tells each of those that still watch, once', async () => {
    const { network, alpha, beta } = await pair();
    const subject = beta.system.spawn(pinger, 'subject');
    const other = beta.system.spawn(pinger, 'other');
    const one = listener(alpha.system, 'one', [farRef(alpha, subject), farRef(alpha, other)]);
    const two = listener(alpha.system, 'two', [farRef(alpha, subject)]);
    const three = listener(alpha.system, 'three', [farRef(alpha, subject)]);
    await network.pass(2000);
    alpha.system.stop(two.ref);
    await network.pass(100);
    for (const ref of [subject, other]) beta.system.stop(ref);
    await network.pass(3000);
    expect([one, two, three].map(({ heard }) => heard.terminated.length)).toEqual([2, 0, 1]);
  });

  it('leaves no heartbeats behind when nothing is watched any more', async () => {
    const { network, alpha, beta } = await pair();
    const { mortal } = watched(alpha, beta);
    await network.pass(3000);
    beta.system.stop(mortal);
    await network.pass(3000);
    const frames = () => alpha.remoting.associations()[0]?.streams[0]?.framesSent;
    const before = frames();
    await network.pass(10_000);
    expect(frames()).toBe(before);
  });

  it('ends with the crash of the node, although another watcher had turned away before', async () => {
    const { network, alpha, beta } = await pair();
    const subject = beta.system.spawn(pinger, 'subject');
    const one = listener(alpha.system, 'one', [farRef(alpha, subject)]);
    const two = listener(alpha.system, 'two', [farRef(alpha, subject)]);
    await network.pass(3000);
    alpha.system.stop(two.ref);
    await network.pass(1000);
    await network.kill(beta, ['alpha']);
    await network.pass(15_000);
    expect(one.heard.terminated).toHaveLength(1);
  });

  it('from a node that crashed is taken back, so that nothing is kept for it', async () => {
    const { network, alpha, beta } = await pair();
    const here = watched(beta, alpha, 'here');
    watched(alpha, beta, 'there');
    await network.pass(3000);
    await network.kill(beta, ['alpha']);
    await network.pass(15_000);
    expect(quarantines(alpha)).toHaveLength(1);
    alpha.system.stop(here.mortal);
    await network.pass(3000);
    expect(alpha.remoting.associations()[0]?.unacknowledgedSystemMessages).toBe(0);
    expect(alpha.deadLetters).toEqual([]);
  });
});

interface Letter {
  readonly type: 'letter';
  readonly n: number;
  readonly route: readonly ActorRef<Letter>[];
}

/** Hands a letter on to the next of its route. */
const postman = actor<Letter>(() => ({
  letter({ n, route }) {
    const [next, ...rest] = route;
    next?.tell({ type: 'letter', n, route: rest });
  },
}));

describe('order', () => {
  it('is kept over a route through three nodes', async () => {
    const network = new TestNetwork();
    const [first, second, third] = [
      await network.start('first'),
      await network.start('second'),
      await network.start('third'),
    ];
    const postmanOf = (node: TestNode) => farRef(first, node.system.spawn(postman, 'postman'));
    const [p1, p2, p3] = [postmanOf(first), postmanOf(second), postmanOf(third)];
    network.net.delay({ min: 0, max: 20 });
    const { ref, heard } = listener(first.system, 'addressee');
    const addressee = ref as ActorRef<Letter>;
    for (let n = 0; n < 500; n++) {
      p1.tell({ type: 'letter', n, route: [p2, p3, p2, p3, addressee] });
    }
    await network.pass(5000);
    const numbers = heard.messages.map((letter) => (letter as Letter).n);
    expect(numbers).toEqual(Array.from({ length: 500 }, (_, n) => n));
    expect([first, second, third].flatMap(troubles)).toEqual([]);
  });

  it.each(['ref', 'selection'] as const)(
    'is kept in long conversations of several by %s',
    async (by) => {
      const { network, alpha, beta } = await pair();
      const echo = beta.system.spawn(
        actor<unknown>((context) => ({
          onMessage: (message) =>
            void (context.sender as ActorRef<unknown> | undefined)?.tell(message),
        })),
        'echo',
      );
      const target =
        by === 'ref' ? farRef(alpha, echo) : alpha.system.select('pekko://sys@beta:2550/user/echo');
      const got: number[][] = [];
      for (let i = 0; i < 4; i++) {
        const mine: number[] = [];
        got.push(mine);
        const counter = alpha.system.spawn(
          actor<unknown>((context) => {
            target.tell(1000, context.self as ActorRef<never>);
            return {
              onMessage: (n) => {
                mine.push(n as number);
                if ((n as number) > 0)
                  target.tell((n as number) - 1, context.self as ActorRef<never>);
              },
            };
          }),
          `counter-${i}`,
        );
        expect(counter.isStopped).toBe(false);
      }
      for (let i = 0; i < 60 && got.some((each) => each.length < 1001); i++)
        await network.pass(200);
      const down = Array.from({ length: 1001 }, (_, n) => 1000 - n);
      expect(got).toEqual([down, down, down, down]);
    },
  );

  it('of lives is respected: a ref of an ended actor does not reach its successor of the same name', async () => {
    const { network, alpha, beta } = await pair();
    const first = listener(beta.system, 'name');
    const old = farRef(alpha, first.ref);
    old.tell(1);
    await network.pass(100);
    beta.system.stop(first.ref);
    await network.pass(100);
    const second = listener(beta.system, 'name');
    old.tell(2);
    farRef(alpha, second.ref).tell(3);
    await network.pass(100);
    expect([first.heard.messages, second.heard.messages]).toEqual([[1], [3]]);
    expect(beta.deadLetters).toMatchObject([{ message: 2 }]);
  });
});

function cut(network: TestNetwork): void {
  network.net.cut('alpha', 'beta');
  network.net.cut('beta', 'alpha');
}
