// Messages of remoting that a Pekko node does not get over, or would misread, stopped before a byte leaves: each is a bug
// here, never an event, so each is an assertion. One exception in its shared inbound streams costs a Pekko node the
// connections of all its peers. Source: Pekko `ArteryTransport`, `MessageDispatcher`, `AssociationRegistry.setUID`,
// `SystemMessageDelivery`, `FlushOnShutdown`; what is said of frames without recipient is held by the envelope writer.

import { assert } from '../runtime/index.ts';
import { type Address, sameAddress } from './address.ts';
import type { ControlMessage } from './control-messages.ts';
import { type StreamId, streamIds } from './framing.ts';
import type { HeaderText } from './header-text.ts';

export interface ControlFrame {
  readonly message: ControlMessage;
  readonly sender: HeaderText;
  readonly recipient: HeaderText;
  /** The system at the other end. */
  readonly peer: Address;
  readonly stream: StreamId;
  /** Uid in the header. */
  readonly uid: bigint;
}

/** Those that go to a ref; all others have no recipient. */
const addressed = new Set<ControlMessage['kind']>([
  'actorSystemTerminatingAck',
  'systemMessageEnvelope',
  'arteryHeartbeat',
  'arteryHeartbeatRsp',
  'flushAck',
]);

/** Those that a peer reads on the control stream only. */
const controlOnly = new Set<ControlMessage['kind']>([
  'quarantined',
  'handshakeRsp',
  'compressionAdvertisement',
  'compressionAck',
  'systemMessageEnvelope',
  'ack',
  'nack',
]);

/** Those whose answer goes to their sender. */
const answered = new Set<ControlMessage['kind']>(['flush', 'actorSystemTerminating']);

export function assertHarmless(frame: ControlFrame): void {
  const { message, sender, recipient, peer, stream, uid } = frame;
  const { kind } = message;
  const isAddressed = recipient.text !== '';
  assert(
    addressed.has(kind) === isAddressed,
    `a ${kind} has ${isAddressed ? 'no recipient' : 'a recipient'}: a Pekko node reads nothing else`,
  );
  assert(
    stream === streamIds.control || !controlOnly.has(kind),
    `a ${kind} takes the control stream, not stream ${stream}: elsewhere it stops all inbound streams of a Pekko node, or is ignored`,
  );
  assert(
    !answered.has(kind) || sender.text !== '',
    `a ${kind} has a sender, for the answer goes there`,
  );
  if (kind === 'handshakeReq' || kind === 'handshakeRsp') {
    assert(
      !sameAddress(message.from.address, peer),
      'a handshake is not sent to a peer that has the same address as this system',
    );
    assert(
      message.from.uid === uid,
      'a handshake announces the uid of its own frame: one uid under two addresses stops all inbound streams of a Pekko node',
    );
  }
  if (kind === 'handshakeReq') {
    assert(
      sameAddress(message.to, peer),
      'a handshake names the peer that it is sent to, or it is never answered',
    );
  }
  if (kind === 'systemMessageEnvelope') {
    assert(
      message.seqNo >= 1 && message.ackReplyTo.uid === uid,
      'a system message is numbered from 1 and acknowledged to its own system',
    );
    assert(
      message.message.kind !== 'unreadable',
      'a system message that was unreadable is not sent on: a Pekko node never acknowledges what it cannot read, and everything behind it waits',
    );
  }
}
