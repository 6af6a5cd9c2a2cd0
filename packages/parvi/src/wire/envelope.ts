// Reads the envelope of a frame: fixed header, optional metadata, three texts; what is left is the payload.
// Source: Pekko `artery/EnvelopeBufferPool.scala`, `artery/Codecs.scala` (Decoder).

import { WireError } from './errors.ts';
import { type KnownText, noKnownText, TextCache } from './internal/known-text.ts';

const headerBytes = 28;
const metadataFlag = 1;
const literalBytesMax = 32_767;
/** `temp` as the reader sees it in four bytes. */
const tempAsWord = 0x706d6574;
/** Longer ones are read like any other path. */
const temporaryBytesMax = 1024;

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
  /** Where metadata lies, without its length; empty when there is none. */
  metadataStart = 0;
  metadataEnd = 0;
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

  get hasMetadata(): boolean {
    return (this.flags & metadataFlag) !== 0;
  }

  /** The payload as a view. */
  payload(): Uint8Array {
    return this.bytes.subarray(this.payloadStart, this.payloadEnd);
  }
}

/** Reads envelopes of one connection; remembers texts by their bytes, so that repeated ones are not decoded again. */
export class EnvelopeReader {
  readonly envelope = new Envelope();
  readonly #texts = new TextCache(1024, 256);
  #bytes: Buffer = Buffer.alloc(0);
  #source: Uint8Array = this.#bytes;
  #view = new DataView(this.#bytes.buffer);
  #position = 0;
  #temporaryText = '';
  /** Frames of one conversation follow each other: what stood there last is tried first. */
  #lastSender = noKnownText;
  #lastRecipient = noKnownText;
  #lastManifest = noKnownText;

  /**
   * Reads the frame `bytes[start..end)` (without its length field) into {@link envelope}.
   *
   * @throws WireError `ENVELOPE_MALFORMED`, `ENVELOPE_VERSION_UNSUPPORTED`; only this frame is lost.
   */
  read(bytes: Uint8Array, start: number, end: number): Envelope {
    if (end - start < headerBytes) throw malformed('it is shorter than its header', end - start);
    this.#look(bytes);
    const view = this.#view;
    const envelope = this.envelope;
    envelope.bytes = bytes;
    envelope.version = view.getInt8(start);
    envelope.flags = view.getUint8(start + 1);
    envelope.refTableVersion = view.getInt8(start + 2);
    envelope.manifestTableVersion = view.getInt8(start + 3);
    envelope.uidLow = view.getInt32(start + 4, true);
    envelope.uidHigh = view.getInt32(start + 8, true);
    envelope.serializerId = view.getInt32(start + 12, true);
    if (envelope.version > 0) throw unsupportedVersion(envelope.version);
    this.#position = start + headerBytes;
    envelope.metadataStart = this.#position;
    envelope.metadataEnd = this.#position;
    if ((envelope.flags & metadataFlag) !== 0) this.#skipMetadata(end);
    envelope.senderIndex = tableIndex(view.getInt32(start + 16, true));
    envelope.sender = '';
    if (envelope.senderIndex < 0) {
      const known = this.#path(end, this.#lastSender);
      if (known !== undefined) this.#lastSender = known;
      envelope.sender = known?.text ?? this.#temporaryText;
    }
    envelope.recipientIndex = tableIndex(view.getInt32(start + 20, true));
    envelope.recipient = '';
    if (envelope.recipientIndex < 0) {
      const known = this.#path(end, this.#lastRecipient);
      if (known !== undefined) this.#lastRecipient = known;
      envelope.recipient = known?.text ?? this.#temporaryText;
    }
    envelope.manifestIndex = tableIndex(view.getInt32(start + 24, true));
    if (envelope.manifestIndex < 0) this.#lastManifest = this.#literal(end, this.#lastManifest);
    envelope.manifest = envelope.manifestIndex < 0 ? this.#lastManifest.text : '';
    envelope.payloadStart = this.#position;
    envelope.payloadEnd = end;
    return envelope;
  }

  #look(bytes: Uint8Array): void {
    if (bytes === this.#source) return;
    this.#source = bytes;
    const { buffer, byteOffset, length } = bytes;
    this.#bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(buffer, byteOffset, length);
    this.#view = new DataView(buffer, byteOffset, length);
  }

  #skipMetadata(end: number): void {
    const at = this.#position;
    const length = end - at < 4 ? -1 : this.#view.getInt32(at, true);
    if (length < 0 || length > end - at - 4) throw malformed('its metadata does not fit', end - at);
    this.#position = at + 4 + length;
    this.envelope.metadataStart = at + 4;
    this.envelope.metadataEnd = this.#position;
  }

  /** The path that stands here; `undefined` when it is temporary, its text then is in `#temporaryText`. */
  #path(end: number, expected: KnownText): KnownText | undefined {
    if (expected.isAt(this.#view, this.#position, end)) {
      this.#position += expected.length;
      return expected;
    }
    return this.#temporary(end) ? undefined : this.#literal(end, noKnownText);
  }

  /**
   * Whether a path of a temporary actor stands here, which is then read into `#temporaryText`. Such a path serves one ask
   * and never comes again, so nothing is remembered of it.
   */
  #temporary(end: number): boolean {
    const start = this.#position;
    if (end - start < 2) return false;
    const textStart = start + 2;
    const textEnd = textStart + this.#view.getUint16(start, true);
    const bytes = this.#bytes;
    if (textEnd > end || textEnd > textStart + temporaryBytesMax) return false;
    let slash = textEnd - 1;
    while (slash > textStart && bytes[slash] !== 0x2f) slash--;
    const view = this.#view;
    if (slash - 5 < textStart || bytes[slash - 5] !== 0x2f) return false;
    if (view.getUint32(slash - 4, true) !== tempAsWord) return false;
    let seen = 0;
    let at = textStart;
    for (; at + 4 <= textEnd; at += 4) seen |= view.getInt32(at, true);
    for (; at < textEnd; at++) seen |= bytes[at] as number;
    if ((seen & 0x80808080) !== 0) return false;
    this.#position = textEnd;
    this.#temporaryText = bytes.toString('latin1', textStart, textEnd);
    return true;
  }

  #literal(end: number, expected: KnownText): KnownText {
    const start = this.#position;
    if (expected.isAt(this.#view, start, end)) {
      this.#position = start + expected.length;
      return expected;
    }
    if (end - start < 2) throw malformed('it ends before its texts', end - start);
    const length = this.#view.getUint16(start, true);
    if (length > literalBytesMax || length > end - start - 2) {
      throw malformed(`a text of ${length} bytes does not fit`, end - start);
    }
    const textStart = start + 2;
    const place = { start, textStart, end: textStart + length };
    this.#position = place.end;
    const known = this.#texts.find(this.#bytes, this.#view, place);
    if (known === undefined) throw malformed('one of its texts is not ASCII', length);
    return known;
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
