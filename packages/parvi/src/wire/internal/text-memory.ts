// What a reader of payloads expects: after this field name came that one, and its value was this. A guess that is right
// costs one comparison instead of a look-up or a new string. Names refer to each other by slot, never by reference, so
// that a chain of hostile names cannot be kept alive.

import { KnownText, noKnownText, slotOf, TextCache, type TextPlace } from './known-text.ts';

const slotCount = 1024;
/** Longer field names are decoded each time. */
const nameBytesMax = 40;
/** Longer values are not remembered. */
const valueBytesMax = 128;
/** Values up to this length are remembered across fields, too. */
const sharedValueMax = 24;
/** A field whose values differed that often in a row is tried again only now and then. */
const missesMax = 12;
const retryMask = 0xff;

/** What is known of a field name: what follows it, and what its value was. */
export class FieldName {
  readonly known: KnownText;
  readonly slot: number;
  /** Slot of the name that came after it in the same map. */
  nextSlot = 0;
  /** Slot of the first name in the map that was its value. */
  childSlot = 0;
  value: KnownText = noKnownText;
  misses = 0;

  constructor(known: KnownText, slot: number) {
    this.known = known;
    this.slot = slot;
  }
}

/** Field names and values of one reader. */
export class TextMemory {
  /** Stands above the first map of a message; its slot holds no name. */
  readonly root = new FieldName(noKnownText, 0);
  readonly #names: FieldName[] = new Array<FieldName>(slotCount).fill(this.root);
  readonly #values = new TextCache(2048, sharedValueMax);

  nameAt(slot: number): FieldName {
    return this.#names[slot] as FieldName;
  }

  /** The entry of the name in `bytes[textStart..end)`, whose head is at `start`. */
  name(bytes: Buffer, start: number, textStart: number, end: number): FieldName {
    const slot = slotOf(bytes, textStart, end) & (slotCount - 1) || 1;
    const name = this.#names[slot] as FieldName;
    const text = bytes.toString('utf8', textStart, end);
    if (name.known.text === text && name.known.length === end - start) return name;
    const known = new KnownText(internalized(text), bytes.subarray(start, end));
    const fresh = new FieldName(known, slot);
    if (end - textStart <= nameBytesMax) this.#names[slot] = fresh;
    return fresh;
  }

  /** An entry for a name that is not worth remembering. */
  unlisted(text: string): FieldName {
    return new FieldName(new KnownText(text, new Uint8Array(0)), 0);
  }

  /** The value of `name` in `bytes[textStart..end)`, whose head is at `start`; it was not the one expected. */
  value(name: FieldName, bytes: Buffer, view: DataView, place: TextPlace): string {
    const { start, textStart, end } = place;
    const length = end - textStart;
    const shared = length <= sharedValueMax ? this.#values.find(bytes, view, place) : undefined;
    const text = shared?.text ?? bytes.toString('utf8', textStart, end);
    if (length > valueBytesMax) return text;
    const misses = ++name.misses;
    if (misses <= missesMax || (misses & retryMask) === 0) {
      name.value = shared ?? new KnownText(text, bytes.subarray(start, end));
    }
    return text;
  }
}

/** The same text as V8 keeps it for property names, where it is found by pointer and not hashed again at each store. */
function internalized(text: string): string {
  return Object.keys({ [text]: 0 })[0] ?? text;
}
