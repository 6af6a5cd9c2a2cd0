import { describe, expect, it } from 'vitest';
import { farRef, listener, pair, pinger, strangerAt, troubles, watched } from './nodes.ts';

describe('broken connections', () => {
  it('are dialled again, and what waited arrives', async () => {
    const { network, alpha, beta } = await pair();
    const there = listener(beta.system, 'there');
    const far = farRef(alpha, there.ref);
    far.tell('before');
    await network.pass(100);
    expect(network.net.breakLinks('alpha', 'beta')).toBe(4);
    await network.pass(0);
    far.tell('meanwhile');
    await network.pass(1200);
    expect(there.heard.messages).toEqual(['before', 'meanwhile']);
  });

  it('do not lose or double system messages', async () => {
    const { network, alpha, beta } = await pair();
    const all = Array.from({ length: 20 }, (_, i) => watched(alpha, beta, `m${i}`));
    for (let i = 0; i < 6; i++) {
      network.net.breakLinks('alpha', 'beta');
      await network.pass(700);
    }
    for (const { mortal } of all) beta.system.stop(mortal);
    network.net.delay({ min: 0, max: 30 });
    for (let i = 0; i < 8; i++) {
      await network.pass(37);
      network.net.breakLinks('alpha', 'beta');
      await network.pass(600);
    }
    await network.pass(20_000);
    expect(all.map(({ heard }) => heard.terminated.length)).toEqual(all.map(() => 1));
    expect(all.every(({ heard }) => heard.terminated[0]?.how.existenceConfirmed)).toBe(true);
    expect(alpha.remoting.associations()[0]?.unacknowledgedSystemMessages).toBe(0);
  });

  it('are held back by a partition and go on after it', async () => {
    const { network, alpha, beta } = await pair();
    const there = listener(beta.system, 'there');
    farRef(alpha, there.ref).tell(1);
    await network.pass(100);
    network.net.cut('alpha', 'beta');
    for (let i = 2; i <= 50; i++) farRef(alpha, there.ref).tell(i);
    await network.pass(5000);
    expect(there.heard.messages).toEqual([1]);
    network.net.heal();
    await network.pass(100);
    expect(there.heard.messages).toHaveLength(50);
  });
});

describe('a peer that was restarted at the same address', () => {
  it('is recognised by its uid and spoken to at once', async () => {
    const { network, alpha, beta } = await pair();
    farRef(alpha, listener(beta.system, 'there').ref).tell('old');
    await network.pass(100);
    await network.kill(beta, ['alpha']);
    const again = await network.start('beta');
    const there = listener(again.system, 'there');
    farRef(alpha, there.ref).tell('new');
    await network.pass(3000);
    expect(there.heard.messages).toEqual(['new']);
    expect(alpha.remoting.associations()).toMatchObject([
      { uid: again.remoting.uid, incarnations: 2 },
    ]);
    expect(alpha.events).toContainEqual(expect.objectContaining({ state: 'restarted' }));
  });

  it('gets no frames that only the process before it could read', async () => {
    const { network, alpha, beta } = await pair({ limits: { compressionAdvertiseMs: 1000 } });
    const there = listener(beta.system, 'there');
    const far = farRef(alpha, there.ref);
    for (let i = 0; i < 20; i++) far.tell(i);
    await network.pass(2000);
    network.net.cut('alpha', 'beta');
    far.tell('compressed for the old one');
    await network.pass(10);
    await network.kill(beta, ['alpha']);
    const again = await network.start('beta');
    await network.pass(3000);
    far.tell('for the new one');
    await network.pass(3000);
    expect(again.remoting.telemetry.refusals('unknownCompression')).toBe(0);
    expect(again.deadLetters).toMatchObject([{ message: 'for the new one' }]);
  });
});

