// Every kind of frame that a live Pekko 1.7.0 node was seen to fall over, to misread or to ignore for ever, tried at the
// encoder, which must not produce it.

import { describe, expect, it } from 'vitest';
import {
  type Address,
  type ControlMessage,
  clusterBytes,
  EnvelopeWriter,
  gossipBytes,
  HeaderText,
  noText,
  OutboundCompression,
  parseActorPath,
  readCluster,
  SerializerRegistry,
  type StreamId,
  streamIds,
  textRefs,
  type UniqueAddress,
  type ValueSerializer,
  writeControl,
} from './index.ts';

const at = (port: number): Address => ({ protocol: 'pekko', system: 'sys', host: 'h', port });
const peer = at(2);
const self: UniqueAddress = { address: at(1), uid: 11n };
const far = new HeaderText('pekko://sys@h:2/user/a#7');
const near = new HeaderText('pekko://sys@h:1/system/flush-1#7');
const { control, ordinary, large } = streamIds;

function sending(
  message: ControlMessage,
  stream: StreamId,
  route: { readonly recipient?: HeaderText; readonly sender?: HeaderText } = {},
  to: Address = peer,
): () => void {
  return () => {
    const writer = new EnvelopeWriter({ uid: self.uid, stream });
    writeControl(writer, message, { peer: to, ...route });
  };
}

function beginning(stream: StreamId, serializerId: number, recipient: HeaderText, manifest = '') {
  return () =>
    new EnvelopeWriter({ uid: self.uid, stream }).begin(
      serializerId,
      noText,
      recipient,
      new HeaderText(manifest),
    );
}

const request: ControlMessage = { kind: 'handshakeReq', from: self, to: peer };
const response: ControlMessage = { kind: 'handshakeRsp', from: self };
const ack: ControlMessage = { kind: 'ack', seqNo: 1, from: self };
const envelope = {
  kind: 'systemMessageEnvelope',
  seqNo: 1,
  ackReplyTo: self,
  message: { kind: 'terminate' },
} as const;
const other: UniqueAddress = { address: at(1), uid: 12n };
const unreadable = { kind: 'unreadable', serializerId: 22, reason: 'garbage' } as const;

describe('what would cost a Pekko node all its inbound streams', () => {
  it.each([
    ['a user message without recipient', beginning(ordinary, 20, noText)],
    ['the same on the large stream', beginning(large, 20, noText)],
    ['a cluster message without recipient', beginning(control, 5, noText, 'HB')],
    ['a HandshakeRsp on the ordinary stream', sending(response, ordinary)],
    ['an Ack on the ordinary stream', sending(ack, ordinary)],
    ['a Nack on the large stream', sending({ ...ack, kind: 'nack' }, large)],
    ['a HandshakeReq under the uid of another', sending({ ...request, from: other }, control)],
    ['a HandshakeRsp under the uid of another', sending({ ...response, from: other }, control)],
    ['a HandshakeReq from the address of the receiver', sending(request, control, {}, at(1))],
    ['a HandshakeRsp from the address of the receiver', sending(response, control, {}, at(1))],
    [
      'an acknowledgement of a flush without recipient',
      sending({ kind: 'flushAck', expectedAcks: 1 }, ordinary),
    ],
    ['a system message without recipient', sending(envelope, control)],
    ['a heartbeat outside a selection', sending({ kind: 'arteryHeartbeat' }, control)],
  ])('%s is not written', (_, write) => {
    expect(write).toThrow('Assertion failed');
  });
});

describe('the version of an application in a Join', () => {
  it('is refused when other members could not read it', () => {
    const join = { kind: 'join', node: self, roles: ['dc-default'], appVersion: '1.0.7' } as const;
    const bytes = clusterBytes(join);
    expect(readCluster('J', bytes)).toEqual(join);
    const at = Buffer.from(bytes).lastIndexOf('1.0.7');
    const wrong = Buffer.from(bytes);
    wrong.write('1..07', at);
    expect(() => readCluster('J', wrong)).toThrow('"1..07" is not an app version');
  });
});

