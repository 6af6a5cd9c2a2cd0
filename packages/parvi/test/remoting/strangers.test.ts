import { describe, expect, it } from 'vitest';
import type { RemotingLimits } from '../../src/remote/index.ts';
import {
  connectionPreamble,
  EnvelopeWriter,
  noText,
  SlabPool,
  type StreamId,
  streamIds,
  writeControl,
} from '../../src/wire/index.ts';
import { farRef, listener, pair, strangerAt, type TestNode } from './nodes.ts';

const nowhere = { protocol: 'pekko', system: 'sys', host: 'nowhere', port: 1 };
const mebibyte = 1024 * 1024;

/** A HandshakeReq that claims to come from a port of a host where nobody listens. */
function introduction(to: TestNode, port: number): Uint8Array {
  return control(to, port, 'handshakeReq');
}

function control(to: TestNode, port: number, kind: 'handshakeReq' | 'handshakeRsp'): Uint8Array {
  const uid = BigInt(10_000 + port);
  const from = { address: { ...nowhere, port }, uid };
  const { address } = to.remoting;
  const stream = streamIds.control;
  const writer = new EnvelopeWriter({ uid, stream, pool: new SlabPool() });
  const message = kind === 'handshakeReq' ? { kind, from, to: address } : { kind, from };
  writeControl(writer, message, { peer: address, recipient: noText, sender: noText });
  return Uint8Array.from(writer.take()?.filled ?? []);
}

/** A control frame of a stranger that cannot be read, with a manifest of his choice. */
function garbage(manifest: string): Uint8Array {
  const text = Buffer.from(manifest);
  const frame = Buffer.alloc(4 + 28 + 4 + 2 + text.length + 3);
  frame.writeUInt32LE(frame.length - 4);
  frame.writeBigInt64LE(99n, 8);
  frame.writeInt32LE(17, 16);
  frame.writeUInt32LE(28, 20);
  frame.writeUInt32LE(30, 24);
  frame.writeUInt32LE(32, 28);
  frame.writeUInt16LE(text.length, 36);
  text.copy(frame, 38);
  frame.fill(0xff, 38 + text.length);
  return frame;
}

function announced(frameBytes: number, bytes: number): Uint8Array {
  const part = Buffer.alloc(4 + bytes, 7);
  part.writeUInt32LE(frameBytes);
  return part;
}

async function strangers(
  count: number,
  stream: StreamId = streamIds.control,
  limits: Partial<RemotingLimits> = {},
) {
  const world = await pair({ limits });
  const ended = new Set<number>();
  const links = Array.from({ length: count }, (_, i) =>
    strangerAt(world.network, () => ended.add(i)),
  );
  await world.network.pass(0);
  for (const link of links) link.write(connectionPreamble(stream));
  await world.network.pass(0);
  return { ...world, links, ended };
}

function warnings(node: TestNode): string[] {
  return node.log.lines.filter(({ level }) => level === 'warn').map(({ message }) => message);
}

