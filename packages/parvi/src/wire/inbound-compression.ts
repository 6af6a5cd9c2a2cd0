// Compression tables that we advertise: counts which texts a peer sends us most often, hands the peer a table of them and
// understands the indexes it uses then. One object for each uid and kind of text; forget it when the uid changes.
// Source: Pekko `artery/compress/InboundCompressions.scala`.

import type { CompressionAck } from './control-messages.ts';
import { WireError } from './errors.ts';

export interface InboundCompressionOptions {
  /** Entries of a table. Default 256, as in Pekko. */
  readonly entriesMax?: number;
  /** Texts that are counted at a time, as a multiple of the entries. Default 4. */
  readonly candidatesPerEntry?: number;
}

/** What to send to the peer: keys and indexes of a table. */
export interface TableAdvertisement {
  readonly version: number;
  readonly keys: readonly string[];
  readonly indexes: readonly number[];
}

interface Table {
  readonly version: number;
  readonly texts: readonly string[];
}

const versionMax = 127;
const oldTablesMax = 3;
const resendsMax = 3;
/** Temporary actors answer one ask; their paths never come again. */
const temporaryMark = '/temp/';

export class InboundCompression {
  readonly #entriesMax: number;
  readonly #candidatesMax: number;
  #hits = new Map<string, number>();
  #anyHits = false;
  #active: Table = { version: 0, texts: [] };
  #old: readonly Table[] = [];
  #advertised: Table | undefined;
  #resends = 0;
  /** Uses of the entries of the active table since the last look; they count as hits. */
  #uses = new Uint32Array(0);

  constructor(options: InboundCompressionOptions = {}) {
    this.#entriesMax = options.entriesMax ?? 256;
    this.#candidatesMax = this.#entriesMax * (options.candidatesPerEntry ?? 4);
  }

  get activeVersion(): number {
    return this.#active.version;
  }

  /** Counts a text that came as a literal. */
  hit(text: string): void {
    const count = this.#hits.get(text);
    if (count !== undefined) {
      this.#hits.set(text, count + 1);
    } else if (text !== '' && !text.includes(temporaryMark)) {
      if (this.#hits.size >= this.#candidatesMax) this.#decay();
      this.#hits.set(text, 1);
    }
    this.#anyHits = true;
  }

  /**
   * The text of an index in a frame, which counts as a hit. The first frame that uses an advertised table also confirms it.
   *
   * @throws WireError `COMPRESSION_INDEX_UNKNOWN`
   */
  resolve(version: number, index: number): string {
    if (version === this.#active.version && index < this.#uses.length) {
      this.#uses[index] = (this.#uses[index] as number) + 1;
      this.#anyHits = true;
      return this.#active.texts[index] as string;
    }
    if (this.#advertised?.version === version) this.#promote();
    const table =
      this.#active.version === version
        ? this.#active
        : this.#old.find((known) => known.version === version);
    const text = table?.texts[index];
    if (text === undefined) {
      throw new WireError(
        'COMPRESSION_INDEX_UNKNOWN',
        `Cannot read a frame: it uses entry ${index} of compression table ${version}, which was not advertised`,
        { fields: { version, index } },
      );
    }
    return text;
  }

  /** The peer has the table; acknowledgements of others are ignored. */
  confirm(ack: Pick<CompressionAck, 'version'>): void {
    if (this.#advertised?.version === ack.version) this.#promote();
  }

  /**
   * To be called once a minute: the advertisement to send now, if any. One that is not acknowledged is sent three times
   * again; after that the peer is taken to have it, for it may use it without having said so.
   */
  advertise(): TableAdvertisement | undefined {
    const pending = this.#advertised;
    if (pending !== undefined) {
      if (this.#resends++ < resendsMax) return advertisementOf(pending);
      this.#promote();
      return undefined;
    }
    if (!this.#anyHits) return undefined;
    this.#collectUses();
    const version = this.#active.version >= versionMax ? 0 : this.#active.version + 1;
    const table = { version, texts: this.#heaviest() };
    this.#anyHits = false;
    if (table.texts.length === 0) return undefined;
    this.#advertised = table;
    this.#resends = 0;
    return advertisementOf(table);
  }

  #promote(): void {
    if (this.#advertised === undefined) return;
    this.#collectUses();
    this.#old = [this.#active, ...this.#old].slice(0, oldTablesMax);
    this.#active = this.#advertised;
    this.#uses = new Uint32Array(this.#active.texts.length);
    this.#advertised = undefined;
  }

  #collectUses(): void {
    for (const [index, text] of this.#active.texts.entries()) {
      const uses = this.#uses[index] ?? 0;
      if (uses > 0) this.#hits.set(text, (this.#hits.get(text) ?? 0) + uses);
    }
    this.#uses.fill(0);
  }

  #heaviest(): string[] {
    return [...this.#hits]
      .sort((a, b) => b[1] - a[1])
      .slice(0, this.#entriesMax)
      .map(([text]) => text);
  }

  /** Halves all counts and forgets what falls to nothing, so that old heavy hitters make room for new ones. */
  #decay(): void {
    const kept = [...this.#hits]
      .sort((a, b) => b[1] - a[1])
      .slice(0, this.#candidatesMax >>> 1)
      .map(([text, count]): [string, number] => [text, count >>> 1]);
    this.#hits = new Map(kept.filter(([, count]) => count > 0));
  }
}

function advertisementOf(table: Table): TableAdvertisement {
  return {
    version: table.version,
    keys: table.texts,
    indexes: table.texts.map((_, index) => index),
  };
}
