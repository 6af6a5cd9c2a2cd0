// Messages between remoting layers: what arrives with serializer 17. Runs them against the peers; the decisions are in
// the pure machines. Source: Pekko `ArteryTransport`, `InboundHandshake`, `SystemMessageAcker`.

import {
  addressText,
  type ControlMessage,
  type HandshakeReq,
  type HandshakeRsp,
  HeaderText,
  noText,
  parseActorPath,
  type StreamId,
  type SystemMessageEnvelope,
  sameAddress,
  streamIds,
  type UniqueAddress,
} from '../wire/index.ts';
import { type HandshakeJudgement, judgeHandshakeRequest, judgePeer } from './handshake.ts';
import type { Inbox } from './inbox.ts';
import type { Peer } from './peer.ts';
import type { Peers } from './peers.ts';
import type { RemotingContext } from './remoting-context.ts';
import { receiveSequenced } from './system-delivery.ts';
import type { RefusalCause } from './telemetry.ts';

export interface ControlFrame {
  readonly message: ControlMessage;
  /** Uid in the frame header. */
  readonly uid: bigint;
  readonly sender: string;
  readonly recipient: string;
  readonly stream: StreamId;
  /** Where the connection comes from, for logs. */
  readonly from: string;
  readonly inbox: Inbox | undefined;
}

/** The exchanges that other parts of remoting wait in. */
export interface ControlListener {
  systemMessage(inbox: Inbox, envelope: SystemMessageEnvelope, recipient: string): void;
  heartbeatReply(inbox: Inbox, uid: bigint): void;
  flushAcknowledged(recipient: string, expectedAcks: number): void;
  goodbyeAcknowledged(from: UniqueAddress): void;
  quarantinedBy(from: UniqueAddress): void;
}

const controlStreamOnly = new Set<ControlMessage['kind']>([
  'handshakeRsp',
  'ack',
  'nack',
  'quarantined',
  'compressionAdvertisement',
  'compressionAck',
  'systemMessageEnvelope',
]);

const refusedAs: Readonly<Record<Exclude<HandshakeJudgement, 'accepted'>, RefusalCause>> = {
  'wrong-address': 'wrongAddress',
  'from-self': 'fromSelf',
  'uid-of-another': 'uidCollision',
  unreachable: 'wrongAddress',
};

export class ControlHandler {
  readonly #context: RemotingContext;
  readonly #peers: Peers;
  readonly #listener: ControlListener;

  constructor(context: RemotingContext, peers: Peers, listener: ControlListener) {
    this.#context = context;
    this.#peers = peers;
    this.#listener = listener;
  }

  handle(frame: ControlFrame): void {
    const { message } = frame;
    if (controlStreamOnly.has(message.kind) && frame.stream !== streamIds.control) {
      this.#refuse('wrongStream', frame);
    } else if (message.kind === 'handshakeReq') this.#handshakeRequest(message, frame);
    else if (message.kind === 'handshakeRsp') this.#handshakeReply(message, frame);
    else if (frame.inbox === undefined) this.#refuse('unknownUid', frame);
    else this.#fromPeer(frame.inbox, frame);
  }

