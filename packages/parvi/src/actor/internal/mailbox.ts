// The queue of one actor: a ring that holds message and sender side by side, so that a tell allocates nothing.

const slotsMin = 16;
/** A ring that grew beyond this many slots in a burst is given back once empty. */
const slotsKept = 131_072;

export class Mailbox {
  size = 0;
  /** Sender of the message that {@link shift} took last. */
  sender: unknown = undefined;
  slots: unknown[] = new Array<unknown>(slotsMin);
  head = 0;

  push(message: unknown, sender: unknown): void {
    let slots = this.slots;
    if (this.size * 2 === slots.length) slots = this.grow();
    const at = (this.head + this.size * 2) & (slots.length - 1);
    slots[at] = message;
    slots[at + 1] = sender;
    this.size++;
  }

  /** Puts a message before all others. */
  unshift(message: unknown, sender: unknown): void {
    let slots = this.slots;
    if (this.size * 2 === slots.length) slots = this.grow();
    this.head = (this.head - 2) & (slots.length - 1);
    slots[this.head] = message;
    slots[this.head + 1] = sender;
    this.size++;
  }

  /** Takes the oldest message and leaves its sender in {@link sender}. Not to be called when empty. */
  shift(): unknown {
    const { slots, head } = this;
    const message = slots[head];
    this.sender = slots[head + 1];
    slots[head] = undefined;
    slots[head + 1] = undefined;
    this.head = (head + 2) & (slots.length - 1);
    this.size--;
    if (this.size === 0 && slots.length > slotsKept) this.reset();
    return message;
  }

  /** Takes the message that has so many before it, which keep their order. */
  takeBehind(count: number): unknown {
    const { slots, head } = this;
    const mask = slots.length - 1;
    const at = (head + count * 2) & mask;
    const message = slots[at];
    const sender = slots[at + 1];
    for (let i = count; i > 0; i--) {
      const to = (head + i * 2) & mask;
      const from = (to - 2) & mask;
      slots[to] = slots[from];
      slots[to + 1] = slots[from + 1];
    }
    slots[head] = message;
    slots[head + 1] = sender;
    return this.shift();
  }

  private reset(): void {
    this.slots = new Array<unknown>(slotsMin);
    this.head = 0;
  }

  private grow(): unknown[] {
    const old = this.slots;
    const mask = old.length - 1;
    const slots = new Array<unknown>(old.length * 2);
    for (let i = 0; i < old.length; i++) slots[i] = old[(this.head + i) & mask];
    this.slots = slots;
    this.head = 0;
    return slots;
  }
}
