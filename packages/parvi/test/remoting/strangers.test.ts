import { describe, expect, it } from 'vitest';
import type { RemotingLimits, RemotingOptions } from '../../src/remote/index.ts';
import {
  connectionPreamble,
  EnvelopeWriter,
  FrameCutter,
  noText,
  readControl,
  readEnvelope,
  SlabPool,
  type StreamId,
  streamIds,
  type UniqueAddress,
  writeControl,
} from '../../src/wire/index.ts';
import { farRef, listener, pair, strangerAt, type TestNetwork, type TestNode } from './nodes.ts';

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

function partsOf(frame: Uint8Array) {
  const { serializerId, manifest, payloadStart, payloadEnd } = readEnvelope(frame);
  return { serializerId, manifest, payload: frame.subarray(payloadStart, payloadEnd) };
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
  options: Partial<RemotingOptions> = {},
) {
  const world = await pair({ ...options, limits });
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

  const large = { largeMessageDestinations: ['/user/big'] };

  it('may bring such a frame on the large stream after the introduction', async () => {
    const limits = { inboundLargeFrameBytesMax: 64 * mebibyte };
    const { network, alpha, links, ended } = await strangers(1, streamIds.large, limits, large);
    links[0]?.write(introduction(alpha, 7));
    await network.pass(1);
    links[0]?.write(announced(40 * mebibyte, mebibyte));
    await network.pass(1);
    expect(ended.size).toBe(0);
  });

  it.each([
    ['the control stream', streamIds.control, large, 262_145],
    ['the ordinary stream', streamIds.ordinary, large, 262_145],
    ['the large stream of a node without large destinations', streamIds.large, {}, 262_145],
    ['the large stream beyond its limit', streamIds.large, large, 2_097_153],
  ] as const)('may not bring one on %s, introduced or not', async (_, stream, options, bytes) => {
    const { network, alpha, links, ended } = await strangers(2, stream, {}, options);
    for (const link of links) link.write(introduction(alpha, 7));
    await network.pass(1);
    links[0]?.write(announced(bytes, 10));
    links[1]?.write(announced(bytes - 1, 10));
    await network.pass(1);
    expect([...ended]).toEqual([0]);
  });

  it('shares that memory until its peer has answered our handshake where it claims to live', async () => {
    const limits = { inboundLargeFrameBytesMax: 64 * mebibyte, inboundStrangerBytesMax: mebibyte };
    const { network, alpha, beta, links, ended } = await strangers(
      2,
      streamIds.large,
      limits,
      large,
    );
    for (const [i, link] of links.entries()) {
      link.write(introduction(alpha, i + 1));
      link.write(announced(40 * mebibyte, 2 * mebibyte));
    }
    await network.pass(1);
    expect(ended.size).toBe(2);
    expect(alpha.remoting.telemetry.refusals('strangerMemory')).toBe(2);
    const big = listener(alpha.system, 'big');
    farRef(beta, listener(alpha.system, 'small').ref).tell('hello');
    await network.pass(100);
    farRef(beta, big.ref).tell(new Uint8Array(2_000_000));
    await network.pass(100);
    expect(big.heard.messages).toHaveLength(1);
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

describe('places for connections', () => {
  it('are not all held by strangers: the oldest of them gives way, and known peers stay', async () => {
    const limits = { inboundConnectionsMax: 8 };
    const { network, alpha, beta, links, ended } = await strangers(8, streamIds.control, limits);
    links.forEach((link, i) => void link.write(introduction(alpha, i + 1)));
    await network.pass(1);
    expect(alpha.remoting.telemetry.inboundConnections).toBe(8);
    const there = listener(alpha.system, 'there');
    farRef(beta, there.ref).tell('let me in');
    await network.pass(100);
    expect(there.heard.messages).toEqual(['let me in']);
    expect([...ended]).toEqual([0, 1]);
    for (let i = 0; i < 50; i++) {
      strangerAt(network, () => undefined);
      await network.pass(1);
    }
    farRef(beta, there.ref).tell('still in');
    await network.pass(100);
    expect(there.heard.messages).toEqual(['let me in', 'still in']);
    expect(beta.remoting.telemetry.dials).toBe(2);
    expect(alpha.remoting.telemetry.inboundConnections).toBe(8);
  });
});

describe('somebody who listens and answers', () => {
  /** Listens at a host under any system name that is asked for, and answers each handshake. */
  async function liar(network: TestNetwork, alpha: TestNode, uidOf: (system: string) => bigint) {
    const { address } = alpha.remoting;
    const transport = network.net.transport('liar');
    const node = (system: string): UniqueAddress => ({
      address: { protocol: 'pekko', system, host: 'liar', port: 1 },
      uid: uidOf(system),
    });
    const say = (system: string, kind: 'handshakeReq' | 'handshakeRsp'): void => {
      const from = node(system);
      const stream = streamIds.control;
      const writer = new EnvelopeWriter({ uid: from.uid, stream, pool: new SlabPool() });
      const message = kind === 'handshakeReq' ? { kind, from, to: address } : { kind, from };
      writeControl(writer, message, { peer: address });
      link.write(Uint8Array.from(writer.take()?.filled ?? []));
    };
    await transport.listen({
      host: 'liar',
      port: 1,
      onLink: () => {
        const cutter = new FrameCutter({ frameBytesMax: 262_144 });
        return {
          onData(chunk) {
            cutter.push(chunk);
            while (cutter.next()) {
              const { serializerId, manifest, payload } = partsOf(cutter.frame());
              if (serializerId !== 17) continue;
              const message = readControl(manifest, payload);
              if (message.kind === 'handshakeReq') say(message.to.system, 'handshakeRsp');
            }
          },
          onClose: () => undefined,
        };
      },
    });
    const link = strangerAt(network, () => undefined);
    await network.pass(0);
    link.write(connectionPreamble(streamIds.control));
    return { introduceAs: (system: string) => say(system, 'handshakeReq') };
  }

  it('has one place, however many names he gives himself', async () => {
    const { network, alpha } = await pair();
    const { introduceAs } = await liar(network, alpha, (system) => BigInt(system.slice(1)));
    for (let i = 1; i <= 50; i++) {
      introduceAs(`n${i}`);
      await network.pass(10);
    }
    const known = alpha.remoting.associations().map(({ address }) => address.system);
    expect(known).toEqual(['n50']);
    expect(network.net.linkCount).toBeLessThanOrEqual(3);
  });

  it('is said to have restarted once, however often he changes his uid', async () => {
    const { network, alpha } = await pair();
    let uid = 100n;
    const { introduceAs } = await liar(network, alpha, () => uid);
    for (; uid < 200n; uid++) {
      introduceAs('sys');
      await network.pass(10);
    }
    const said = alpha.log.lines.filter(({ message }) => message === 'Peer was restarted');
    expect(said).toHaveLength(1);
    expect(alpha.remoting.associations()).toHaveLength(1);
  });
});

describe('what a stranger makes long', () => {
  it('is not put into our compression tables, which are one frame', async () => {
    const limits = { compressionAdvertiseMs: 1000 };
    const { network, alpha, beta } = await pair({ limits });
    farRef(beta, listener(alpha.system, 'here').ref).tell('hello');
    await network.pass(100);
    for (let i = 0; i < 20; i++) {
      const path = `pekko://sys@alpha:2550/user/${'x'.repeat(30_000)}${i}#7`;
      for (let n = 0; n < 10; n++) beta.system.resolve(path).tell('often');
    }
    await network.pass(5000);
    expect(alpha.deadLetters.length).toBe(200);
    expect(beta.remoting.associations()[0]?.compression.actorRefs).toBe(0);
  });

  it.each([
    ['a host of 100,000 characters', { host: 'h'.repeat(100_000) }],
    ['a host outside ASCII', { host: 'höst' }],
    ['no host', { host: '' }],
    ['port 0', { port: 0 }],
    ['a system name that stands in no path', { system: 'a/b' }],
  ])('or empty in its address is refused: %s', async (_, wrong) => {
    const { network, alpha, links } = await strangers(1);
    const from = { address: { ...nowhere, ...wrong }, uid: 5n };
    const { address } = alpha.remoting;
    const writer = new EnvelopeWriter({ uid: 5n, stream: streamIds.control });
    writeControl(writer, { kind: 'handshakeReq', from, to: address }, { peer: address });
    links[0]?.write(Uint8Array.from(writer.take()?.filled ?? []));
    await network.pass(2000);
    expect(alpha.remoting.associations()).toEqual([]);
    expect(alpha.remoting.telemetry.refusals('wrongAddress')).toBe(1);
  });
});