  #handshakeRequest(message: HandshakeReq, frame: ControlFrame): void {
    const { self } = this.#context;
    const owner = this.#peers.ownerOf(message.from.uid);
    const judgement = judgeHandshakeRequest(message, self.address, owner);
    if (judgement !== 'accepted') {
      this.#refuseHandshake(refusedAs[judgement], frame, message);
      return;
    }
    const peer = this.#introduce(message.from, frame);
    peer?.sendControl({ kind: 'handshakeRsp', from: self });
    if (frame.inbox?.blocked === true) this.#remindOfBan(frame.inbox);
  }

  /**
   * Who was banned while nobody could reach it, and has only heartbeats to send since, hears of it by no other answer: it
   * would go on as if it were the last of its cluster.
   */
  #remindOfBan(inbox: Inbox): void {
    const { clock, self } = this.#context;
    const { peer, uid } = inbox;
    const mark = peer.quarantineOf(uid);
    if (mark === undefined || mark.harmless) return;
    if (!inbox.mayBeReminded(clock.nowMs())) return;
    peer.sendControl({ kind: 'quarantined', from: self, to: { address: peer.address, uid } });
  }

  #handshakeReply(message: HandshakeRsp, frame: ControlFrame): void {
    const owner = this.#peers.ownerOf(message.from.uid);
    const judgement = judgePeer(message.from, this.#context.self.address, owner);
    if (judgement === 'accepted') {
      const peer = this.#introduce(message.from, frame);
      if (peer !== undefined) this.#peers.answered(peer, message.from.uid);
    } else this.#refuseHandshake(refusedAs[judgement], frame, message);
  }

  /** Takes the uid for known; refuses a handshake that speaks for another uid than its own frames carry. */
  #introduce(from: UniqueAddress, frame: ControlFrame): Peer | undefined {
    if (frame.uid !== from.uid) {
      this.#refuse('uidCollision', frame);
      return undefined;
    }
    const peer = this.#peers.introduced(from.address);
    const isNew = peer.uid === undefined;
    peer.peerSeen(from.uid);
    if (isNew) peer.openStreams();
    return peer;
  }

  #fromPeer(inbox: Inbox, frame: ControlFrame): void {
    const { message } = frame;
    inbox.peer.heard();
    switch (message.kind) {
      case 'systemMessageEnvelope':
        this.#systemMessage(inbox, message, frame);
        break;
      case 'ack':
      case 'nack':
        if (this.#isPresent(inbox, message.from)) {
          inbox.peer.systemMessageAcknowledged(message.kind, message.seqNo);
        }
        break;
      case 'compressionAdvertisement':
        inbox.peer.acceptTable(message);
        break;
      case 'compressionAck':
        inbox.acknowledged(message);
        break;
      case 'quarantined':
        this.#quarantinedBy(message.from, message.to);
        break;
      case 'flush':
        this.#answerOnOrdinary(inbox, frame, { kind: 'flushAck', expectedAcks: 1 });
        break;
      case 'flushAck':
        this.#listener.flushAcknowledged(frame.recipient, message.expectedAcks);
        break;
      case 'actorSystemTerminating':
        this.#terminating(inbox, frame, message.from);
        break;
      case 'actorSystemTerminatingAck':
        this.#listener.goodbyeAcknowledged(message.from);
        break;
      case 'arteryHeartbeatRsp':
        this.#listener.heartbeatReply(inbox, message.uid);
        break;
      default:
        // A heartbeat that is not inside a selection concerns nobody.
        this.#refuse('recipientMissing', frame);
    }
  }

  #systemMessage(inbox: Inbox, envelope: SystemMessageEnvelope, frame: ControlFrame): void {
    const { self } = this.#context;
    if (inbox.blocked) {
      const to = { address: inbox.peer.address, uid: inbox.uid };
      inbox.peer.sendControl({ kind: 'quarantined', from: self, to });
      return;
    }
    if (!this.#isPresent(inbox, envelope.ackReplyTo)) {
      this.#refuse('notAllowed', frame);
      return;
    }
    const reception = receiveSequenced(inbox.expectedSeqNo, envelope.seqNo);
    inbox.expectedSeqNo = reception.expected;
    inbox.peer.sendControl({ kind: reception.answer, seqNo: reception.answerSeqNo, from: self });
    if (reception.deliver) this.#listener.systemMessage(inbox, envelope, frame.recipient);
  }

  /** Whether that is who the frame's uid says. */
  #isPresent(inbox: Inbox, node: UniqueAddress): boolean {
    return node.uid === inbox.uid && sameAddress(node.address, inbox.peer.address);
  }

  #quarantinedBy(from: UniqueAddress, to: UniqueAddress): void {
    const { self } = this.#context;
    if (to.uid !== self.uid || !sameAddress(to.address, self.address)) return;
    this.#listener.quarantinedBy(from);
  }

  #terminating(inbox: Inbox, frame: ControlFrame, from: UniqueAddress): void {
    const { self } = this.#context;
    this.#answerOnOrdinary(inbox, frame, { kind: 'actorSystemTerminatingAck', from: self });
    if (frame.stream === streamIds.control) inbox.peer.terminating(from.uid);
  }

  /** Answers go to the ref that asked, behind everything that was sent to that peer before. */
  #answerOnOrdinary(inbox: Inbox, frame: ControlFrame, answer: ControlMessage): void {
    const { peer } = inbox;
    if (peer.isForgotten || !isRefOf(frame.sender, peer)) {
      this.#refuse('recipientMissing', frame);
      return;
    }
    peer.ordinary.sendControl(answer, new HeaderText(frame.sender), noText);
  }

  #refuseHandshake(
    cause: RefusalCause,
    frame: ControlFrame,
    message: HandshakeReq | HandshakeRsp,
  ): void {
    const { telemetry, complaints, self } = this.#context;
    const { from } = message;
    telemetry.refused(cause);
    complaints.write(
      `handshake ${cause} ${addressText(from.address)}`,
      'warn',
      {
        from: frame.from,
        peer: addressText(from.address),
        peerUid: String(from.uid),
        to: 'to' in message ? addressText(message.to) : undefined,
        own: addressText(self.address),
        cause,
        code: 'REMOTE_HANDSHAKE_REFUSED',
      },
      'Handshake was refused; host, port, system name and protocol must be those that this node announces',
    );
  }

  #refuse(cause: RefusalCause, frame: ControlFrame): void {
    const { telemetry, complaints } = this.#context;
    const { from, uid, stream, message } = frame;
    const peer = frame.inbox?.peer.addressText ?? from.slice(0, from.lastIndexOf(':'));
    telemetry.refused(cause);
    complaints.write(
      `control ${cause} ${peer} ${message.kind}`,
      'warn',
      { from, peer, peerUid: String(uid), kind: message.kind, stream, cause },
      'Control message was not accepted and was dropped; the connection stays',
    );
  }
}

/** Whether the text names an actor of that peer. */
function isRefOf(path: string, peer: Peer): boolean {
  if (path === '') return false;
  try {
    const { address } = parseActorPath(path);
    return address !== undefined && sameAddress(address, peer.address);
  } catch {
    return false;
  }
}
