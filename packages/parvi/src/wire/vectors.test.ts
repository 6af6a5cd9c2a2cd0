// Byte sequences made with Pekko's own generated protobuf classes and serializers (versions 1.0.3 and 1.7.0).

import { create, type DescMessage, fromBinary, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import {
  GossipOverviewSchema,
  GossipSchema,
  MemberSchema,
  TombstoneSchema,
} from './fixtures/proto/cluster_pb.js';
import {
  type ClusterMessage,
  type ControlMessage,
  clusterBytes,
  connectionPreamble,
  controlBytes,
  EnvelopeWriter,
  type GossipWire,
  gossipBytes,
  type MiscMessage,
  miscMessage,
  readCluster,
  readControl,
  readGossip,
  readSystemMessage,
  SerializerRegistry,
  type SystemMessage,
  selectionElements,
  selectionMessage,
  systemMessageBytes,
  WireMessage,
  writeControl,
} from './index.ts';

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytesOf = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');

describe('control messages', () => {
  const a = { protocol: 'pekko', system: 'sys', host: '127.0.0.1', port: 2552 };
  const b = { ...a, port: 2551 };
  const hexA = '0a0570656b6b6f12037379731a093132372e302e302e3120f813';
  const handshakeReq: ControlMessage = {
    kind: 'handshakeReq',
    from: { address: a, uid: 1n },
    to: b,
  };
  const watch: SystemMessage = { kind: 'watch', watchee: 'a', watcher: 'b' };

  it('are the bytes that Pekko writes, and are read from them', () => {
    const vectors: [string, ControlMessage, string][] = [
      [
        'd',
        handshakeReq,
        `0a1e0a1a${hexA}1001121a0a0570656b6b6f12037379731a093132372e302e302e3120f713`,
      ],
      [
        'e',
        { kind: 'handshakeRsp', from: { address: b, uid: -2n } },
        '0a270a1a0a0570656b6b6f12037379731a093132372e302e302e3120f71310feffffffffffffffff01',
      ],
      ['p', { kind: 'flushAck', expectedAcks: 4 }, '0804'],
      [
        'j',
        {
          kind: 'systemMessageEnvelope',
          seqNo: 1,
          ackReplyTo: { address: a, uid: 1n },
          message: watch,
        },
        `0a0e0806120a0a030a016112030a0162101620012a1e0a1a${hexA}1001`,
      ],
      ['m', { kind: 'arteryHeartbeat' }, ''],
    ];
    for (const [manifest, message, hex] of vectors) {
      expect(hexOf(controlBytes(message)), message.kind).toBe(hex);
      expect(readControl(manifest, bytesOf(hex))).toEqual(message);
    }
  });

  it('start a connection', () => {
    const writer = new EnvelopeWriter({ uid: 1n, stream: 1 });
    writeControl(writer, handshakeReq, { peer: b });
    const first = hexOf(connectionPreamble(1)) + hexOf(writer.take()?.filled ?? new Uint8Array(0));
    expect(first).toBe(
      [
        '414b4b41015f000000',
        '00000000010000000000000011000000',
        '1c0000001e00000020000000',
        '00000000010064',
        hexOf(controlBytes(handshakeReq)),
      ].join(''),
    );
  });

  it('hold zeros where a field is required', () => {
    expect(hexOf(controlBytes({ kind: 'nack', seqNo: 0, from: { address: a, uid: 0n } }))).toBe(
      `0800121e0a1a${hexA}1000`,
    );
    const ack: ControlMessage = {
      kind: 'compressionAck',
      table: 'manifests',
      from: { address: a, uid: 0n },
      version: 0,
    };
    expect(hexOf(controlBytes(ack))).toBe(`0a1e0a1a${hexA}10001000`);
    expect(readControl('i', controlBytes(ack))).toEqual(ack);
  });

  it('without one of their required fields are refused', () => {
    for (const hex of ['', '0a00', `0a1c0a1a${hexA}`, `0a1e0a1a${hexA}1001`]) {
      expect(() => readControl('d', bytesOf(hex)), hex).toThrow('missing');
    }
  });

  it('with a system message that cannot be read still tell their number', () => {
    const envelope: ControlMessage = {
      kind: 'systemMessageEnvelope',
      seqNo: 7,
      ackReplyTo: { address: a, uid: 1n },
      message: watch,
    };
    const hex = hexOf(controlBytes(envelope)).replace('0a0e0806', '0a0e0863');
    expect(readControl('j', bytesOf(hex))).toMatchObject({
      seqNo: 7,
      message: { kind: 'unreadable', serializerId: 22 },
    });
    const java = hexOf(controlBytes(envelope)).replace('10162007', '10012007');
    expect(readControl('j', bytesOf(java))).toMatchObject({
      seqNo: 7,
      message: { kind: 'unreadable', serializerId: 1 },
    });
  });
});

describe('system messages', () => {
  it('are the bytes that Pekko writes, and are read from them', () => {
    const vectors: [SystemMessage, string][] = [
      [{ kind: 'watch', watchee: 'a', watcher: 'b' }, '0806120a0a030a016112030a0162'],
      [{ kind: 'unwatch', watchee: 'a', watcher: 'b' }, '0807120a0a030a016112030a0162'],
      [
        {
          kind: 'deathWatchNotification',
          actor: 'p',
          existenceConfirmed: true,
          addressTerminated: false,
        },
        '08093a090a030a017010011800',
      ],
      [{ kind: 'terminate' }, '0804'],
      [{ kind: 'suspend' }, '0802'],
      [{ kind: 'supervise', child: 'c', async: true }, '08052a070a030a01631001'],
      [
        {
          kind: 'failed',
          child: 'c',
          uid: 5n,
          cause: { serializerId: 16, manifest: 'F', bytes: Uint8Array.of(1) },
        },
        '08081a080a01011010220146 32070a030a01631005'.replace(' ', ''),
      ],
      [
        { kind: 'recreate', cause: { serializerId: 16, manifest: '', bytes: Uint8Array.of() } },
        '08011a040a001010',
      ],
      [{ kind: 'create' }, '0800'],
      [{ kind: 'resume' }, '0803'],
    ];
    for (const [message, hex] of vectors) {
      expect(hexOf(systemMessageBytes(message)), message.kind).toBe(hex);
      expect(readSystemMessage(bytesOf(hex))).toEqual(message);
    }
  });

  it('without the data of their kind are refused', () => {
    for (const type of ['05', '06', '07', '08', '09', '0a']) {
      expect(() => readSystemMessage(bytesOf(`08${type}`)), type).toThrow('Cannot read');
    }
  });
});

describe('stock messages and selections', () => {
  const registry = new SerializerRegistry();

  it('are the bytes that Pekko writes', () => {
    const none = registry.payloadOf(miscMessage({ kind: 'option', value: undefined }));
    expect(
      hexOf(registry.payloadOf(miscMessage({ kind: 'identify', messageId: none })).bytes),
    ).toBe('0a070a001010220143');
    const heartbeat = registry.payloadOf(new WireMessage(17, { kind: 'arteryHeartbeat' }));
    const elements = selectionElements('/system/remote-watcher');
    const selection = selectionMessage({
      kind: 'selection',
      elements,
      wildcardFanOut: false,
      message: heartbeat,
    });
    expect(hexOf(registry.payloadOf(selection).bytes)).toBe(
      '0a0010111a0a0801120673797374656d1a120801120e72656d6f74652d7761746368657222016d2800',
    );
  });

  it('of every kind survive writing and reading', () => {
    const payload = registry.payloadOf('x');
    const address = { protocol: 'pekko', system: 's', host: 'h', port: 1 };
    const messages: MiscMessage[] = [
      { kind: 'identify', messageId: payload },
      { kind: 'actorIdentity', correlationId: payload, ref: 'pekko://s@h:1/user/a#1' },
      { kind: 'actorIdentity', correlationId: payload, ref: undefined },
      { kind: 'option', value: payload },
      { kind: 'optional', value: undefined },
      { kind: 'statusSuccess', value: payload },
      { kind: 'statusFailure', cause: payload },
      { kind: 'statusReplySuccess', value: payload },
      { kind: 'statusReplyError', cause: payload },
      { kind: 'statusReplyErrorText', text: 'no' },
      { kind: 'statusReplyAck' },
      {
        kind: 'throwable',
        className: 'E',
        message: 'm',
        cause: payload,
        stackTrace: [{ className: 'C', methodName: 'f', fileName: '', lineNumber: -2 }],
      },
      { kind: 'throwable', className: 'E', message: undefined, cause: undefined, stackTrace: [] },
      {
        kind: 'throwableNotSerializable',
        message: 'a',
        originalMessage: '',
        originalClassName: 'c',
      },
      { kind: 'actorInitializationException', actor: undefined, message: 'm', cause: payload },
      { kind: 'address', address },
      { kind: 'uniqueAddress', node: { address, uid: -5n } },
      { kind: 'remoteScope', node: address },
      { kind: 'localScope' },
      { kind: 'config', json: '{"a":1}' },
      { kind: 'poisonPill' },
      { kind: 'kill' },
      { kind: 'done' },
      { kind: 'notUsed' },
    ];
    for (const message of messages) {
      expect(registry.valueOf(registry.payloadOf(miscMessage(message)))).toEqual(
        miscMessage(message),
      );
    }
  });
});

describe('cluster messages', () => {
  const addressA = { protocol: 'pekko', system: 'sys', host: '127.0.0.1', port: 25520 };
  const a = { address: addressA, uid: -2n };
  const b = { address: { ...addressA, port: 25521 }, uid: 1_234_605_616_436_508_552n };
  const hexAddressA = '0a0373797312093132372e302e302e3118b0c701220570656b6b6f';
  const hexA = `0a1b${hexAddressA}10feffffff0f18ffffffff0f`;
  const hexB = '0a1b0a0373797312093132372e302e302e3118b1c701220570656b6b6f1088ef99ab0518c4e6888901';
  const hashA = 'f43a279257bd5a3c5083c97b18cbf6ba';
  const hexHashA = hexOf(Buffer.from(hashA));
  const digest = '5543885c777bc9231cbcbfbc23153b130f718d4d';
  const heartbeat: ClusterMessage = {
    kind: 'heartbeat',
    from: addressA,
    sequenceNr: 1n,
    creationTimeNs: 123_456_789n,
  };
  const heartbeatHex = `0a1b${hexAddressA}100118aab4de75`;

  it('are the bytes that Pekko writes, and are read from them', () => {
    const vectors: [string, ClusterMessage, string][] = [
      ['HB', heartbeat, heartbeatHex],
      [
        'HB',
        { kind: 'heartbeat', from: addressA, sequenceNr: 1n, creationTimeNs: -1n },
        `0a1b${hexAddressA}10011801`,
      ],
      [
        'HBR',
        { kind: 'heartbeatRsp', from: b, sequenceNr: 1n, creationTimeNs: 123_456_789n },
        `0a29${hexB}100118959aef3a`,
      ],
      [
        'HBR',
        { kind: 'heartbeatRsp', from: b, sequenceNr: 1n, creationTimeNs: -1n },
        `0a29${hexB}100118ffffffffffffffffff01`,
      ],
      [
        'J',
        { kind: 'join', node: b, roles: ['dc-default'], appVersion: '0.0.0' },
        `0a29${hexB}120a64632d64656661756c741a05302e302e30`,
      ],
      [
        'IJA',
        {
          kind: 'initJoinAck',
          address: addressA,
          configCheck: { kind: 'compatible', config: '{}' },
        },
        `0a1b${hexAddressA}1206080312027b7d`,
      ],
      [
        'IJA',
        { kind: 'initJoinAck', address: addressA, configCheck: { kind: 'incompatible' } },
        `0a1b${hexAddressA}12020802`,
      ],
      [
        'IJA',
        { kind: 'initJoinAck', address: addressA, configCheck: { kind: 'unchecked' } },
        hexAddressA,
      ],
      ['IJN', { kind: 'initJoinNack', address: addressA }, hexAddressA],
      ['L', { kind: 'leave', address: addressA }, hexAddressA],
      ['D', { kind: 'down', address: addressA }, hexAddressA],
      ['EC', { kind: 'exitingConfirmed', node: a }, hexA],
      [
        'GS',
        {
          kind: 'gossipStatus',
          from: b,
          version: new Map([[hashA, 3]]),
          seenDigest: Uint8Array.from(bytesOf(digest)),
        },
        `0a29${hexB}1220${hexHashA}1a0808001204080010032214${digest}`,
      ],
    ];
    for (const [manifest, message, hex] of vectors) {
      expect(hexOf(clusterBytes(message)), message.kind).toBe(hex);
      expect(readCluster(manifest, bytesOf(hex))).toEqual(message);
    }
  });

  it('in a gossip resolve their index tables', () => {
    const hex = [
      `0a29${hexA}0a29${hexB}120a64632d64656661756c741a20${hexHashA}`,
      '220b0800100118012201002801220f080110ffffffff07180022010028012a02080032080800120408001003',
      '4205302e302e304205302e302e30',
    ].join('');
    const gossip: GossipWire = {
      members: [
        { node: a, status: 'up', upNumber: 1, roles: ['dc-default'], appVersion: '0.0.0' },
        {
          node: b,
          status: 'joining',
          upNumber: 2_147_483_647,
          roles: ['dc-default'],
          appVersion: '0.0.0',
        },
      ],
      seen: [a],
      reachability: [],
      version: new Map([[hashA, 3]]),
      tombstones: [],
    };
    expect(readGossip(bytesOf(hex))).toEqual(gossip);
    expect(hexOf(toBinary(GossipSchema, fromBinary(GossipSchema, bytesOf(hex))))).toBe(hex);
    // App versions are written once, not once a member.
    expect(hexOf(gossipBytes(gossip))).toBe(
      hex.replace('4205302e302e30', '').replaceAll('2201002801', '2201002800'),
    );
  });

  it('have parts that are written as Pekko does', () => {
    const parts: [DescMessage, Record<string, unknown>, string][] = [
      [
        GossipOverviewSchema,
        {
          seen: [0, 1],
          observerReachability: [
            {
              addressIndex: 0,
              version: 1n,
              subjectReachability: [{ addressIndex: 1, status: 1, version: 1n }],
            },
          ],
        },
        '08000801120c080012060801180120012001',
      ],
      [
        MemberSchema,
        { addressIndex: 1, upNumber: 2, status: 1, rolesIndexes: [0, 1], appVersionIndex: 0 },
        '080110021801220200012800',
      ],
      [TombstoneSchema, { addressIndex: 2, timestamp: 1_700_000_000_000n }, '08021080d095ffbc31'],
    ];
    for (const [schema, init, hex] of parts)
      expect(hexOf(toBinary(schema, create(schema, init)))).toBe(hex);
  });

  it('travel inside selections as Pekko does', () => {
    const registry = new SerializerRegistry();
    const message = registry.payloadOf(new WireMessage(5, heartbeat));
    const elements = selectionElements('/system/cluster/heartbeatReceiver');
    const selection = selectionMessage({
      kind: 'selection',
      elements,
      wildcardFanOut: false,
      message,
    });
    expect(hexOf(registry.payloadOf(selection).bytes)).toBe(
      `0a24${heartbeatHex}10051a0a0801120673797374656d1a0b08011207636c75737465721a15080112116865617274626561745265636569766572220248422800`,
    );
  });

  it('of old nodes are read by their class names, heartbeats in their old form', () => {
    const prefix = 'org.apache.pekko.cluster.';
    expect(readCluster(`${prefix}ClusterHeartbeatSender$Heartbeat`, bytesOf(hexAddressA))).toEqual({
      kind: 'heartbeat',
      from: addressA,
      sequenceNr: -1n,
      creationTimeNs: -1n,
    });
    expect(
      readCluster(`${prefix}ClusterHeartbeatSender$HeartbeatRsp`, bytesOf(hexA)),
    ).toMatchObject({ from: a, sequenceNr: -1n });
    expect(readCluster(`${prefix}ClusterUserAction$Leave`, bytesOf(hexAddressA)).kind).toBe(
      'leave',
    );
  });

  it('get what older senders leave out', () => {
    expect(readCluster('J', bytesOf(`0a29${hexB}`))).toMatchObject({
      roles: ['dc-default'],
      appVersion: '0.0.0',
    });
    expect(readCluster('J', bytesOf(`0a29${hexB}120164`))).toMatchObject({
      roles: ['d', 'dc-default'],
    });
    expect(readCluster('IJ', bytesOf(''))).toEqual({ kind: 'initJoin', config: undefined });
    // Without the high half of the uid the low one is widened with its sign.
    expect(readCluster('EC', bytesOf(hexA.slice(0, -12)))).toMatchObject({ node: a });
  });

  it('that would make a Pekko node shut down cannot be written', () => {
    for (const config of [undefined, '{}']) {
      expect(() => clusterBytes({ kind: 'initJoin', config })).toThrow('downing provider');
    }
  });
});
