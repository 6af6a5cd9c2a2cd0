// LZ4 blocks, which a JVM node sends when Jackson's compression is set to `lz4`: four bytes magic, the inflated length as
// a big-endian number, one raw block. Format: LZ4 block format description, github.com/lz4/lz4.

import { WireError } from '../errors.ts';

const headBytes = 8;
const matchMin = 4;

/** Whether the bytes start as Pekko marks an LZ4 payload. */
export function isLz4(bytes: Uint8Array): boolean {
  return bytes[0] === 0x87 && bytes[1] === 0xd9 && bytes[2] === 0x6d && bytes[3] === 0xf6;
}

/** @throws WireError `PAYLOAD_TOO_LARGE`, `PAYLOAD_MALFORMED` */
export function inflateLz4(bytes: Uint8Array, bytesMax: number): Uint8Array {
  if (bytes.length < headBytes) throw malformed('it is cut short');
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4);
  if (length > bytesMax) {
    throw new WireError(
      'PAYLOAD_TOO_LARGE',
      `Cannot inflate an LZ4 payload to ${length} bytes: the limit is ${bytesMax} bytes`,
      { fields: { byteCount: length, bytesMax } },
    );
  }
  const block = new Lz4Block(bytes, new Uint8Array(length));
  block.inflate();
  return block.output;
}

class Lz4Block {
  readonly output: Uint8Array;
  readonly #input: Uint8Array;
  #at = headBytes;
  #filled = 0;

  constructor(input: Uint8Array, output: Uint8Array) {
    this.#input = input;
    this.output = output;
  }

  inflate(): void {
    while (this.#at < this.#input.length) {
      const token = this.#byte();
      this.#literals(this.#length(token >>> 4));
      // The last sequence has literals only.
      if (this.#at === this.#input.length) break;
      const offset = this.#byte() | (this.#byte() << 8);
      this.#match(offset, this.#length(token & 15) + matchMin);
    }
    if (this.#filled !== this.output.length) throw malformed('its length is not as announced');
  }

  #length(start: number): number {
    let length = start;
    if (start < 15) return length;
    for (let more = 255; more === 255; ) {
      more = this.#byte();
      length += more;
    }
    return length;
  }

  #literals(length: number): void {
    const end = this.#at + length;
    if (end > this.#input.length || this.#filled + length > this.output.length) {
      throw malformed('a literal does not fit');
    }
    this.output.set(this.#input.subarray(this.#at, end), this.#filled);
    this.#at = end;
    this.#filled += length;
  }

  #match(offset: number, length: number): void {
    const { output } = this;
    const from = this.#filled - offset;
    if (offset === 0 || from < 0 || this.#filled + length > output.length) {
      throw malformed('a match does not fit');
    }
    // One by one: a match may reach into what it is writing.
    for (let i = 0; i < length; i++) output[this.#filled + i] = output[from + i] as number;
    this.#filled += length;
  }

  #byte(): number {
    const byte = this.#input[this.#at++];
    if (byte === undefined) throw malformed('it is cut short');
    return byte;
  }
}

function malformed(reason: string): WireError {
  return new WireError('PAYLOAD_MALFORMED', `Cannot inflate an LZ4 payload: ${reason}`);
}
