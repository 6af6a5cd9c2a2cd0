// What real Pekko nodes sent to each other, played to our node in their place, and the input that makes a Pekko node
// complain or fall over.

import { describe, expect, it } from 'vitest';
import { actor } from '../../src/actor/index.ts';
import type { OutboundLink } from '../../src/remote/index.ts';
import {
  connectionPreamble,
  FrameCutter,
  readControl,
  readEnvelope,
  type StreamId,
} from '../../src/wire/index.ts';
import { farRef, pinger, startNode, TestNetwork, type TestNode } from './nodes.ts';
import {
  addressOf,
  type BadInput,
  bytesOf,
  closesItsConnection,
  introduction,
  type Line,
  randomWithUid,
  readLines,
  readOnAfterwards,
  saysNothing,
} from './recordings.ts';

/** Everything that our node sends to one address, by manifest of its control messages. */
class FakePeer {
  readonly control: {
    readonly stream: StreamId;
    readonly manifest: string;
    readonly recipient: string;
    readonly message: unknown;
  }[] = [];

  async listen(network: TestNetwork, host: string): Promise<void> {
    await network.net.transport(host).listen({
      host,
      port: 25520,
      onLink: () => {
        const cutter = new FrameCutter({ frameBytesMax: 300_000 });
        return {
          onData: (chunk) => {
            cutter.push(chunk);
            while (cutter.next()) this.#frame(cutter.frame(), cutter.stream ?? 1);
          },
          onClose: () => undefined,
        };
      },
    });
  }

  count(manifest: string): number {
    return this.control.filter((entry) => entry.manifest === manifest).length;
  }

  #frame(frame: Uint8Array, stream: StreamId): void {
    const { serializerId, manifest, recipient, ...envelope } = readEnvelope(frame);
    if (serializerId !== 17) return;
    const bytes = frame.subarray(envelope.payloadStart, envelope.payloadEnd);
    this.control.push({ stream, manifest, recipient, message: readControl(manifest, bytes) });
  }
}

async function nodeAt(network: TestNetwork, host: string, uid: bigint): Promise<TestNode> {
  const runtime = network.time.runtime({ random: randomWithUid(uid) });
  return startNode(runtime, { host, port: 25520, transport: network.net.transport(host) });
}

function dial(network: TestNetwork, from: string, to: string) {
  const ends: (string | undefined)[] = [];
  const link: OutboundLink = network.net
    .transport(from)
    .dial(
      { host: to, port: 25520, timeoutMs: 1000 },
      { onOpen: () => undefined, onDrain: () => undefined, onClose: (e) => ends.push(e?.message) },
    );
  network.time.settle();
  return { link, ends };
}

const hosts: Readonly<Record<string, string>> = { A: '127.0.7.1', B: '127.0.7.2', X: '127.0.7.5' };

/** Plays everything that others sent to `to` in one recording. */
async function replay(name: string, to: string, hostOf = hosts) {
  const lines = readLines<Line>(name);
  const own = lines.find((line) => line.from === to && line.decoded !== undefined)?.decoded?.uid;
  const network = new TestNetwork();
  const node = await nodeAt(network, hostOf[to] ?? '', BigInt(own ?? 1));
  const peer = new FakePeer();
  for (const from of new Set(lines.map((line) => line.from).filter((from) => from !== to))) {
    await peer.listen(network, hostOf[from] ?? '');
  }
  const links = new Map<number, ReturnType<typeof dial>>();
  const sent = new Map<string, number>();
  for (const line of lines.filter((entry) => entry.to === to)) {
    const known = links.get(line.conn);
    const opened = known ?? dial(network, hostOf[line.from] ?? '', hostOf[to] ?? '');
    links.set(line.conn, opened);
    if (line.event?.startsWith('close') === true) {
      opened.link.close(true);
      continue;
    }
    if (known === undefined && line.event !== 'preamble') {
      // The recording begins in the middle of a conversation, so the introduction is made up for.
      const uid = BigInt(line.decoded?.uid ?? 0);
      opened.link.write(connectionPreamble(line.stream as StreamId));
      opened.link.write(introduction(addressOf(hostOf[line.from]), addressOf(hostOf[to]), uid));
      sent.set('d', (sent.get('d') ?? 0) + 1);
    }
    opened.link.write(Buffer.from(line.hex ?? '', 'hex'));
    const manifest = String(line.decoded?.manifest);
    sent.set(manifest, (sent.get(manifest) ?? 0) + 1);
    network.time.settle();
  }
  await network.pass(4000);
  return { node, peer, links: [...links.values()], sent };
}

