// Frames that were encoded and never left, back into messages: each becomes a dead letter that says what it was and whom
// it was for.

import { ActorRef, SelectedMessage, type UndeliveredMessage } from '../actor/index.ts';
import {
  controlSerializerId,
  type Envelope,
  EnvelopeReader,
  type Payload,
  Slab,
} from '../wire/index.ts';
import { isHeartbeat } from './heartbeats.ts';
import type { UndeliveredReason } from './outbound-owner.ts';
import type { SealedSlab } from './outbound-queue.ts';
import type { FrameTables } from './remoting-context.ts';
import { selectedPath } from './selected-path.ts';

const lengthBytes = 4;

export interface UndeliveredFramesDoors {
  valueOf(payload: Payload): unknown;
  /** The ref of a path of this system. */
  resolve(path: string): ActorRef<unknown>;
  deadLetter(undelivered: UndeliveredMessage): void;
}

export class UndeliveredFrames {
  readonly #doors: UndeliveredFramesDoors;
  readonly #reader = new EnvelopeReader();

  constructor(doors: UndeliveredFramesDoors) {
    this.#doors = doors;
  }

  /**
   * Makes dead letters of whole frames, one after the other. With `onlyCompressed`, frames without table indexes are
   * spared and given back, for they mean the same to any incarnation of the peer.
   */
  bury(
    frames: Uint8Array,
    reason: UndeliveredReason,
    tables: FrameTables,
    onlyCompressed: boolean,
  ): SealedSlab | undefined {
    const view = new DataView(frames.buffer, frames.byteOffset, frames.byteLength);
    const spared: Uint8Array[] = [];
    for (let at = 0; at + lengthBytes <= frames.length; ) {
      const end = at + lengthBytes + view.getUint32(at, true);
      const envelope = this.#reader.read(frames, at + lengthBytes, end);
      if (onlyCompressed && !usesTables(envelope)) spared.push(frames.subarray(at, end));
      else this.#bury(envelope, reason, tables);
      at = end;
    }
    return spared.length === 0 ? undefined : sealed(spared);
  }

  #bury(envelope: Envelope, reason: UndeliveredReason, tables: FrameTables): void {
    const { serializerId } = envelope;
    if (serializerId === controlSerializerId) return;
    const { recipientIndex, senderIndex, manifestIndex } = envelope;
    const recipient = recipientIndex < 0 ? envelope.recipient : tables.actorRef(recipientIndex);
    const sender = senderIndex < 0 ? envelope.sender : tables.actorRef(senderIndex);
    const manifest = manifestIndex < 0 ? envelope.manifest : tables.manifest(manifestIndex);
    const payload: Payload = { serializerId, manifest, bytes: envelope.payload() };
    const whole = this.#messageOf(payload);
    if (isHeartbeat(whole)) return;
    const message = whole instanceof SelectedMessage ? whole.message : whole;
    const from = sender === '' ? replyToOf(message) : this.#doors.resolve(sender);
    const path =
      whole instanceof SelectedMessage ? selectedPath(recipient, whole.elements) : recipient;
    this.#doors.deadLetter({ message, recipient: path, sender: from, reason });
  }

  #messageOf(payload: Payload): unknown {
    try {
      return this.#doors.valueOf(payload);
    } catch {
      // What only another node can read stays bytes; they are copied, as their memory is used again.
      return { ...payload, bytes: new Uint8Array(payload.bytes) };
    }
  }
}

/** Asks name the asker in the message alone. */
function replyToOf(message: unknown): ActorRef<never> | undefined {
  if (typeof message !== 'object' || message === null || !('replyTo' in message)) return undefined;
  return message.replyTo instanceof ActorRef ? message.replyTo : undefined;
}

function usesTables(envelope: Envelope): boolean {
  return envelope.senderIndex >= 0 || envelope.recipientIndex >= 0 || envelope.manifestIndex >= 0;
}

function sealed(frames: readonly Uint8Array[]): SealedSlab {
  const slab = new Slab(frames.reduce((sum, frame) => sum + frame.length, 0));
  for (const frame of frames) {
    slab.bytes.set(frame, slab.used);
    slab.used += frame.length;
  }
  return { slab, frames: frames.length };
}
