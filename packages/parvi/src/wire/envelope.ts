// Reads the envelope of a frame: fixed header, optional metadata, three texts; what is left is the payload.
// Source: Pekko `artery/EnvelopeBufferPool.scala`, `artery/Codecs.scala` (Decoder).

import { WireError } from './errors.ts';
import { AsciiCache } from './internal/ascii-cache.ts';

const headerBytes = 28;
const metadataFlag = 1;
const literalBytesMax = 32_767;

/** One read envelope. The reader reuses the object: take what you need before the next frame is read. */
export class Envelope {
  version = 0;
  flags = 0;
  /** -1 when the sender has compression switched off. */
  refTableVersion = 0;
  manifestTableVersion = 0;
  /** Uid of the sending system as two signed halves; see {@link uid}. */
  uidLow = 0;
  uidHigh = 0;
  serializerId = 0;
  /** Path of the sender; empty for none, or when `senderIndex` is not -1. */
  sender = '';
  senderIndex = -1;
  recipient = '';
  recipientIndex = -1;
  manifest = '';
  manifestIndex = -1;
  /** The frame, and where in it the payload lies. */
  bytes: Uint8Array = new Uint8Array(0);
  payloadStart = 0;
  payloadEnd = 0;
  #uid = 0n;
  #uidOfLow = 0;
  #uidOfHigh = 0;

  /** Signed uid of the sending system; cheap while frames of one peer follow each other. */
  get uid(): bigint {
    if (this.uidLow !== this.#uidOfLow || this.uidHigh !== this.#uidOfHigh) {
      this.#uidOfLow = this.uidLow;
      this.#uidOfHigh = this.uidHigh;
      this.#uid = (BigInt(this.uidHigh) << 32n) | BigInt(this.uidLow >>> 0);
    }
    return this.#uid;
  }

  /** The payload as a view. */
  payload(): Uint8Array {
    return this.bytes.subarray(this.payloadStart, this.payloadEnd);
  }
}

/** Reads envelopes of one connection; remembers texts by their bytes, so that repeated ones are not decoded again. */
export class EnvelopeReader {
  readonly envelope = new Envelope();
  readonly #texts = new AsciiCache(1024, 256);
  #position = 0;

  /**
   * Reads the frame `bytes[start..end)` (without its length field) into {@link envelope}.
   *
   * @throws WireError `ENVELOPE_MALFORMED`, `ENVELOPE_VERSION_UNSUPPORTED`; only this frame is lost.
   */
  read(bytes: Uint8Array, start: number, end: number): Envelope {
    if (end - start < headerBytes) throw malformed('it is shorter than its header', end - start);
    const envelope = this.envelope;
    envelope.bytes = bytes;
    envelope.version = ((bytes[start] as number) << 24) >> 24;
    envelope.flags = bytes[start + 1] as number;
    envelope.refTableVersion = ((bytes[start + 2] as number) << 24) >> 24;
    envelope.manifestTableVersion = ((bytes[start + 3] as number) << 24) >> 24;
    envelope.uidLow = int32(bytes, start + 4);
    envelope.uidHigh = int32(bytes, start + 8);
    envelope.serializerId = int32(bytes, start + 12);
    if (envelope.version > 0) throw unsupportedVersion(envelope.version);
    this.#position = start + headerBytes;
    if ((envelope.flags & metadataFlag) !== 0) this.#skipMetadata(bytes, end);
    const sender = int32(bytes, start + 16);
    envelope.senderIndex = tableIndex(sender);
    envelope.sender = envelope.senderIndex < 0 ? this.#literal(bytes, end) : '';
    const recipient = int32(bytes, start + 20);
    envelope.recipientIndex = tableIndex(recipient);
    envelope.recipient = envelope.recipientIndex < 0 ? this.#literal(bytes, end) : '';
    const manifest = int32(bytes, start + 24);
    envelope.manifestIndex = tableIndex(manifest);
    envelope.manifest = envelope.manifestIndex < 0 ? this.#literal(bytes, end) : '';
    envelope.payloadStart = this.#position;
    envelope.payloadEnd = end;
    return envelope;
  }

  #skipMetadata(bytes: Uint8Array, end: number): void {
    const at = this.#position;
    const length = end - at < 4 ? -1 : int32(bytes, at);
    if (length < 0 || length > end - at - 4) throw malformed('its metadata does not fit', end - at);
    this.#position = at + 4 + length;
  }

  #literal(bytes: Uint8Array, end: number): string {
    const at = this.#position;
    if (end - at < 2) throw malformed('it ends before its texts', end - at);
    const length = (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
    if (length === 0) {
      this.#position = at + 2;
      return '';
    }
    if (length > literalBytesMax || length > end - at - 2) {
      throw malformed(`a text of ${length} bytes does not fit`, end - at);
    }
    this.#position = at + 2 + length;
    const text = this.#texts.text(bytes, at + 2, at + 2 + length);
    if (text === undefined) throw malformed('one of its texts is not ASCII', length);
    return text;
  }
}

/** Reads one frame on its own; for tools and tests. */
export function readEnvelope(frame: Uint8Array): Envelope {
  return new EnvelopeReader().read(frame, 0, frame.length);
}

/** A tag whose top byte is set holds a table index in its low half; any other is the offset of a literal. */
function tableIndex(tag: number): number {
  return tag >>> 24 === 0 ? -1 : tag & 0xffff;
}

function int32(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}

function malformed(reason: string, byteCount: number): WireError {
  return new WireError('ENVELOPE_MALFORMED', `Cannot read an envelope: ${reason}`, {
    fields: { byteCount },
  });
}

function unsupportedVersion(version: number): WireError {
  return new WireError(
    'ENVELOPE_VERSION_UNSUPPORTED',
    `Cannot read an envelope of version ${version}: only version 0 is known`,
    { fields: { version } },
  );
}