describe('recorded streams of Pekko nodes', () => {
  const recordings = [
    ['01-handshake', 'A'],
    ['04-messages', 'A'],
    ['05-payload-types', 'A'],
    ['06-large-stream', 'A'],
    ['07-watch', 'A'],
    ['07-watch', 'B'],
    ['07b-watch-with-large-stream', 'A'],
    ['07b-watch-with-large-stream', 'B'],
    ['13-restart-same-address', 'A'],
    ['13-restart-same-address', 'B'],
    ['14-quarantine', 'A'],
    ['15-artery-heartbeat-outside-cluster', 'A'],
    ['15-artery-heartbeat-outside-cluster', 'B'],
    ['19-one-frame-without-recipient', 'B'],
  ] as const;

  it.each(recordings)(
    '%s, received as %s, closes no connection and refuses no frame',
    async (name, to) => {
      const { node, links } = await replay(name, to);
      expect(links.flatMap((entry) => entry.ends)).toEqual([]);
      for (const cause of [
        'malformedEnvelope',
        'wrongStream',
        'uidCollision',
        'recipientMissing',
      ] as const) {
        expect(node.remoting.telemetry.refusals(cause)).toBe(0);
      }
    },
  );

  it.each(recordings.filter(([name]) => name !== '14-quarantine'))(
    '%s, received as %s: each handshake is answered, once',
    async (name, to) => {
      const { peer, sent } = await replay(name, to);
      expect(peer.count('e')).toBe(sent.get('d') ?? 0);
    },
  );

  it('acknowledges each system message and answers each Flush with one FlushAck for one lane', async () => {
    const { peer, sent } = await replay('07-watch', 'B');
    expect(peer.count('k') + peer.count('l')).toBe(sent.get('j') ?? 0);
    const flushAcks = peer.control.filter((entry) => entry.manifest === 'p');
    expect(flushAcks.length).toBe(sent.get('o') ?? 0);
    for (const ack of flushAcks) {
      expect(ack).toMatchObject({ stream: 2, message: { expectedAcks: 1 } });
      expect(ack.recipient).toContain('/system/flush-');
    }
  });

  it('answers heartbeats of remote watch with its own uid, on the control stream', async () => {
    const { node, peer } = await replay('15-artery-heartbeat-outside-cluster', 'B');
    const replies = peer.control.filter((entry) => entry.manifest === 'n');
    expect(replies.length).toBeGreaterThan(0);
    for (const reply of replies) {
      expect(reply).toMatchObject({ stream: 1, message: { uid: node.remoting.uid } });
      expect(reply.recipient).toContain('/system/remote-watcher#');
    }
  });

  it('announces each notice of its own quarantine', async () => {
    const { node, sent } = await replay('14-quarantine', 'B');
    const notices = node.events.filter((event) => event.type === 'thisSystemQuarantined');
    expect(sent.get('a')).toBe(3);
    expect(notices).toHaveLength(3);
  });
});

describe('input that makes a Pekko node complain or fall over', () => {
  const inputs = readLines<BadInput>('bad-input');

  /** A node with one innocent peer, and the bytes arriving from a stranger over and over. */
  async function attack(input: BadInput, times: number) {
    const network = new TestNetwork();
    const node = await nodeAt(network, '127.0.7.1', 1n);
    const innocent = await network.start('innocent', { port: 25520 });
    const echo = node.system.spawn(pinger, 'echo');
    const delivered: unknown[] = [];
    const keep = actor<unknown>(() => ({ onMessage: (message) => void delivered.push(message) }));
    node.system.spawnSystem(keep, 'liveEcho');
    node.remoting.openSystemPath('/system/liveEcho');
    const far = farRef(innocent, echo);
    const ask = async (n: number): Promise<number> => {
      const answer = far.ask((replyTo) => ({ type: 'ping', n, replyTo }));
      await network.pass(100);
      return answer;
    };
    expect(await ask(1)).toBe(2);
    const linesBefore = node.log.lines.length;
    const ends: (string | undefined)[] = [];
    for (let i = 0; i < times; i++) {
      const attacker = dial(network, '127.0.7.5', '127.0.7.1');
      const magic = Buffer.from(input.magic, 'hex');
      attacker.link.write(Buffer.concat([magic.subarray(0, 4), Buffer.from([input.stream])]));
      if (magic.length > 4) attacker.link.write(magic.subarray(4));
      attacker.link.write(bytesOf(input));
      network.time.settle();
      ends.push(...attacker.ends);
      attacker.link.close(false);
      network.time.settle();
    }
    await network.pass(200);
    const said = node.log.lines
      .slice(linesBefore)
      .filter((line) => line.level === 'warn' && !line.message.startsWith('Connection to a peer'));
    return { node, innocent, ask, ends, said, delivered };
  }

  it.each(inputs.map((input) => [input.name, input] as const))(
    '%s: is dropped, said once, and nobody else notices',
    async (name, input) => {
      const { node, innocent, ask, ends, said, delivered } = await attack(input, 20);
      const dials = innocent.remoting.telemetry.dials;
      expect(await ask(2)).toBe(3);
      expect(innocent.remoting.telemetry.dials).toBe(dials);
      expect(dials).toBe(2);
      expect(
        node.remoting.associations().filter((view) => view.address.host === 'innocent'),
      ).toMatchObject([{ quarantined: undefined, incarnations: 1 }]);
      expect(ends).toHaveLength(closesItsConnection.has(name) ? 20 : 0);
      expect(said.length).toBeLessThanOrEqual(1);
      if (saysNothing.has(name)) expect(said).toEqual([]);
      if (closesItsConnection.has(name) || name.startsWith('HARM user'))
        expect(said).toHaveLength(1);
      expect(node.log.lines.filter((line) => line.level === 'error')).toEqual([]);
      const followUp = readOnAfterwards[name];
      if (followUp !== undefined) expect(delivered).toEqual(new Array(20).fill(followUp));
    },
  );

  it('covers all recorded cases', () => {
    expect(inputs).toHaveLength(72);
  });
});
