// The folder `/temp`: names of pending asks, made only for those that are named on the wire. Asks come and go by the
// hundred thousand a second, so names are numbers in disguise and the folder is an array, not a table of texts.

import { base64Counter } from '../../runtime/index.ts';

/** Something that has a name here while it is pending. */
export interface Named {
  /** Its number; -1 while it has none. */
  tempId: number;
}

const digits = new Int8Array(128).fill(-1);
for (let i = 0; i < 64; i++) digits[base64Counter(i).charCodeAt(0)] = i;

/** Both digits of every number below 4096, so that most names are put together from two pieces. */
const pairs = Array.from({ length: 4096 }, (_, i) => {
  const low = base64Counter(i & 63);
  return `${low}${base64Counter(i >> 6)}`;
});

const slotsMin = 64;
/** The longest name that is read: more digits than a safe integer has. */
const nameLengthMax = 10;

export class TempNames<T extends Named> {
  private slots: (T | undefined)[] = new Array<T | undefined>(slotsMin);
  private pending = 0;
  private next = 0;

  /** Gives a name that nothing had before. */
  add(item: T): string {
    if (this.pending * 2 >= this.slots.length) this.grow();
    const mask = this.slots.length - 1;
    while (this.slots[this.next & mask] !== undefined) this.next++;
    const id = this.next++;
    item.tempId = id;
    this.slots[id & mask] = item;
    this.pending++;
    return nameOf(id);
  }

  remove(item: T): void {
    const slot = item.tempId & (this.slots.length - 1);
    if (item.tempId < 0 || this.slots[slot] !== item) return;
    this.slots[slot] = undefined;
    this.pending--;
  }

  /** What is pending under the name that stands in `text` from `start` on. */
  find(text: string, start = 0): T | undefined {
    const id = idAt(text, start);
    if (id < 0) return undefined;
    const item = this.slots[id & (this.slots.length - 1)];
    return item?.tempId === id ? item : undefined;
  }

  private grow(): void {
    const old = this.slots;
    const mask = old.length * 2 - 1;
    this.slots = new Array<T | undefined>(old.length * 2);
    for (const item of old) {
      if (item !== undefined) this.slots[item.tempId & mask] = item;
    }
  }
}

/** `$` and the number, least significant digit first. */
function nameOf(id: number): string {
  const low = pairs[id & 4095];
  const high = pairs[(id >>> 12) & 4095];
  const rest = id < 16_777_216 ? '' : base64Counter(Math.floor(id / 16_777_216));
  return `$${low}${high}${rest}`;
}

function idAt(text: string, start: number): number {
  if (text.charCodeAt(start) !== 0x24 || text.length - start > nameLengthMax) return -1;
  let id = 0;
  let weight = 1;
  for (let i = start + 1; i < text.length; i++) {
    const digit = digits[text.charCodeAt(i)] ?? -1;
    if (digit < 0) return -1;
    id += digit * weight;
    weight *= 64;
  }
  return weight === 1 ? -1 : id;
}
