// Cuts a byte stream into frames. A connection starts with four bytes magic and one byte stream id; then each
// frame is a 32-bit little-endian length and that many bytes. Source: Pekko `artery/tcp/TcpFraming.scala`.

import { assert } from '../runtime/index.ts';
import { WireError } from './errors.ts';
import { unclearedBytes } from './internal/copy-bytes.ts';

export const streamIds = { control: 1, ordinary: 2, large: 3 } as const;
export type StreamId = (typeof streamIds)[keyof typeof streamIds];

const preambleBytes = 5;
const lengthBytes = 4;
const magics = ['AKKA', 'PEKK'];
/** A partial frame gets at most this much memory ahead of its bytes: a length alone must not cost memory. */
const headStartBytesMax = 65_536;

/** The first bytes on a connection we dial: `AKKA` is what every version of Pekko 1.x accepts. */
export function connectionPreamble(stream: StreamId): Uint8Array {
  return Uint8Array.of(0x41, 0x4b, 0x4b, 0x41, stream);
}

export interface FrameCutterOptions {
  /** Longest frame accepted, by stream, known once the preamble is read; see {@link FrameCutter.limitChanged}. */
  readonly frameBytesMax: number | ((stream: StreamId) => number);
}

/**
 * Reads one inbound connection. After each `push` call `next` until it says `false`; the frame is then
 * `bytes[start..end)`, valid until the next call. Frames inside a chunk are not copied; only one that crosses chunks is.
 *
 * After an error the cutter stays broken: the connection must be closed.
 */
export class FrameCutter {
  /** Undefined until the preamble has been read. */
  stream: StreamId | undefined = undefined;
  bytes: Uint8Array = nothing;
  start = 0;
  end = 0;
  readonly #limit: FrameCutterOptions['frameBytesMax'];
  #frameBytesMax = 0;
  #chunk: Uint8Array = nothing;
  #next = 0;
  /** Bytes of a preamble or frame that is not complete yet, with its length field. */
  #partial: Uint8Array = nothing;
  #partialUsed = 0;
  #error: WireError | undefined;

  constructor(options: FrameCutterOptions) {
    this.#limit = options.frameBytesMax;
  }

  /** Bytes held back because their frame is not complete. */
  get heldBytes(): number {
    return this.#partialUsed;
  }

  /** Memory taken for them, which is more while a frame is announced and its bytes are still to come. */
  get heldMemoryBytes(): number {
    return this.#partial.length;
  }

  /** Asks for the longest frame of the stream anew; it holds from the next frame on. */
  limitChanged(): void {
    if (this.stream === undefined) return;
    this.#frameBytesMax = typeof this.#limit === 'number' ? this.#limit : this.#limit(this.stream);
  }

  /** Hands in the next bytes of the connection. The chunk is read until `next` returns `false`, then no more. */
  push(chunk: Uint8Array): void {
    assert(
      this.#next === this.#chunk.length,
      'a chunk is read to its end before the next is pushed',
    );
    this.#chunk = chunk;
    this.#next = 0;
  }

