// A first-in first-out queue with a limit; what does not fit is refused to the caller, who must say so.

import { assert } from './assert.ts';

export class BoundedQueue<T> {
  readonly capacity: number;
  #items: (T | undefined)[];
  #head = 0;
  #size = 0;

  /** `capacity` is the number of items held at most; `Infinity` for no limit. Memory grows with use, not with capacity. */
  constructor(capacity: number) {
    assert(capacity > 0, `a queue holds at least one item, not ${capacity}`);
    this.capacity = capacity;
    this.#items = new Array<T | undefined>(16);
  }

  get size(): number {
    return this.#size;
  }

  /** Appends the item; `false` when the queue is full and the item was not taken. */
  push(item: T): boolean {
    if (this.#size >= this.capacity) return false;
    if (this.#size === this.#items.length) this.#grow();
    this.#items[(this.#head + this.#size) & (this.#items.length - 1)] = item;
    this.#size++;
    return true;
  }

  /** Takes the oldest item, `undefined` when empty. */
  shift(): T | undefined {
    if (this.#size === 0) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#items.length - 1);
    this.#size--;
    return item;
  }

  /** The oldest item, which stays in the queue. */
  peek(): T | undefined {
    return this.#size === 0 ? undefined : this.#items[this.#head];
  }

  /** Takes all items, oldest first. */
  drain(): T[] {
    const items: T[] = [];
    for (let item = this.shift(); item !== undefined; item = this.shift()) items.push(item);
    return items;
  }

  #grow(): void {
    const old = this.#items;
    const mask = old.length - 1;
    const items = new Array<T | undefined>(old.length * 2);
    for (let i = 0; i < this.#size; i++) items[i] = old[(this.#head + i) & mask];
    this.#items = items;
    this.#head = 0;
  }
}