describe('a quarantined peer', () => {
  async function quarantined() {
    const { network, alpha, beta } = await pair();
    const there = listener(beta.system, 'there');
    const here = listener(alpha.system, 'here');
    farRef(alpha, there.ref).tell(1);
    await network.pass(100);
    const { address, uid } = beta.remoting;
    alpha.remoting.quarantine({ address, uid }, 'for the test');
    await network.pass(100);
    return { network, alpha, beta, there, here };
  }

  it('is told, and gets nothing more but selections', async () => {
    const { network, alpha, beta, there } = await quarantined();
    expect(beta.events).toContainEqual({
      type: 'thisSystemQuarantined',
      from: { address: alpha.remoting.address, uid: alpha.remoting.uid },
    });
    farRef(alpha, there.ref).tell(2);
    alpha.system.select('pekko://sys@beta:2550/user/there').tell(3);
    await network.pass(100);
    expect(there.heard.messages).toEqual([1, 3]);
    expect(alpha.deadLetters).toMatchObject([{ message: 2, reason: 'remoteQuarantined' }]);
  });

  it('is not heard, and told so for each message', async () => {
    const { network, alpha, beta, here } = await quarantined();
    const before = beta.events.length;
    farRef(beta, here.ref).tell('deaf');
    await network.pass(100);
    expect(here.heard.messages).toEqual([]);
    expect(beta.events.length).toBe(before + 1);
    expect(alpha.remoting.telemetry.refusals('quarantinedPeer')).toBe(1);
  });

  it('is reminded now and then when it has nothing to send but heartbeats', async () => {
    const { network, alpha, beta } = await pair({ limits: { watchAcceptablePauseMs: 600_000 } });
    watched(beta, alpha);
    await network.pass(2000);
    const { address, uid } = beta.remoting;
    alpha.remoting.quarantine({ address, uid }, 'for the test');
    await network.pass(5000);
    const notices = () => beta.events.filter(({ type }) => type === 'thisSystemQuarantined').length;
    const before = notices();
    await network.pass(60_000);
    expect(notices() - before).toBeGreaterThanOrEqual(4);
    expect(notices() - before).toBeLessThanOrEqual(6);
  });

  it('has its streams closed after three idle seconds', async () => {
    const { network, alpha } = await quarantined();
    await network.pass(5000);
    const [view] = alpha.remoting.associations();
    expect(view?.streams.map((stream) => stream.state)).toEqual(['idle', 'idle']);
  });

  it('is heard again after a restart', async () => {
    const { network, alpha, beta } = await quarantined();
    await network.kill(beta, ['alpha']);
    const again = await network.start('beta');
    const there = listener(again.system, 'there');
    const here = listener(alpha.system, 'here-again');
    farRef(again, here.ref).tell('new');
    await network.pass(3000);
    expect(here.heard.messages).toEqual(['new']);
    farRef(alpha, there.ref).tell('welcome');
    await network.pass(100);
    expect(there.heard.messages).toEqual(['welcome']);
  });

  it('is ignored as a request when the uid is not the present one', async () => {
    const { network, alpha, beta } = await pair();
    const there = listener(beta.system, 'there');
    farRef(alpha, there.ref).tell(1);
    await network.pass(100);
    alpha.remoting.quarantine({ address: beta.remoting.address, uid: 99n }, 'stale');
    farRef(alpha, there.ref).tell(2);
    await network.pass(100);
    expect(there.heard.messages).toEqual([1, 2]);
  });
});

describe('idle connections', () => {
  it('are closed after five minutes and opened again by the next message', async () => {
    const { network, alpha, beta } = await pair();
    const there = listener(beta.system, 'there');
    const far = farRef(alpha, there.ref);
    far.tell(1);
    await network.pass(301_000);
    expect(network.net.linkCount).toBe(0);
    far.tell(2);
    await network.pass(100);
    expect(there.heard.messages).toEqual([1, 2]);
    expect([...troubles(alpha), ...troubles(beta)]).toEqual([]);
  });

  it('are kept alive for hours by probes, without a quarantine', async () => {
    const { network, alpha, beta } = await pair();
    farRef(alpha, listener(beta.system, 'there').ref).tell(1);
    for (let minute = 0; minute < 8 * 60; minute += 4) await network.pass(4 * 60_000);
    expect(alpha.events.filter((event) => event.type === 'quarantined')).toEqual([]);
    expect(beta.events.filter((event) => event.type === 'quarantined')).toEqual([]);
  }, 60_000);
});

describe('shutdown', () => {
  it('tells the peers, gets their answer and does not wait for the limit', async () => {
    const { network, alpha, beta } = await pair();
    farRef(alpha, beta.system.spawn(pinger, 'p')).tell({ type: 'x' } as never);
    await network.pass(100);
    let ended = false;
    const down = alpha.remoting.shutdown().then(() => {
      ended = true;
    });
    await network.pass(100);
    await down;
    expect(ended).toBe(true);
    expect(network.net.linkCount).toBe(0);
    await network.pass(2000);
    expect(beta.remoting.associations()[0]?.quarantined?.harmless).toBe(true);
  });

  it('ends within its limit when a peer does not answer', async () => {
    const { network, alpha, beta } = await pair();
    farRef(alpha, beta.system.spawn(pinger, 'p')).tell({ type: 'x' } as never);
    await network.pass(100);
    network.net.cut('beta', 'alpha');
    let ended = false;
    void alpha.remoting.shutdown().then(() => {
      ended = true;
    });
    await network.pass(990);
    expect(ended).toBe(false);
    await network.pass(20);
    expect(ended).toBe(true);
  });

  it('makes a dead letter that is no news of a death notice that nobody acknowledged', async () => {
    const { network, alpha, beta } = await pair();
    const { mortal } = watched(alpha, beta);
    await network.pass(100);
    network.net.cut('beta', 'alpha');
    beta.system.stop(mortal);
    await network.pass(100);
    const down = beta.remoting.shutdown();
    await network.pass(1100);
    await down;
    const notice = { kind: 'deathWatchNotification', actor: mortal.path };
    expect(beta.deadLetters).toMatchObject([
      { reason: 'remoteUnreachable', message: { message: notice, deadLetterSuppressed: true } },
    ]);
  });

  it('is no trouble to peers that were told, until another process lives there', async () => {
    const { network, alpha, beta } = await pair();
    const far = farRef(alpha, beta.system.spawn(pinger, 'p'));
    const speak = async (): Promise<void> => {
      for (let second = 0; second < 30; second++) {
        far.tell({ type: 'x' } as never);
        alpha.system.select('pekko://sys@beta:2550/user/p').tell('x');
        await network.pass(1000);
      }
    };
    await speak();
    const down = beta.remoting.shutdown();
    await network.pass(100);
    await down;
    await speak();
    expect(troubles(alpha)).toEqual([]);
    const next = await network.start('beta');
    farRef(next, alpha.system.spawn(pinger, 'q')).tell({ type: 'x' } as never);
    await network.pass(100);
    await network.kill(next, ['alpha']);
    await speak();
    expect(troubles(alpha)).toContain(
      'warn Connection to a peer failed; it is dialled again while there is something to send',
    );
  });

  it('leaves messages of later callers to the dead letters', async () => {
    const { network, alpha, beta } = await pair();
    const far = farRef(alpha, beta.system.spawn(pinger, 'p'));
    far.tell({ type: 'x' } as never);
    await network.pass(100);
    const down = alpha.remoting.shutdown();
    await network.pass(1100);
    await down;
    far.tell({ type: 'y' } as never);
    expect(alpha.deadLetters).toMatchObject([{ reason: 'remoteTerminating' }]);
  });
});

