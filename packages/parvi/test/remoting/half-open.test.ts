// Links that lead nowhere and say nothing of it: the other machine lost its power, or the way to it, or its name.

import { describe, expect, it } from 'vitest';
import type {
  AssociationView,
  DialHandlers,
  DialOptions,
  Transport,
} from '../../src/remote/index.ts';
import { remotingLimitsDefaults } from '../../src/remote/index.ts';
import { farRef, listener, pair, TestNetwork, type TestNode, watched } from './nodes.ts';

function streamsOf(node: TestNode): AssociationView['streams'] {
  return node.remoting.associations()[0]?.streams ?? [];
}

/** A transport that keeps when each dial was made. */
function timed(inner: Transport, nowMs: () => number) {
  const dials: number[] = [];
  const transport: Transport = {
    listen: (options) => inner.listen(options),
    dial(options: DialOptions, handlers: DialHandlers) {
      dials.push(nowMs());
      return inner.dial(options, handlers);
    },
  };
  return { transport, dials };
}

describe('a half-open link', () => {
  it('of the control stream is left after ten seconds without answer, and dialled anew', async () => {
    const { network, alpha, beta } = await pair({ limits: { watchAcceptablePauseMs: 600_000 } });
    watched(alpha, beta);
    await network.pass(5000);
    const { dials } = alpha.remoting.telemetry;
    network.net.cut('alpha', 'beta');
    await network.pass(8000);
    expect(alpha.remoting.telemetry.dials).toBe(dials);
    await network.pass(6000);
    expect(alpha.remoting.telemetry.dials).toBeGreaterThan(dials);
    const said = alpha.log.lines.filter(({ level }) => level === 'warn');
    expect(String(said[0]?.fields.error)).toContain('the peer answered no handshake for');
    network.net.heal();
    await network.pass(8000);
    expect(streamsOf(alpha)[0]?.state).toBe('open');
  });

  it('loses no system message: what went into it is sent again', async () => {
    const { network, alpha, beta } = await pair({ limits: { watchAcceptablePauseMs: 600_000 } });
    const { mortal, heard } = watched(alpha, beta);
    await network.pass(5000);
    network.net.cut('beta', 'alpha');
    beta.system.stop(mortal);
    await network.pass(30_000);
    expect(heard.terminated).toEqual([]);
    network.net.heal();
    await network.pass(10_000);
    expect(heard.terminated).toHaveLength(1);
  });

  it('is none while the peer answers, however long that goes on', async () => {
    const { network, alpha, beta } = await pair();
    watched(alpha, beta);
    await network.pass(600_000);
    expect([alpha, beta].map((node) => node.remoting.telemetry.dials)).toEqual([2, 2]);
  });

  it('to a machine that lost its name to another is left as soon as the new one speaks', async () => {
    const network = new TestNetwork();
    const names = new Map([['beta', 'machine1']]);
    const inner = network.net.transport('alpha');
    const transport: Transport = {
      listen: (options) => inner.listen(options),
      dial: (options, handlers) =>
        inner.dial({ ...options, host: names.get(options.host) ?? options.host }, handlers),
    };
    const alpha = await network.start('alpha', { transport });
    const onMachine = (machine: string): Promise<TestNode> =>
      network.start('beta', { bindHost: machine, transport: network.net.transport(machine) });
    const first = await onMachine('machine1');
    farRef(alpha, listener(first.system, 'there').ref).tell('hello');
    await network.pass(3000);
    // From now on nothing comes from the first machine, not even the end of its links.
    network.net.cut('alpha', 'machine1');
    network.net.cut('machine1', 'alpha');
    names.set('beta', 'machine2');
    const second = await onMachine('machine2');
    const there = listener(second.system, 'there');
    farRef(second, listener(alpha.system, 'knock').ref).tell('back');
    await network.pass(3000);
    farRef(alpha, there.ref).tell('welcome');
    await network.pass(100);
    expect(there.heard.messages).toEqual(['welcome']);
    expect(alpha.remoting.associations()).toMatchObject([
      {
        uid: second.remoting.uid,
        incarnations: 2,
        streams: [{ state: 'open' }, { state: 'open' }],
      },
    ]);
  });
});

describe('a peer that cannot be reached', () => {
  it('is dialled after 1, 2, 4 and then every 5 seconds, each a little later by chance', async () => {
    const network = new TestNetwork();
    const { transport, dials } = timed(network.net.transport('alpha'), () =>
      network.time.clock.nowMs(),
    );
    const alpha = await network.start('alpha', {
      transport,
      limits: { handshakeTimeoutMs: 60_000, watchAcceptablePauseMs: 600_000 },
    });
    listener(alpha.system, 'watcher', [alpha.system.resolve('pekko://sys@gone:2550/user/x')]);
    await network.pass(30_000);
    const [first = 0, ...later] = dials;
    const waits = later.map((at, i) => at - (dials[i] ?? first));
    const { reconnectJitter } = remotingLimitsDefaults;
    for (const [i, expected] of [1000, 2000, 4000, 5000, 5000].entries()) {
      expect(waits[i]).toBeGreaterThanOrEqual(expected);
      expect(waits[i]).toBeLessThanOrEqual(expected * (1 + reconnectJitter) + 1);
    }
    expect(new Set(waits.slice(3).map(Math.round)).size).toBeGreaterThan(1);
  });
});
