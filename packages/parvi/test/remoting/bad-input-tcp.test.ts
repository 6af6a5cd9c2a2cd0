// Everything that was recorded as making a Pekko node complain or fall over, sent at a node of ours over real sockets,
// while it speaks with an innocent peer. The addresses in the recordings are shifted, so that nothing else on the machine
// has them.

import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { actor } from '../../src/actor/index.ts';
import { RemoteError } from '../../src/remote/index.ts';
import { systemRuntime } from '../../src/runtime/index.ts';
import { farRef, pinger, startNode, type TestNode } from './nodes.ts';
import {
  type BadInput,
  bytesOf,
  closesItsConnection,
  type Line,
  randomWithUid,
  readLines,
  readOnAfterwards,
  warnsOfNothing,
} from './recordings.ts';
import { turn, until, waitMsMax } from './until.ts';

const attackedHost = '127.0.8.1';
const attackerHost = '127.0.8.5';
const port = 25_520;

const nodes: TestNode[] = [];

afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.system.terminate()));
});

function shifted(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString('latin1').replaceAll('127.0.7.', '127.0.8.'), 'latin1');
}

/**
 * A node at the address that stands in the recordings. The test before it has closed its listener, but while another
 * test of this process starts a program, the copy of that listener which the fork made lives until the program begins.
 */
async function startAttacked(): Promise<TestNode> {
  const deadlineMs = performance.now() + waitMsMax;
  for (;;) {
    try {
      const runtime = { ...systemRuntime(), random: randomWithUid(1n) };
      return await startNode(runtime, { host: attackedHost, port });
    } catch (error) {
      const isTaken = error instanceof RemoteError && error.code === 'REMOTE_BIND_FAILED';
      if (!isTaken || performance.now() > deadlineMs) throw error;
      await turn();
    }
  }
}

/** A node with one innocent peer that asks it things. */
async function attackedNode() {
  const node = await startAttacked();
  const innocent = await startNode(undefined, { host: '127.0.8.2', port: 0 });
  nodes.push(node, innocent);
  const heard: unknown[] = [];
  const keep = actor<unknown>(() => ({ onMessage: (message) => void heard.push(message) }));
  node.system.spawnSystem(keep, 'liveEcho');
  node.remoting.openSystemPath('/system/liveEcho');
  const far = farRef(innocent, node.system.spawn(pinger, 'echo'));
  const ask = (n: number): Promise<number> =>
    far.ask((replyTo) => ({ type: 'ping', n, replyTo }), { timeout: '10s' });
  expect(await ask(1)).toBe(2);
  await until(() => node.remoting.telemetry.inboundConnections === 2);
  return { node, innocent, ask, heard };
}

/** One connection that brings those bytes, and is ended by us after them unless the node ends it; resolves then. */
async function attack(node: TestNode, parts: readonly Buffer[], isClosed: boolean): Promise<void> {
  const { telemetry } = node.remoting;
  const others = telemetry.inboundConnections;
  const socket = connect({ host: attackedHost, port, localAddress: attackerHost });
  let ended = false;
  socket.on('error', () => undefined);
  socket.on('close', () => {
    ended = true;
  });
  const bytes = Buffer.concat([...parts]);
  if (isClosed) socket.write(bytes);
  else socket.end(bytes);
  await until(() => ended && telemetry.inboundConnections === others);
}

/** Connections that the node closed because of what they brought. */
function closings(node: TestNode): number {
  const causes = ['wrongMagic', 'unknownStream', 'frameTooLarge', 'strangerMemory', 'tls'] as const;
  return causes.reduce((sum, cause) => sum + node.remoting.telemetry.refusals(cause), 0);
}

/** The lines about the attacker; that nobody listens where it claims to live is none of them. */
function warnings(node: TestNode): string[] {
  return node.log.lines
    .filter(({ level, message }) => level === 'warn' && !message.startsWith('Connection to a peer'))
    .map(({ message }) => message);
}

function expectUnharmed(node: TestNode, innocent: TestNode): void {
  const [view] = node.remoting
    .associations()
    .filter(({ address }) => address.host === innocent.remoting.address.host);
  expect(view).toMatchObject({ quarantined: undefined, incarnations: 1 });
  expect(innocent.remoting.telemetry.dials).toBe(2);
  expect(node.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
}

describe('a live node', () => {
  const inputs = readLines<BadInput>('bad-input');

  it.each(inputs.map((input) => [input.name, input] as const))(
    'drops "%s", says so once, and every other association lives on',
    async (name, input) => {
      const { node, innocent, ask, heard } = await attackedNode();
      const magic = Buffer.from(input.magic, 'hex');
      const preamble = [magic.subarray(0, 4), Buffer.of(input.stream), magic.subarray(4)];
      const isClosed = closesItsConnection.has(name);
      for (let i = 0; i < 5; i++) {
        await attack(node, [...preamble, shifted(bytesOf(input))], isClosed);
        expect(await ask(i)).toBe(i + 1);
      }
      expectUnharmed(node, innocent);
      expect(warnings(node)).toHaveLength(warnsOfNothing.has(name) ? 0 : 1);
      expect(closings(node)).toBe(isClosed ? 5 : 0);
      const followUp = readOnAfterwards[name];
      if (followUp !== undefined) expect(heard).toEqual(new Array(5).fill(followUp));
    },
  );

  it('was attacked in all recorded ways', () => {
    expect(inputs).toHaveLength(72);
  });

  it('hears on after the frame that leaves a Pekko node deaf', async () => {
    const { node, innocent, ask } = await attackedNode();
    const lines = readLines<Line>('19-one-frame-without-recipient').filter(
      ({ from, to, hex }) => from === 'X' && to === 'A' && hex !== undefined,
    );
    for (let i = 0; i < 10; i++) {
      for (const conn of new Set(lines.map((line) => line.conn))) {
        const parts = lines.filter((line) => line.conn === conn).map(({ hex = '' }) => hex);
        const bytes = parts.map((hex) => shifted(Buffer.from(hex, 'hex')));
        await attack(node, bytes, false);
      }
      expect(await ask(i)).toBe(i + 1);
    }
    expect(closings(node)).toBe(0);
    expect(node.remoting.telemetry.refusals('recipientMissing')).toBe(10);
    expectUnharmed(node, innocent);
    expect(warnings(node)).toHaveLength(1);
  });
});
