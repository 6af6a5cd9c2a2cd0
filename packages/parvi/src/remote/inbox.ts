// What we remember about the traffic of one incarnation of one peer: refs that its paths resolve to, how often each
// path and manifest comes, and the compression tables made from that. Keyed by uid, never by socket: frames of one
// peer come over several sockets and the sockets change.

import type { ActorRef } from '../actor/index.ts';
import type { CompressionAck, CompressionAdvertisement, CompressionKind } from '../wire/index.ts';
import {
  nothingAdvertised,
  stepTableAdvertising,
  type TableAdvertising,
  type TableAdvertisingEvent,
  tableOfVersion,
} from './compression-advertising.ts';
import type { Peer } from './peer.ts';

/** One path or manifest that the peer sends. */
export class SeenText {
  text: string;
  /** Times seen since the last advertising. */
  hits = 0;
  /** The actor here that the path leads to, once looked up. */
  recipient: ActorRef<unknown> | undefined = undefined;
  /** Ordinary messages to it from outside are refused. */
  closed = false;
  /** The ref that stands for the path as a sender, once made. */
  sender: ActorRef<unknown> | undefined = undefined;

  constructor(text: string) {
    this.text = text;
  }
}

const rememberedMax = 8192;
/** The same for a peer that has not answered our handshake: as many of those as anybody likes hold little. */
const rememberedOfStrangersMax = 64;
/** A text seen less often between two advertisings is not worth an entry. */
const hitsMin = 4;
/** Between two reminders of a ban. */
const reminderMs = 10_000;
/** A peer without tables that has sent so many frames gets its first ones at once. */
const busyFrames = 256;
/**
 * Longer texts are neither remembered nor put into tables: whoever sends them must not fill our memory, nor the one
 * control frame that a table is.
 */
const entryCharactersMax = 512;
/** Of all texts of one table together. */
const tableCharactersMax = 65_536;

class SeenTexts {
  advertising: TableAdvertising = nothingAdvertised;
  #young = new Map<string, SeenText>();
  #old = new Map<string, SeenText>();
  #version = 0;
  #table: readonly SeenText[] = [];
  readonly #isCandidate: (text: string) => boolean;
  /** Texts remembered at most. */
  max = rememberedOfStrangersMax;

  constructor(isCandidate: (text: string) => boolean) {
    this.#isCandidate = isCandidate;
  }

  /** Finds or makes the entry of a text and counts it. */
  see(text: string): SeenText {
    const known = this.#young.get(text);
    if (known !== undefined) {
      known.hits++;
      return known;
    }
    const entry = this.#old.get(text) ?? new SeenText(text);
    entry.hits++;
    this.#remember(entry);
    return entry;
  }

