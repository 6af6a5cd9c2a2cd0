// The same layer over real sockets on loopback: what the network in memory cannot show.

import { type AddressInfo, connect, createServer, type LookupFunction } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import type { ActorRef } from '../../src/actor/index.ts';
import { type RemotingOptions, tcpTransport } from '../../src/remote/index.ts';
import { farRef, listener, pinger, startNode, type TestNode, troubles } from './nodes.ts';
import { until } from './until.ts';

const nodes: TestNode[] = [];

const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
);

async function start(host: string, options: Partial<RemotingOptions> = {}): Promise<TestNode> {
  const limits = { reconnectMinMs: 10, reconnectMaxMs: 50, ...options.limits };
  const node = await startNode(undefined, { host, port: 0, ...options, limits });
  nodes.push(node);
  return node;
}

afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.system.terminate()));
});

describe('remoting over TCP', () => {
  it('asks, tells in order, and watches', async () => {
    const alpha = await start('127.0.31.1');
    const beta = await start('127.0.31.2');
    const spawned = beta.system.spawn(pinger, 'pinger');
    const far = farRef(alpha, spawned);
    expect(await far.ask((replyTo) => ({ type: 'ping', n: 1, replyTo }))).toBe(2);
    const there = listener(beta.system, 'there');
    for (let i = 0; i < 20_000; i++) farRef(alpha, there.ref).tell(i);
    await until(() => there.heard.messages.length === 20_000);
    expect(there.heard.messages).toEqual(Array.from({ length: 20_000 }, (_, i) => i));
    const { heard } = listener(alpha.system, 'watcher', [far]);
    await until(() => alpha.remoting.telemetry.framesReceived > 3);
    beta.system.stop(spawned);
    await until(() => heard.terminated.length === 1);
    expect([...troubles(alpha), ...troubles(beta)]).toEqual([]);
  });

  it('says goodbye within its limit, and the survivor ends the association without complaint', async () => {
    const alpha = await start('127.0.31.1');
    const beta = await start('127.0.31.2');
    const far = farRef(alpha, beta.system.spawn(pinger, 'pinger'));
    await far.ask((replyTo) => ({ type: 'ping', n: 1, replyTo }));
    const { heard } = listener(alpha.system, 'watcher', [far]);
    await beta.system.terminate();
    await until(() => heard.terminated.length === 1);
    expect(troubles(beta)).toEqual([]);
  });

  it('reaches a node that was stopped and started again on the same address', async () => {
    const alpha = await start('127.0.31.1');
    const first = await start('127.0.31.2');
    const there = listener(first.system, 'there');
    const { port } = first.remoting.address;
    const path = `pekko://sys@127.0.31.2:${port}/user/there`;
    alpha.system.resolve(path).tell('to the first');
    await until(() => there.heard.messages.length === 1);
    await first.system.terminate();
    const second = await start('127.0.31.2', { port });
    const again = listener(second.system, 'there');
    const knocks = listener(alpha.system, 'knocks');
    farRef(second, knocks.ref).tell('I am back');
    await until(() => knocks.heard.messages.length === 1);
    alpha.system.resolve(path).tell('to the second');
    await until(() => again.heard.messages.length === 1);
    expect(again.heard.messages).toEqual(['to the second']);
  });

  it('delivers what was told before the peer began to listen', async () => {
    const alpha = await start('127.0.31.1');
    const { port } = (await start('127.0.31.3')).remoting.address;
    await nodes.pop()?.system.terminate();
    alpha.system.resolve(`pekko://sys@127.0.31.3:${port}/user/there`).tell('early');
    await until(() => alpha.remoting.telemetry.dialFailures > 0);
    const late = await start('127.0.31.3', { port });
    const there = listener(late.system, 'there');
    await until(() => there.heard.messages.length === 1);
  });

  it('does not let big messages hold up a small ask on another stream', async () => {
    const options = {
      largeMessageDestinations: ['/user/big'],
      limits: { largeFrameBytesMax: 20_000_000 },
    };
    const alpha = await start('127.0.31.1', options);
    const beta = await start('127.0.31.2', options);
    const big = listener(beta.system, 'big');
    const far = farRef(alpha, beta.system.spawn(pinger, 'pinger'));
    await far.ask((replyTo) => ({ type: 'ping', n: 0, replyTo }));
    const block = new Uint8Array(10_000_000);
    for (let i = 0; i < 3; i++) farRef(alpha, big.ref).tell(block);
    expect(await far.ask((replyTo) => ({ type: 'ping', n: 1, replyTo }))).toBe(2);
    expect(big.heard.messages.length).toBeLessThan(3);
    await until(() => big.heard.messages.length === 3);
  });

  it('does not let big messages delay heartbeats: a watch holds, and its answers come in between', async () => {
    const options = {
      largeMessageDestinations: ['/user/big'],
      limits: {
        largeFrameBytesMax: 20_000_000,
        watchHeartbeatMs: 20,
        watchAcceptablePauseMs: 5000,
      },
    };
    const alpha = await start('127.0.31.1', options);
    const beta = await start('127.0.31.2', options);
    const big = listener(beta.system, 'big');
    const mortal = farRef(alpha, beta.system.spawn(pinger, 'pinger'));
    const { heard } = listener(alpha.system, 'watcher', [mortal]);
    const answers = (): number => alpha.remoting.telemetry.framesReceived;
    await until(() => answers() > 5);
    const block = new Uint8Array(10_000_000);
    const between: number[] = [];
    for (let i = 1; i <= 10; i++) {
      const before = answers();
      farRef(alpha, big.ref).tell(block);
      await until(() => answers() > before);
      between.push(big.heard.messages.length);
    }
    await until(() => big.heard.messages.length === 10);
    expect(between.some((messages, i) => messages < i + 1)).toBe(true);
    expect(heard.terminated).toEqual([]);
    expect(alpha.events.filter(({ type }) => type === 'quarantined')).toEqual([]);
  });

  it('looks a name up for each dial, so that it may lead to another machine', async () => {
    const asked: string[] = [];
    let place = '127.0.31.6';
    const lookup: LookupFunction = (name, options, callback) => {
      asked.push(name);
      if (options.all === true) callback(null, [{ address: place, family: 4 }]);
      else callback(null, place, 4);
    };
    const transport = tcpTransport({ lookup });
    const alpha = await start('127.0.31.1', { transport });
    const first = await start('moving.test', { bindHost: place });
    const { port } = first.remoting.address;
    const tellUntilHeard = async (node: TestNode, name: string): Promise<void> => {
      const there = listener(node.system, name);
      await until(() => {
        if (there.heard.messages.length === 0) farRef(alpha, there.ref).tell('hello');
        return there.heard.messages.length > 0;
      });
    };
    await tellUntilHeard(first, 'there');
    await first.system.terminate();
    place = '127.0.31.7';
    const second = await start('moving.test', { bindHost: place, port });
    await tellUntilHeard(second, 'there-again');
    expect(asked.length).toBe(alpha.remoting.telemetry.dials);
    expect(new Set(asked)).toEqual(new Set(['moving.test']));
  });

  it.skipIf(!hasIpv6)('speaks IPv6, with brackets in the address', async () => {
    const alpha = await start('[::1]');
    const beta = await start('[::1]');
    const far = farRef(alpha, beta.system.spawn(pinger, 'pinger'));
    expect(await far.ask((replyTo) => ({ type: 'ping', n: 1, replyTo }))).toBe(2);
    expect(far.path).toContain('@[::1]:');
  });

  it('keeps a bounded queue towards a peer that does not read', async () => {
    const limits = { outboundBytesMax: 4_000_000 };
    const alpha = await start('127.0.31.1', { limits });
    const held: { destroy(): void }[] = [];
    const deaf = createServer({ pauseOnConnect: true }, (socket) => held.push(socket));
    await new Promise<void>((resolve) => {
      deaf.listen(0, '127.0.31.4', resolve);
    });
    const { port } = deaf.address() as AddressInfo;
    const ref = alpha.system.resolve(`pekko://sys@127.0.31.4:${port}/user/x`) as ActorRef<unknown>;
    for (let i = 0; i < 1000; i++) ref.tell('x'.repeat(10_000));
    await until(() => held.length > 0);
    const [view] = alpha.remoting.associations();
    expect(view?.streams[1]?.queuedBytes).toBeLessThan(4_200_000);
    expect(alpha.system.deadLetters.count('outboundQueueFull')).toBeGreaterThan(500);
    for (const socket of held) socket.destroy();
    deaf.close();
  });

  it('refuses a port in use with a line that says what to do', async () => {
    const { port } = (await start('127.0.31.1')).remoting.address;
    await expect(start('127.0.31.1', { port })).rejects.toMatchObject({
      code: 'REMOTE_BIND_FAILED',
      message: expect.stringContaining(`127.0.31.1:${port}`),
    });
  });

  it('closes connections beyond its limit and those that say nothing', async () => {
    const limits = { inboundConnectionsMax: 2, inboundIntroductionMs: 0 };
    const alpha = await start('127.0.31.1', { limits });
    const ends = new Set<number>();
    for (let i = 0; i < 4; i++) {
      const socket = connect({ host: '127.0.31.1', port: alpha.remoting.address.port });
      socket.on('error', () => undefined);
      socket.on('close', () => ends.add(i));
    }
    await until(() => ends.size === 4);
    const { telemetry } = alpha.remoting;
    expect(telemetry.refusals('connectionLimit') + telemetry.refusals('introductionTimeout')).toBe(
      4,
    );
    expect(telemetry.inboundConnections).toBe(0);
    expect(troubles(alpha).length).toBeLessThanOrEqual(2);
  });
});
