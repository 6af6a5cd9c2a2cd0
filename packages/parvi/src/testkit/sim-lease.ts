// A lease that one owner at a time holds, for the strategy that decides by one. An owner that has ended without a word
// loses it after its time to live, as leases outside a simulation do.

/** How long the lease of an owner that ended is kept from others. */
export const leaseTimeToLiveMs = 20_000;

export class SimLease {
  #owner: string | undefined;
  readonly #denied = new Set<string>();

  get owner(): string | undefined {
    return this.#owner;
  }

  /** From now on the owner does not get it, as when it cannot reach the lease's store. */
  deny(owner: string): void {
    this.#denied.add(owner);
  }

  acquire(owner: string): boolean {
    if (this.#denied.has(owner)) return false;
    this.#owner ??= owner;
    return this.#owner === owner;
  }

  release(owner: string): void {
    if (this.#owner === owner) this.#owner = undefined;
  }
}