  /** The entry with that number in a table of ours; `undefined` when no such table was advertised. */
  seeIndexed(version: number, index: number): SeenText | undefined {
    if (version !== this.#version || this.#table.length === 0) {
      if (!this.#use(version)) return undefined;
    }
    const entry = this.#table[index];
    if (entry !== undefined) entry.hits++;
    return entry;
  }

  step(event: TableAdvertisingEvent): readonly string[] | undefined {
    const step = stepTableAdvertising(this.advertising, event);
    this.advertising = step.state;
    return step.advertise?.keys;
  }

  /** What came most often since the last call, most frequent first; counting begins anew. */
  frequent(entriesMax: number): string[] {
    // What came back from the old ones stands in both.
    const all = [...new Set([...this.#young.values(), ...this.#old.values()])];
    const frequent = all
      .filter(({ hits, text }) => hits >= hitsMin && text.length <= entryCharactersMax)
      .filter(({ text }) => this.#isCandidate(text))
      .sort((a, b) => b.hits - a.hits);
    for (const entry of all) entry.hits = 0;
    return tableOf(frequent, entriesMax);
  }

  #use(version: number): boolean {
    const table = tableOfVersion(this.advertising, version);
    if (table === undefined) return false;
    this.step({ type: 'used', version });
    this.#version = version;
    this.#table = table.keys.map((text) => this.see(text));
    return true;
  }

  #remember(entry: SeenText): void {
    if (entry.text.length > entryCharactersMax) return;
    if (this.#young.size >= this.max / 2) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(entry.text, entry);
  }
}

/** The first of them that fit into one table. */
function tableOf(frequent: readonly SeenText[], entriesMax: number): string[] {
  let characters = 0;
  const end = frequent.findIndex(({ text }) => {
    characters += text.length;
    return characters > tableCharactersMax;
  });
  const fitting = end < 0 ? frequent : frequent.slice(0, end);
  return fitting.slice(0, entriesMax).map(({ text }) => text);
}

/** Paths without incarnation are rare and may change their meaning; the root is the recipient of all selections. */
function isLasting(path: string): boolean {
  return path.includes('#') || path.endsWith('/');
}

export class Inbox {
  readonly peer: Peer;
  readonly uid: bigint;
  /** Set while this incarnation is quarantined. */
  blocked = false;
  /** Most frames are for the same actor as the one before. */
  lastRecipient: SeenText | undefined;
  /** The number of the next system message. */
  expectedSeqNo = 1;
  readonly paths = new SeenTexts(isLasting);
  readonly manifests = new SeenTexts(() => true);
  #answered = false;
  #framesSeen = 0;
  #remindedAtMs: number | undefined;
  #framesAtAdvertising = 0;

  constructor(peer: Peer, uid: bigint) {
    this.peer = peer;
    this.uid = uid;
  }

  /** Whether it answered our handshake, so that it does live at the address that it claims. */
  get answered(): boolean {
    return this.#answered;
  }

  handshakeAnswered(): void {
    this.#answered = true;
    this.paths.max = rememberedMax;
    this.manifests.max = rememberedMax;
  }

  /** Whether it is time to say again that this incarnation is banned: not at once, for the ban itself says it too. */
  mayBeReminded(nowMs: number): boolean {
    this.#remindedAtMs ??= nowMs;
    if (nowMs - this.#remindedAtMs < reminderMs) return false;
    this.#remindedAtMs = nowMs;
    return true;
  }

  countFrame(): void {
    this.#framesSeen++;
  }

  acknowledged(ack: CompressionAck): void {
    const texts = ack.table === 'actorRefs' ? this.paths : this.manifests;
    texts.step({ type: 'acknowledged', version: ack.version });
  }

  /** Whether much came and no table was offered yet: the first one need not wait for its turn. */
  get wantsTables(): boolean {
    const { paths, manifests } = this;
    const offered =
      paths.advertising !== nothingAdvertised || manifests.advertising !== nothingAdvertised;
    return !offered && this.#framesSeen - this.#framesAtAdvertising >= busyFrames;
  }

  /** The tables to advertise now; none without new traffic. */
  advertise(
    from: CompressionAdvertisement['from'],
    entriesMax: number,
  ): CompressionAdvertisement[] {
    if (this.#framesSeen === this.#framesAtAdvertising) return [];
    this.#framesAtAdvertising = this.#framesSeen;
    return [
      ...this.#advertiseTable('manifests', this.manifests, from, entriesMax),
      ...this.#advertiseTable('actorRefs', this.paths, from, entriesMax),
    ];
  }

  #advertiseTable(
    table: CompressionKind,
    texts: SeenTexts,
    from: CompressionAdvertisement['from'],
    entriesMax: number,
  ): CompressionAdvertisement[] {
    const keys = texts.step({ type: 'tick', keys: texts.frequent(entriesMax) });
    if (keys === undefined) return [];
    const { advertising } = texts;
    const version = advertising.proposed?.version ?? advertising.active.version;
    return [
      {
        kind: 'compressionAdvertisement',
        table,
        from,
        originUid: this.uid,
        version,
        keys,
        indexes: keys.map((_, i) => i),
      },
    ];
  }
}
