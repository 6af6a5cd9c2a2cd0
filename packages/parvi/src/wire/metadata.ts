// The optional section of an envelope between header and texts: entries by key, for instruments. A node that knows none
// of the keys skips it by its length. Source: Pekko `artery/RemoteInstrument.scala`.

/** Keys 1 to 7 are Pekko's own; 0 to 31 fit into an entry. */
export const traceMetadataKey = 24;

const lengthBytes = 4;
const keyBits = 6;
const dataBytesMax = 2 ** (32 - keyBits) - 1;

/** Where the data of a section's only entry begins. */
export const metadataDataStart = 2 * lengthBytes;

/**
 * A whole section of one entry, its length included. The text is Latin-1. Whoever sends many keeps one and writes over its
 * data: a buffer of that size is memory of its own, which each later collection of garbage has to look after.
 */
export function metadataSection(key: number, data: string): Uint8Array {
  const section = new Uint8Array(metadataDataStart + data.length);
  const view = new DataView(section.buffer);
  view.setInt32(0, lengthBytes + data.length, true);
  view.setUint32(lengthBytes, ((key << (32 - keyBits)) | data.length) >>> 0, true);
  section.set(Buffer.from(data, 'latin1'), metadataDataStart);
  return section;
}

/** Where the data of an entry stands. */
export interface MetadataPlace {
  readonly start: number;
  readonly end: number;
}

/**
 * The entry of that key in a section without its length; `undefined` when there is none, or the section is not whole.
 * Never throws: what stands there comes from outside.
 */
export function metadataEntry(
  bytes: Uint8Array,
  section: MetadataPlace,
  key: number,
): MetadataPlace | undefined {
  for (let at = section.start; at + lengthBytes <= section.end; ) {
    const head = uint32At(bytes, at);
    const start = at + lengthBytes;
    const length = head & dataBytesMax;
    if (length > section.end - start) return undefined;
    if (head >>> (32 - keyBits) === key) return { start, end: start + length };
    at = start + length;
  }
  return undefined;
}

function uint32At(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let i = lengthBytes - 1; i >= 0; i--) value = (value << 8) | (bytes[at + i] as number);
  return value >>> 0;
}
