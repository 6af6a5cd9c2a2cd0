// Writes whole frames into one slab, one after the other: length, 28-byte header, literals or table indexes, payload.
// Nothing is allocated per message. Frames that are known to harm a Pekko node cannot be produced: what would need a
// recipient and has none fails an assertion here, before a byte leaves.
// Source: Pekko `artery/EnvelopeBufferPool.scala`, `artery/Codecs.scala`.

import { assert } from '../runtime/index.ts';
import { ByteWriter } from './byte-writer.ts';
import { OutboundCompression } from './compression.ts';
import { WireError } from './errors.ts';
import { type StreamId, streamIds } from './framing.ts';
import type { HeaderText } from './header-text.ts';
import { wireLimitsDefaults } from './options.ts';
import type { Slab, SlabPool } from './slab-pool.ts';

/** Bytes of the fixed envelope header. */
export const headerBytes = 28;
const lengthBytes = 4;
const metadataFlag = 1;
const controlSerializer = 17;
const selectionSerializer = 6;
/** A Pekko node reads the length of a frame as a signed number, and a negative one puts it into an endless loop. */
const frameBytesTop = 0x7fff_ffff;
/** Of Pekko's own ids: null, Java serialization, which is refused everywhere, and remote deployment. */
export const neverSent: readonly number[] = [0, 1, 3];

/** Manifests of serializer 17 that are consumed before dispatch and so may lack a recipient. */
const unaddressedOnControl = 'abdefghiklo';
const unaddressedElsewhere = 'bdo';

export interface EnvelopeWriterOptions {
  /** Uid of this system; stands in every header. */
  readonly uid: bigint;
  readonly stream: StreamId;
  /** Longest frame without its length field. Default by stream, see `WireLimits`. */
  readonly frameBytesMax?: number;
  readonly pool?: SlabPool;
  /** Tables of the peer, for the ordinary stream; nothing is compressed elsewhere. */
  readonly compression?: OutboundCompression;
}

export class EnvelopeWriter {
  /** The payload goes here between {@link begin} and {@link end}. */
  readonly out: ByteWriter;
  /** A whole section for instruments (see metadata.ts) that each frame carries while it stands here. */
  metadata: Uint8Array | undefined = undefined;
  readonly stream: StreamId;
  readonly frameBytesMax: number;
  /** Signed uid of this system. */
  readonly uid: bigint;
  readonly #uidLow: number;
  readonly #uidHigh: number;
  readonly #compression: OutboundCompression;
  readonly #compresses: boolean;
  #frameStart = -1;
  #frames = 0;

  constructor(options: EnvelopeWriterOptions) {
    this.out = new ByteWriter(options.pool);
    this.stream = options.stream;
    this.frameBytesMax =
      options.frameBytesMax ??
      (options.stream === streamIds.large
        ? wireLimitsDefaults.largeFrameBytesMax
        : wireLimitsDefaults.frameBytesMax);
    this.uid = BigInt.asIntN(64, options.uid);
    this.#uidLow = Number(BigInt.asIntN(32, options.uid));
    this.#uidHigh = Number(BigInt.asIntN(32, options.uid >> 32n));
    this.#compresses = options.compression !== undefined;
    this.#compression = options.compression ?? new OutboundCompression();
    assert(
      this.frameBytesMax <= frameBytesTop,
      `frames of ${this.frameBytesMax} bytes have a length that a Pekko node reads as negative`,
    );
    assert(
      !this.#compresses || options.stream === streamIds.ordinary,
      'compression tables are used on the ordinary stream only',
    );
  }

  /** Finished bytes waiting for {@link take}. */
  get pendingBytes(): number {
    return this.#frameStart < 0 ? this.out.position : this.#frameStart;
  }

  /** Finished frames waiting for {@link take}. */
  get pendingFrames(): number {
    return this.#frames;
  }