describe('limits', () => {
  it('quarantine a peer that acknowledges nothing while system messages pile up, and watchers learn it', async () => {
    const { network, alpha, beta } = await pair({ limits: { systemMessagesMax: 5 } });
    farRef(alpha, beta.system.spawn(pinger, 'p')).tell({ type: 'x' } as never);
    await network.pass(100);
    network.net.cut('alpha', 'beta');
    const all = Array.from({ length: 8 }, (_, i) => watched(alpha, beta, `m${i}`));
    await network.pass(500);
    expect(alpha.events).toContainEqual(
      expect.objectContaining({ type: 'quarantined', harmless: false }),
    );
    expect(all.map(({ heard }) => heard.terminated.length)).toEqual(all.map(() => 1));
  });

  it('let a burst of watches in one turn wait for acknowledgements, however few frames the stream takes', async () => {
    const { network, alpha, beta } = await pair({ limits: { outboundControlMessagesMax: 20 } });
    const subjects = Array.from({ length: 500 }, () => beta.system.spawn(pinger));
    const far = subjects.map((subject) => farRef<never>(alpha, subject));
    const { heard } = listener(alpha.system, 'observer', far);
    await network.pass(5000);
    for (const subject of subjects) beta.system.stop(subject);
    await network.pass(5000);
    expect(new Set(heard.terminated.map(({ path }) => path)).size).toBe(500);
    expect(heard.terminated.length).toBe(500);
    expect([...alpha.events, ...beta.events].filter((e) => e.type === 'quarantined')).toEqual([]);
    expect(alpha.remoting.associations()[0]?.unacknowledgedSystemMessages).toBe(0);
  });

  it('close a connection whose frames come from nobody who introduced himself', async () => {
    const { network, alpha } = await pair({ limits: { inboundIntroductionMs: 5000 } });
    let ended = false;
    const link = strangerAt(network, () => {
      ended = true;
    });
    await network.pass(0);
    const frame = Buffer.alloc(4 + 28 + 6);
    frame.writeUInt32LE(34);
    frame.writeBigInt64LE(99n, 8);
    frame.writeInt32LE(20, 16);
    link.write(Buffer.concat([Buffer.from('AKKA'), Buffer.of(2), frame]));
    for (let second = 0; second < 4; second++) {
      await network.pass(1000);
      link.write(frame);
    }
    expect(ended).toBe(false);
    await network.pass(3000);
    expect(ended).toBe(true);
    expect(alpha.remoting.telemetry.refusals('introductionTimeout')).toBe(1);
    expect(alpha.remoting.telemetry.refusals('unknownUid')).toBe(5);
  });

  it('close a connection of bytes that never become a frame, however much known peers say', async () => {
    const { network, alpha, beta } = await pair({ limits: { inboundIntroductionMs: 5000 } });
    watched(alpha, beta);
    let ended = false;
    const link = strangerAt(network, () => {
      ended = true;
    });
    await network.pass(0);
    link.write(Buffer.concat([Buffer.from('AKKA'), Buffer.of(2, 0, 16, 0, 0)]));
    for (let second = 0; second < 8; second++) {
      await network.pass(1000);
      link.write(Buffer.of(1));
    }
    expect(ended).toBe(true);
    expect(alpha.remoting.telemetry.refusals('introductionTimeout')).toBe(1);
  });
});