describe('a connection over which nobody has introduced himself', () => {
  it('is closed when it announces a frame that only a known peer may send', async () => {
    const { network, alpha, links, ended } = await strangers(2, streamIds.large);
    links[0]?.write(announced(262_145, 10));
    links[1]?.write(announced(262_144, 10));
    await network.pass(1);
    expect([...ended]).toEqual([0]);
    expect(alpha.remoting.telemetry.refusals('frameTooLarge')).toBe(1);
  });

  it('may bring such a frame after the introduction', async () => {
    const { network, alpha, links, ended } = await strangers(1, streamIds.large);
    links[0]?.write(introduction(alpha, 7));
    await network.pass(1);
    links[0]?.write(announced(40 * mebibyte, mebibyte));
    await network.pass(1);
    expect(ended.size).toBe(0);
  });

  it('shares the memory for unfinished frames with all others of its kind, and handshakes still pass', async () => {
    const { network, alpha, links, ended } = await strangers(100);
    for (const link of links.slice(0, 99)) link.write(announced(262_144, 200_000));
    await network.pass(1);
    expect(ended.size).toBe(99 - Math.floor((16 * mebibyte) / 262_148));
    expect(alpha.remoting.telemetry.refusals('strangerMemory')).toBe(ended.size);
    links[99]?.write(introduction(alpha, 7));
    await network.pass(1);
    expect(ended.has(99)).toBe(false);
    expect(alpha.remoting.associations()).toHaveLength(1);
    for (const link of links.slice(0, 99)) link.close(true);
    await network.pass(1);
    const late = strangerAt(network, () => ended.add(100));
    await network.pass(0);
    late.write(Buffer.concat([connectionPreamble(1), announced(262_144, 200_000)]));
    await network.pass(1);
    expect(ended.has(100)).toBe(false);
  });

  it('fills one line of the log with control frames that cannot be read, whatever their manifests', async () => {
    const { network, alpha, links } = await strangers(20);
    links.forEach((link, i) => {
      for (let k = 0; k < 10; k++) link.write(garbage(`made up ${i} ${k}`));
    });
    await network.pass(1);
    expect(alpha.remoting.telemetry.refusals('undecodable')).toBe(200);
    expect(warnings(alpha)).toHaveLength(1);
  });
});

describe('handshakes from addresses where nobody lives', () => {
  it('are answered for as long as a handshake may take, and then no longer', async () => {
    const { network, alpha, links } = await strangers(1);
    const { telemetry } = alpha.remoting;
    links[0]?.write(introduction(alpha, 7));
    await network.pass(25_000);
    const dials = telemetry.dials;
    expect(dials).toBeGreaterThan(4);
    await network.pass(600_000);
    expect(telemetry.dials).toBe(dials);
    expect(alpha.remoting.associations()[0]?.streams).toMatchObject([
      { state: 'idle', queuedFrames: 0 },
      { state: 'idle', queuedFrames: 0 },
    ]);
    links[0]?.write(introduction(alpha, 7));
    await network.pass(100);
    expect(telemetry.dials).toBeGreaterThan(dials);
  });

  it('do not queue one answer each', async () => {
    const { network, alpha, links } = await strangers(1);
    for (let i = 0; i < 500; i++) links[0]?.write(introduction(alpha, 7));
    await network.pass(1);
    expect(alpha.remoting.associations()[0]?.streams[0]?.queuedFrames).toBe(1);
  });

  it('do not keep a stream from being dialled on while a message waits', async () => {
    const limits = { watchAcceptablePauseMs: 600_000 };
    const { network, alpha, links } = await strangers(1, streamIds.control, limits);
    links[0]?.write(introduction(alpha, 7));
    await network.pass(10);
    listener(alpha.system, 'watcher', [alpha.system.resolve('pekko://sys@nowhere:7/user/x')]);
    await network.pass(30_000);
    const { dials } = alpha.remoting.telemetry;
    await network.pass(30_000);
    expect(alpha.remoting.telemetry.dials).toBeGreaterThan(dials);
  });

  it('cost the oldest of them its place when they are too many, and known peers nothing', async () => {
    const limits = { unansweredPeersMax: 300 };
    const { network, alpha, beta, links } = await strangers(1, streamIds.control, limits);
    const there = listener(beta.system, 'there');
    farRef(beta, listener(alpha.system, 'here').ref).tell('hello');
    await network.pass(100);
    for (let port = 1; port <= 900; port++) {
      links[0]?.write(introduction(alpha, port));
      links[0]?.write(control(alpha, port, 'handshakeRsp'));
      if (port % 100 === 0) await network.pass(1);
    }
    const known = alpha.remoting.associations().map(({ address }) => address);
    expect(known).toHaveLength(301);
    expect(known.slice(0, 2)).toMatchObject([{ host: 'beta' }, { host: 'nowhere', port: 601 }]);
    expect(warnings(alpha).length).toBeLessThanOrEqual(200);
    farRef(alpha, there.ref).tell('still there');
    await network.pass(62_000);
    expect(there.heard.messages).toEqual(['still there']);
    expect(warnings(alpha).filter((line) => line.endsWith('were not logged'))).toHaveLength(1);
  });
});
