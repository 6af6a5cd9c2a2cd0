// The compression tables that one peer gave us for what we send it. They are used only while the ordinary link is open:
// what is encoded for later must be readable by whoever answers then.

import {
  type CompressionAck,
  type CompressionAdvertisement,
  type CompressionKind,
  OutboundCompression,
  type UniqueAddress,
} from '../wire/index.ts';
import type { FrameTables } from './remoting-context.ts';

export class PeerTables implements FrameTables {
  /** What the writer of the ordinary stream looks into. */
  readonly live = new OutboundCompression();
  readonly #accepted = new OutboundCompression();
  readonly #texts: Record<CompressionKind, Map<number, string>> = {
    actorRefs: new Map(),
    manifests: new Map(),
  };

  /** Entries of the tables of paths and of manifests. */
  get sizes(): readonly [number, number] {
    return [this.#accepted.actorRefs.size, this.#accepted.manifests.size];
  }

  /** @throws WireError `COMPRESSION_TABLE_INVALID` */
  accept(
    advertisement: CompressionAdvertisement,
    self: UniqueAddress,
    peer: UniqueAddress,
    inUse: boolean,
  ): CompressionAck | undefined {
    const ack = this.#accepted.accept(advertisement, self, peer);
    if (ack === undefined) return undefined;
    const { table, keys, indexes } = advertisement;
    this.#texts[table] = new Map(keys.map((key, i) => [indexes[i] ?? -1, key]));
    if (inUse) this.live[table] = this.#accepted[table];
    return ack;
  }

  use(): void {
    this.live.actorRefs = this.#accepted.actorRefs;
    this.live.manifests = this.#accepted.manifests;
  }

  clearInUse(): void {
    this.live.clear();
  }

  clear(): void {
    this.live.clear();
    this.#accepted.clear();
    this.#texts.actorRefs = new Map();
    this.#texts.manifests = new Map();
  }

  actorRef(index: number): string {
    return this.#texts.actorRefs.get(index) ?? '';
  }

  manifest(index: number): string {
    return this.#texts.manifests.get(index) ?? '';
  }
}
