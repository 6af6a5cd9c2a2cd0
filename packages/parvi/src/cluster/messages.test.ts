// The state machine's messages against what real Pekko nodes said to each other.

import { describe, expect, it } from 'vitest';
import { seededRandom } from '../runtime/index.ts';
import { parts } from '../wire/fixtures/capture-parts.ts';
import { capturedFrames } from '../wire/fixtures/captures.ts';
import { isWireMessage, SerializerRegistry } from '../wire/index.ts';
import { gossipViolation, seenDigest } from './gossip.ts';
import { step } from './membership.ts';
import { newMembership } from './membership-state.ts';
import { messageFromWire, messageToWire } from './messages.ts';
import { clockKey, clusterNode } from './node.ts';
import { clusterSettings } from './options.ts';
import type { ClusterActor, ClusterInput, ClusterMessage } from './protocol.ts';

const registry = new SerializerRegistry();
const clusterParts = parts.filter((part) => part.serializerId === 5);

function read(part: (typeof parts)[number]): ClusterMessage {
  const value = registry.decode(part.serializerId, part.manifest, part.bytes);
  if (!isWireMessage(value, 5)) throw new Error(`${part.where} is no cluster message`);
  return messageFromWire(value.message);
}

const messages = clusterParts.map((part) => ({ part, message: read(part) }));
const gossips = messages.flatMap(({ part, message }) =>
  message.type === 'GossipEnvelope' || message.type === 'Welcome'
    ? [{ where: part.where, gossip: message.gossip }]
    : [],
);

describe('messages recorded from Pekko nodes', () => {
  it('are many and of nearly all kinds', () => {
    const kinds = new Set(messages.map(({ message }) => message.type));
    expect(messages.length).toBeGreaterThan(200);
    expect([...kinds].sort()).toEqual([
      'ExitingConfirmed',
      'GossipEnvelope',
      'GossipStatus',
      'Heartbeat',
      'HeartbeatRsp',
      'InitJoin',
      'InitJoinAck',
      'Join',
      'Welcome',
    ]);
  });

  it('go back to the wire as they came', () => {
    for (const { part } of messages) {
      const value = registry.decode(5, part.manifest, part.bytes);
      if (!isWireMessage(value, 5)) throw new Error(part.where);
      expect(messageToWire(messageFromWire(value.message)), part.where).toMatchObject(
        value.message,
      );
    }
  });

  it('hold well-formed gossip only', () => {
    expect(gossips.length).toBeGreaterThan(40);
    for (const { where, gossip } of gossips) {
      expect(gossipViolation(gossip), where).toBeUndefined();
    }
  });

  it('name members in clocks by the key that is computed here', () => {
    for (const { where, gossip } of gossips) {
      const keys = new Set([...gossip.members.values()].map(({ node }) => clockKey(node)));
      for (const key of gossip.version.keys()) expect(keys.has(key), where).toBe(true);
    }
  });

  it('have the seen digest that is computed here, for members that are known from gossip', () => {
    const digests = new Set(gossips.map(({ gossip }) => seenDigest(gossip)));
    const statuses = messages.flatMap(({ message }) =>
      message.type === 'GossipStatus' ? [message.seenDigest] : [],
    );
    const known = statuses.filter((digest) => digests.has(digest));
    expect(known.length).toBeGreaterThan(statuses.length / 2);
  });
});

describe('a recorded join, with this node in the place of the joining one', () => {
  const frames = capturedFrames.filter((frame) => frame.file.startsWith('02-join'));
  const toB = frames.filter((frame) => frame.connection.startsWith('A>B'));
  const addressOf = (host: string) => ({ protocol: 'pekko', system: 'sys', host, port: 25520 });
  const uid = frames.find((frame) => frame.connection.startsWith('B>A'))?.decoded.uid ?? '0';

  it('sends what the Pekko node sent, and ends with both members Up', () => {
    const seedNodes = [addressOf('127.0.7.1')];
    const settings = { ...clusterSettings(), seedNodes };
    let state = newMembership(clusterNode(addressOf('127.0.7.2'), BigInt(uid)), settings);
    const sent: ClusterMessage['type'][] = [];
    const feed = (input: ClusterInput): void => {
      const next = step(state, input, { nowMs: 0, wallMs: 0, random: seededRandom(1) });
      state = next.state;
      for (const effect of next.effects) {
        if (effect.type === 'send' || effect.type === 'reply') sent.push(effect.message.type);
      }
    };
    feed({ type: 'start' });
    for (const frame of toB) {
      const at = `${frame.file}:${frame.line}`;
      const part = clusterParts.find((each) => each.where === at);
      if (part === undefined) continue;
      const recipient = String(frame.decoded.recipient);
      const to: ClusterActor = recipient.includes('joinSeedNodeProcess-1')
        ? 'joinSeedNodeProcess-1'
        : 'daemon';
      const sender = { address: addressOf('127.0.7.1') };
      feed({ type: 'message', message: read(part), sender, to });
    }
    expect(sent.slice(0, 3)).toEqual(['InitJoin', 'Join', 'GossipEnvelope']);
    expect([...state.gossip.members.values()].map(({ status }) => status)).toEqual(['Up', 'Up']);
    expect(state.gossip.seen.has(state.self.key)).toBe(true);
  });
});
