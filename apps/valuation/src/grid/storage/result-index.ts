// Where the results of a job lie on the spool: one entry a chunk, found by the number of a trade.

export interface ResultEntry {
  /** First trade of the chunk. */
  readonly from: number;
  readonly count: number;
  readonly offset: number;
  readonly length: number;
  readonly failed: number;
  /** Who priced it; undefined for results the controller made up itself. */
  readonly worker: string | undefined;
}

export class ResultIndex {
  readonly #entries: ResultEntry[] = [];
  #sorted = true;

  get size(): number {
    return this.#entries.length;
  }

  add(entry: ResultEntry): void {
    const last = this.#entries.at(-1);
    if (last !== undefined && last.from > entry.from) this.#sorted = false;
    this.#entries.push(entry);
  }

  /** Entries in the order of the trades. */
  entries(): readonly ResultEntry[] {
    this.#sort();
    return this.#entries;
  }

  /** The entry that holds the trade, or else the first behind it. */
  at(trade: number): ResultEntry | undefined {
    this.#sort();
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const entry = this.#entries[middle] as ResultEntry;
      if (entry.from + entry.count <= trade) low = middle + 1;
      else high = middle;
    }
    return this.#entries[low];
  }

  #sort(): void {
    if (this.#sorted) return;
    this.#entries.sort((a, b) => a.from - b.from);
    this.#sorted = true;
  }
}
