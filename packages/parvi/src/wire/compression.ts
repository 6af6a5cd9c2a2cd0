// Compression tables that a peer advertised for our traffic: it has counted which paths and manifests come most
// often and lets us send their index instead. Legal on the ordinary stream only.
// Source: Pekko `artery/compress/CompressionTable.scala`, `Association.scala`.

import { sameUniqueAddress, type UniqueAddress } from './address.ts';
import type { CompressionAck, CompressionAdvertisement } from './control-messages.ts';
import { WireError } from './errors.ts';
import type { HeaderText } from './header-text.ts';

/** Indexes are 16 bits wide in a tag. */
const entriesMax = 65_536;

/** Text to index, as the peer numbered them. */
export class OutboundTable {
  readonly version: number;
  readonly #indexes: ReadonlyMap<string, number>;

  private constructor(version: number, indexes: ReadonlyMap<string, number>) {
    this.version = version;
    this.#indexes = indexes;
  }

  static readonly empty: OutboundTable = new OutboundTable(0, new Map());

  /** @throws WireError `COMPRESSION_TABLE_INVALID` unless the indexes are 0 to n-1, each once. */
  static of(advertisement: CompressionAdvertisement): OutboundTable {
    const { version, keys, indexes } = advertisement;
    const table = new Map<string, number>();
    const taken = new Set<number>();
    for (const [i, key] of keys.entries()) {
      const index = indexes[i];
      if (index === undefined || index >= keys.length || taken.has(index)) break;
      taken.add(index);
      table.set(key, index);
    }
    if (
      version > 127 ||
      keys.length > entriesMax ||
      keys.length !== indexes.length ||
      table.size !== keys.length
    ) {
      throw new WireError(
        'COMPRESSION_TABLE_INVALID',
        `Cannot use compression table ${version} with ${keys.length} keys: its indexes are not 0 to ${keys.length - 1}, each once`,
        { fields: { version, keys: keys.length, indexes: indexes.length } },
      );
    }
    return new OutboundTable(version, table);
  }

  get size(): number {
    return this.#indexes.size;
  }

  /** The index to send for that text, -1 when it has none. */
  indexOf(header: HeaderText): number {
    if (header.table !== this) {
      header.table = this;
      // The empty text stands for dead letters in a table, but for "none" in a header.
      header.index = header.text === '' ? -1 : (this.#indexes.get(header.text) ?? -1);
    }
    return header.index;
  }
}

/** The tables in use towards one peer. */
export class OutboundCompression {
  actorRefs: OutboundTable = OutboundTable.empty;
  manifests: OutboundTable = OutboundTable.empty;

  /**
   * Takes an advertised table into use and returns the acknowledgement to send on the control stream; `undefined`
   * when the advertisement is not meant for this incarnation or not from that peer.
   *
   * @throws WireError `COMPRESSION_TABLE_INVALID`; the old table stays in use.
   */
  accept(
    advertisement: CompressionAdvertisement,
    self: UniqueAddress,
    peer: UniqueAddress,
  ): CompressionAck | undefined {
    const { table, from, originUid, version } = advertisement;
    if (originUid !== self.uid || !sameUniqueAddress(from, peer)) return undefined;
    this[table] = OutboundTable.of(advertisement);
    return { kind: 'compressionAck', table, from: self, version };
  }

  /** Back to literals: the peer has a new uid, or quarantined us. */
  clear(): void {
    this.actorRefs = OutboundTable.empty;
    this.manifests = OutboundTable.empty;
  }
}