describe('what would keep a Pekko node from going on', () => {
  it.each([
    [
      'a frame whose length is negative',
      () => new EnvelopeWriter({ uid: 1n, stream: ordinary, frameBytesMax: 2 ** 31 }),
    ],
    [
      'a system message that cannot be read',
      sending({ ...envelope, message: unreadable }, control, { recipient: far }),
    ],
    [
      'a system message with number 0',
      sending({ ...envelope, seqNo: 0 }, control, { recipient: far }),
    ],
    [
      'a system message acknowledged to another system',
      sending({ ...envelope, ackReplyTo: other }, control, { recipient: far }),
    ],
    ['a system message on the ordinary stream', sending(envelope, ordinary, { recipient: far })],
    ['an Ack that goes to an actor', sending(ack, control, { recipient: far })],
    [
      'a Flush that goes to an actor',
      sending({ kind: 'flush' }, ordinary, { recipient: far, sender: near }),
    ],
    ['a Flush that nobody is told the answer to', sending({ kind: 'flush' }, ordinary)],
    [
      'a goodbye that nobody is told the answer to',
      sending({ kind: 'actorSystemTerminating', from: self }, control),
    ],
    [
      'an InitJoin without the downing provider',
      () => clusterBytes({ kind: 'initJoin', config: '{}' }),
    ],
    [
      'a Join with a version beyond 32 bits',
      () => clusterBytes({ kind: 'join', node: self, roles: [], appVersion: '1.0.20261121190530' }),
    ],
    [
      'gossip with a version beyond 32 bits',
      () =>
        gossipBytes({
          members: [
            { node: self, status: 'up', upNumber: 1, roles: [], appVersion: '99999999999.1' },
          ],
          seen: [],
          reachability: [],
          version: new Map(),
          tombstones: [],
        }),
    ],
    ['a HandshakeReq to another address', sending({ ...request, to: at(3) }, control)],
    [
      'compression on the control stream',
      () => {
        const compression = new OutboundCompression();
        return new EnvelopeWriter({ uid: 1n, stream: control, compression });
      },
    ],
  ])('%s is not written', (_, write) => {
    expect(write).toThrow('Assertion failed');
  });
});

describe('what no Pekko node reads', () => {
  it.each([0, 1, 3])('serializer %i is not written and cannot be registered', (id) => {
    expect(beginning(ordinary, id, far)).toThrow('never sent');
    const own: ValueSerializer = {
      id,
      accepts: () => false,
      manifestOf: () => noText,
      write: () => undefined,
      read: () => undefined,
    };
    expect(() => new SerializerRegistry({ refs: textRefs, serializers: [own] })).toThrow(
      'Assertion failed',
    );
  });

  it('a selection from a root without slash is not written', () => {
    expect(beginning(ordinary, 6, new HeaderText('pekko://sys@h:2'))).toThrow('slash');
    expect(beginning(ordinary, 6, new HeaderText('pekko://sys@h:2/'))).not.toThrow();
    expect(() => parseActorPath('pekko://sys@h:2')).toThrow('no slash');
  });

  it('texts outside ASCII, or longer than a signed 16-bit length, do not get into a header', () => {
    for (const text of ['pekko://sys@h:2/user/ä', `pekko://sys@h:2/${'x'.repeat(32_768)}`]) {
      expect(() => new HeaderText(text)).toThrow('Cannot write');
    }
  });

  it('an envelope has version 0 and no flags, whatever tables are in use', () => {
    const compression = new OutboundCompression();
    for (let version = 0; version <= 127; version++) {
      const table = { keys: [far.text], indexes: [0], version, originUid: self.uid, from: other };
      for (const kind of ['actorRefs', 'manifests'] as const) {
        const message = { kind: 'compressionAdvertisement', table: kind, ...table } as const;
        compression.accept(message, self, other);
      }
      const writer = new EnvelopeWriter({ uid: -1n, stream: ordinary, compression });
      writer.begin(20, near, far, noText);
      writer.end();
      expect([...(writer.take()?.filled.subarray(4, 8) ?? [])]).toEqual([0, 0, version, version]);
    }
  });

  it('everything else of remoting is written', () => {
    const toActor = { recipient: far, sender: near };
    expect(sending(request, control)).not.toThrow();
    expect(sending(request, ordinary)).not.toThrow();
    expect(sending(response, control)).not.toThrow();
    expect(sending(ack, control)).not.toThrow();
    expect(sending({ ...ack, kind: 'nack', seqNo: 0 }, control)).not.toThrow();
    expect(sending(envelope, control, { recipient: far })).not.toThrow();
    expect(sending({ kind: 'flush' }, ordinary, { sender: near })).not.toThrow();
    expect(sending({ kind: 'flushAck', expectedAcks: 1 }, ordinary, toActor)).not.toThrow();
    const goodbye = { kind: 'actorSystemTerminating', from: self } as const;
    for (const stream of [control, ordinary, large]) {
      expect(sending(goodbye, stream, { sender: near })).not.toThrow();
    }
  });
});