  /** Starts a frame and returns the writer for its payload; {@link end} or {@link abort} must follow. */
  begin(
    serializerId: number,
    sender: HeaderText,
    recipient: HeaderText,
    manifest: HeaderText,
  ): ByteWriter {
    assert(this.#frameStart < 0, 'a frame ends before the next begins');
    if (recipient.text === '') this.#assertUnaddressed(serializerId, manifest.text);
    if (serializerId <= selectionSerializer) assertSendable(serializerId, recipient.text);
    const out = this.out;
    out.reserve(
      lengthBytes +
        headerBytes +
        sender.bytes.length +
        recipient.bytes.length +
        manifest.bytes.length,
    );
    const frame = out.position;
    const envelope = frame + lengthBytes;
    const view = out.view;
    const { actorRefs, manifests } = this.#compression;
    view.setInt32(envelope, (actorRefs.version << 16) | (manifests.version << 24), true);
    view.setInt32(envelope + 4, this.#uidLow, true);
    view.setInt32(envelope + 8, this.#uidHigh, true);
    view.setInt32(envelope + 12, serializerId, true);
    out.position = envelope + headerBytes;
    if (this.metadata !== undefined) {
      const textBytes = sender.bytes.length + recipient.bytes.length + manifest.bytes.length;
      this.#writeMetadata(envelope, this.metadata, textBytes);
    }
    this.#frameStart = frame;
    const mayCompress = this.#compresses && serializerId !== controlSerializer;
    this.#text(16, sender, mayCompress ? actorRefs.indexOf(sender) : -1);
    this.#text(20, recipient, mayCompress ? actorRefs.indexOf(recipient) : -1);
    this.#text(24, manifest, mayCompress ? manifests.indexOf(manifest) : -1);
    return out;
  }

  /**
   * Finishes the frame and returns its length without the length field.
   *
   * @throws WireError `FRAME_TOO_LARGE`; the frame is gone then, those before it stay.
   */
  end(): number {
    const start = this.#frameStart;
    assert(start >= 0, 'a frame begins before it ends');
    const length = this.out.position - start - lengthBytes;
    if (length > this.frameBytesMax) {
      this.abort();
      throw new WireError(
        'FRAME_TOO_LARGE',
        `Cannot send a message of ${length} bytes: the limit of this stream is ${this.frameBytesMax} bytes; send less at once or use the large stream`,
        { fields: { frameBytes: length, frameBytesMax: this.frameBytesMax, stream: this.stream } },
      );
    }
    this.out.view.setInt32(start, length, true);
    this.#frameStart = -1;
    this.#frames++;
    return length;
  }

  /** Drops the frame begun last, as when its serializer failed. Does nothing when none is open. */
  abort(): void {
    if (this.#frameStart < 0) return;
    this.out.position = this.#frameStart;
    this.#frameStart = -1;
  }

  /** Hands out all finished frames. Write `slab.filled` to the socket, then give the slab back to the pool. */
  take(): Slab | undefined {
    assert(this.#frameStart < 0, 'frames are taken when none is open');
    this.#frames = 0;
    return this.out.detach();
  }

  /** Takes the place that was reserved for the texts, so it makes room for them again. */
  #writeMetadata(envelope: number, section: Uint8Array, textBytes: number): void {
    const out = this.out;
    out.reserve(section.length + textBytes);
    out.bytes[envelope + 1] = metadataFlag;
    out.bytes.set(section, out.position);
    out.position += section.length;
  }

  #text(tagOffset: number, header: HeaderText, index: number): void {
    const out = this.out;
    const envelope = this.#frameStart + lengthBytes;
    if (index >= 0) {
      out.view.setInt32(envelope + tagOffset, 0xff000000 | index, true);
      return;
    }
    const position = out.position;
    const { bytes } = header;
    out.view.setInt32(envelope + tagOffset, position - envelope, true);
    if (bytes.length === 2) {
      out.bytes[position] = 0;
      out.bytes[position + 1] = 0;
    } else {
      out.bytes.set(bytes, position);
    }
    out.position = position + bytes.length;
  }

  #assertUnaddressed(serializerId: number, manifest: string): void {
    const allowed = this.stream === streamIds.control ? unaddressedOnControl : unaddressedElsewhere;
    assert(
      serializerId === controlSerializer && manifest.length === 1 && allowed.includes(manifest),
      `a message of serializer ${serializerId} and manifest "${manifest}" has a recipient on stream ${this.stream}: without one it would stop all inbound streams of a Pekko node`,
    );
  }
}

function assertSendable(serializerId: number, recipient: string): void {
  assert(
    !neverSent.includes(serializerId),
    `serializer ${serializerId} is never sent: no node reads it`,
  );
  const addressEnd = recipient.indexOf('://') + 3;
  assert(
    serializerId !== selectionSerializer || recipient.includes('/', addressEnd),
    `a selection goes to a path with a slash, not to "${recipient}": a Pekko node finds nobody there`,
  );
}
