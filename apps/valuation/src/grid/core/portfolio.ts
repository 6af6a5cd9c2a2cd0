// Where the trades of a job lie: the byte range and the cost class of each, five bytes of memory a trade. The trades
// themselves stay on disk.

import { assert } from 'parvi/runtime';

/** What the scheduling needs to know of trades. Grows at its end only; what is there never changes. */
export interface Portfolio {
  readonly length: number;
  /** Offset of the first byte of trade `index`; for `index === length` the end of all. */
  startOf(index: number): number;
  /** Position in `classNames` of the trade's cost class. */
  classOf(index: number): number;
  /** Names of kinds of trades that cost alike. */
  readonly classNames: readonly string[];
}

const segmentTradesMax = 65_536;

interface Segment {
  readonly base: number;
  ends: Uint32Array;
  classes: Uint8Array;
  used: number;
}

/** The index of trades that are appended to a spool one after the other. */
export class TradeIndex implements Portfolio {
  readonly #segments: Segment[] = [];
  readonly #names: string[] = [];
  readonly #numbers = new Map<string, number>();
  #length = 0;
  #bytes = 0;

  get length(): number {
    return this.#length;
  }

  /** Bytes of all trades together. */
  get bytes(): number {
    return this.#bytes;
  }

  get classNames(): readonly string[] {
    return this.#names;
  }

  /** Names the classes whose numbers came first, as another index had them. */
  nameClasses(names: readonly string[]): void {
    for (const name of names) this.classNumber(name);
  }

  /** The number of a class; beyond 255 classes all further ones share the last. */
  classNumber(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    if (this.#names.length === 255) return 254;
    this.#numbers.set(name, this.#names.length);
    return this.#names.push(name) - 1;
  }

  /** Appends trades by where each ends, counted from the end of those there are, and by its class among `names`. */
  appendAll(ends: Uint32Array, classes: Uint8Array, names: readonly string[]): void {
    const numbers = names.map((name) => this.classNumber(name));
    let start = 0;
    for (let i = 0; i < ends.length; i++) {
      const end = ends[i] as number;
      this.append(end - start, numbers[classes[i] as number] as number);
      start = end;
    }
  }

  append(bytes: number, classNumber: number): void {
    let segment = this.#segments.at(-1);
    if (segment === undefined || segment.used === segmentTradesMax) {
      const capacity = segment === undefined ? 256 : segmentTradesMax;
      segment = {
        base: this.#bytes,
        ends: new Uint32Array(capacity),
        classes: new Uint8Array(capacity),
        used: 0,
      };
      this.#segments.push(segment);
    } else if (segment.used === segment.ends.length) grow(segment);
    this.#bytes += bytes;
    const end = this.#bytes - segment.base;
    assert(end < 2 ** 32, 'a segment of the trade index spans less than 4 GiB');
    segment.ends[segment.used] = end;
    segment.classes[segment.used] = classNumber;
    segment.used++;
    this.#length++;
  }

  startOf(index: number): number {
    if (index === 0) return 0;
    const segment = this.#segmentOf(index - 1);
    return segment.base + (segment.ends[(index - 1) % segmentTradesMax] as number);
  }

  classOf(index: number): number {
    return this.#segmentOf(index).classes[index % segmentTradesMax] as number;
  }

  #segmentOf(index: number): Segment {
    const segment = this.#segments[Math.floor(index / segmentTradesMax)];
    assert(segment !== undefined && index < this.#length, 'only trades in the index are asked for');
    return segment;
  }
}

function grow(segment: Segment): void {
  const capacity = Math.min(segmentTradesMax, segment.ends.length * 4);
  const ends = new Uint32Array(capacity);
  ends.set(segment.ends);
  segment.ends = ends;
  const classes = new Uint8Array(capacity);
  classes.set(segment.classes);
  segment.classes = classes;
}

/** One trade many times over: takes no bytes a trade, since a chunk carries the trade once and a count. */
export function repeatedTrade(className: string, count: number): Portfolio {
  return { length: count, startOf: () => 0, classOf: () => 0, classNames: [className] };
}