  /**
   * Moves to the next complete frame; `false` when more bytes are needed.
   *
   * @throws WireError `FRAME_MAGIC_WRONG`, `FRAME_STREAM_UNKNOWN`, `FRAME_TOO_LARGE`
   */
  next(): boolean {
    if (this.#error !== undefined) throw this.#error;
    if (this.stream === undefined && !this.#readPreamble()) return false;
    if (this.#partialUsed > 0) return this.#finishPartial();
    const chunk = this.#chunk;
    const at = this.#next;
    const available = chunk.length - at;
    if (available < lengthBytes) {
      if (available > 0) this.#hold(available, lengthBytes);
      return false;
    }
    const total = lengthBytes + this.#frameLength(chunk, at);
    if (available < total) {
      this.#hold(available, total);
      return false;
    }
    this.bytes = chunk;
    this.start = at + lengthBytes;
    this.end = at + total;
    this.#next = this.end;
    return true;
  }

  /** The current frame as a view. */
  frame(): Uint8Array {
    return this.bytes.subarray(this.start, this.end);
  }

  #readPreamble(): boolean {
    const wanted = preambleBytes - this.#partialUsed;
    this.#hold(Math.min(this.#chunk.length - this.#next, wanted), preambleBytes);
    const seen = String.fromCharCode(...this.#partial.subarray(0, Math.min(4, this.#partialUsed)));
    if (!magics.some((magic) => magic.startsWith(seen))) {
      const shown = JSON.stringify(seen);
      this.#fail(
        'FRAME_MAGIC_WRONG',
        `Cannot read the connection: it starts with ${shown} instead of AKKA or PEKK; the other side does not speak Artery TCP, or uses TLS where this side does not`,
        { magic: seen },
      );
    }
    if (this.#partialUsed < preambleBytes) return false;
    const id = this.#partial[4];
    const stream = Object.values(streamIds).find((known) => known === id);
    if (stream === undefined) {
      this.#fail(
        'FRAME_STREAM_UNKNOWN',
        `Cannot read the connection: stream ${id} is none of control (1), ordinary (2) and large (3)`,
        { stream: id },
      );
    }
    this.stream = stream;
    this.limitChanged();
    this.#partialUsed = 0;
    return true;
  }

  /** Goes on with a frame whose first bytes came with an earlier chunk. */
  #finishPartial(): boolean {
    const available = (): number => this.#chunk.length - this.#next;
    if (this.#partialUsed < lengthBytes) {
      this.#hold(Math.min(available(), lengthBytes - this.#partialUsed), lengthBytes);
      if (this.#partialUsed < lengthBytes) return false;
    }
    const total = lengthBytes + this.#frameLength(this.#partial, 0);
    this.#hold(Math.min(available(), total - this.#partialUsed), total);
    if (this.#partialUsed < total) return false;
    this.bytes = this.#partial;
    this.start = lengthBytes;
    this.end = total;
    this.#partial = nothing;
    this.#partialUsed = 0;
    return true;
  }

  #hold(byteCount: number, total: number): void {
    const needed = this.#partialUsed + byteCount;
    if (needed > this.#partial.length) {
      const capacity = Math.max(needed, 64, Math.min(total, needed * 2 + headStartBytesMax));
      const larger = unclearedBytes(capacity);
      larger.set(this.#partial.subarray(0, this.#partialUsed));
      this.#partial = larger;
    }
    this.#partial.set(this.#chunk.subarray(this.#next, this.#next + byteCount), this.#partialUsed);
    this.#partialUsed = needed;
    this.#next += byteCount;
  }

  #frameLength(bytes: Uint8Array, at: number): number {
    const length =
      ((bytes[at] as number) |
        ((bytes[at + 1] as number) << 8) |
        ((bytes[at + 2] as number) << 16) |
        ((bytes[at + 3] as number) << 24)) >>>
      0;
    if (length > this.#frameBytesMax) {
      this.#fail(
        'FRAME_TOO_LARGE',
        `Cannot read a frame of ${length} bytes: the limit is ${this.#frameBytesMax} bytes; raise it if the peer is allowed to send more`,
        { frameBytes: length, frameBytesMax: this.#frameBytesMax, stream: this.stream },
      );
    }
    return length;
  }

  #fail(
    code: 'FRAME_MAGIC_WRONG' | 'FRAME_STREAM_UNKNOWN' | 'FRAME_TOO_LARGE',
    message: string,
    fields: Record<string, unknown>,
  ): never {
    this.#error = new WireError(code, message, { fields });
    this.#partial = nothing;
    this.#partialUsed = 0;
    this.#next = this.#chunk.length;
    throw this.#error;
  }
}

const nothing = new Uint8Array(0);
