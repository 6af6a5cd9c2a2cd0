// The optional section of an envelope between header and texts: entries by key, for instruments. A node that knows none
// of the keys skips it by its length. Source: Pekko `artery/RemoteInstrument.scala`.

/** Keys 1 to 7 are Pekko's own; 0 to 31 fit into an entry. */
export const traceMetadataKey = 24;

const lengthBytes = 4;
const keyBits = 6;
const dataBytesMax = 2 ** (32 - keyBits) - 1;

/** A whole section of one entry, its length included. */
export function metadataSection(key: number, data: string): Uint8Array {
  const text = Buffer.from(data, 'latin1');
  const section = Buffer.alloc(2 * lengthBytes + text.length);
  section.writeInt32LE(lengthBytes + text.length, 0);
  section.writeUInt32LE(((key << (32 - keyBits)) | text.length) >>> 0, lengthBytes);
  text.copy(section, 2 * lengthBytes);
  return section;
}

/**
 * The entry of that key in a section without its length; `undefined` when there is none, or the section is not whole.
 * Never throws: what stands there comes from outside.
 */
export function metadataEntry(
  bytes: Uint8Array,
  [from, end]: readonly [from: number, end: number],
  key: number,
): string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = from; at + lengthBytes <= end; ) {
    const head = view.getUint32(at, true);
    const start = at + lengthBytes;
    const length = head & dataBytesMax;
    if (length > end - start) return undefined;
    if (head >>> (32 - keyBits) === key) {
      return Buffer.from(bytes.buffer, bytes.byteOffset + start, length).toString('latin1');
    }
    at = start + length;
  }
  return undefined;
}
