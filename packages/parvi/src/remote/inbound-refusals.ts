// What is said, counted and buried when a frame is not taken: one log line a cause and peer, a dead letter where a
// message was lost.

import type { DeadLetterReason } from '../actor/index.ts';
import { toError } from '../runtime/index.ts';
import { type Envelope, type Payload, WireError } from '../wire/index.ts';
import type { RemotingContext } from './remoting-context.ts';
import type { RefusalCause } from './telemetry.ts';

/** What a frame says in texts, when its header had numbers of a table in their place. */
export interface FrameTexts {
  readonly recipient: string;
  readonly manifest: string;
}

/** Of a message that tells faults apart. */
const faultCharactersMax = 200;

export class InboundRefusals {
  readonly #context: RemotingContext;

  constructor(context: RemotingContext) {
    this.#context = context;
  }

  /** Counts and logs; the caller says what becomes of the message. */
  frame(
    cause: RefusalCause,
    envelope: Envelope,
    from: string,
    recipient: string = envelope.recipient,
  ): void {
    const { telemetry, complaints } = this.#context;
    const { serializerId, manifest } = envelope;
    telemetry.refused(cause);
    complaints.write(
      `frame ${cause} ${from}`,
      'warn',
      { from, cause, serializerId, manifest, recipient, code: 'REMOTE_INBOUND_REFUSED' },
      'Frame was not accepted and was dropped; the connection stays',
    );
  }

  /** The same, and the message becomes a dead letter as the bytes that it is. */
  undelivered(cause: RefusalCause, envelope: Envelope, from: string): void {
    this.frame(cause, envelope, from);
    this.#bury(envelope, 'notDeserializable');
  }

  /** Typical after our own restart: the peer still speaks to the process before us. */
  unknownSender(envelope: Envelope, from: string): void {
    this.frame('unknownUid', envelope, hostOf(from));
    this.#bury(envelope, 'earlierIncarnation');
  }

  /** One line a peer, or host of a stranger, and serializer: manifests are whatever the sender likes. */
  undecodable(
    thrown: unknown,
    envelope: Envelope,
    from: string,
    texts: FrameTexts = envelope,
  ): void {
    if (!(thrown instanceof WireError)) {
      this.failed(thrown, from, envelope);
      return;
    }
    const { telemetry, complaints } = this.#context;
    const { serializerId } = envelope;
    const { manifest, recipient } = texts;
    telemetry.refused('undecodable');
    complaints.write(
      `decode ${from} ${serializerId} ${thrown.code}`,
      'warn',
      { from, serializerId, manifest, recipient, error: thrown, code: thrown.code },
      'Message could not be read and became a dead letter; the connection stays',
    );
    this.#bury(envelope, 'notDeserializable', texts, thrown);
  }

  unreadable(thrown: unknown, from: string): void {
    if (!(thrown instanceof WireError)) {
      this.failed(thrown, from);
      return;
    }
    const cause: RefusalCause =
      thrown.code === 'ENVELOPE_VERSION_UNSUPPORTED' ? 'unsupportedVersion' : 'malformedEnvelope';
    const { telemetry, complaints } = this.#context;
    telemetry.refused(cause);
    complaints.write(
      `frame ${cause} ${hostOf(from)}`,
      'warn',
      { from, cause, error: thrown, code: 'REMOTE_INBOUND_REFUSED' },
      'Frame could not be read and was dropped; the connection stays',
    );
  }

  /**
   * A fault of ours, found by a frame: it costs that frame and is said loudly, once for each kind of fault. Whoever sent
   * it must not be able to end the process.
   */
  failed(thrown: unknown, from: string, envelope?: Envelope): void {
    const { telemetry, complaints } = this.#context;
    const error = toError(thrown);
    telemetry.refused('handlingFailed');
    complaints.write(
      `failed ${error.name} ${error.message.slice(0, faultCharactersMax)}`,
      'error',
      { from, recipient: envelope?.recipient.slice(0, faultCharactersMax), error },
      'Frame could not be handled because of a fault here and was dropped; please report it',
    );
    if (envelope === undefined) return;
    try {
      this.#bury(envelope, 'handlingFailed', envelope, error);
    } catch (second) {
      const why = toError(second);
      complaints.write('failed twice', 'error', { from, error: why }, 'A dead letter was lost');
    }
  }

  /** Nothing from strangers, and nothing broken, is read further. */
  #bury(
    envelope: Envelope,
    reason: DeadLetterReason,
    texts: FrameTexts = envelope,
    cause?: Error,
  ): void {
    const { serializerId } = envelope;
    const { manifest, recipient } = texts;
    const payload: Payload = { serializerId, manifest, bytes: new Uint8Array(envelope.payload()) };
    this.#context.deadLetter({ message: payload, recipient, reason, cause });
  }
}

/** The host of `host:port`: each connection has another port, and a flood shall not be a flood of causes. */
export function hostOf(from: string): string {
  const colon = from.lastIndexOf(':');
  return colon < 0 ? from : from.slice(0, colon);
}
