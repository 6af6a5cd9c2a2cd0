// A lease in memory: one thing that at most one of its owners holds at a time, taken away and refused as the test
// wishes. Stands for the store outside the cluster that a lease of production lives in.

import type { Lease } from '../cluster/index.ts';

interface Holder {
  readonly owner: string;
  readonly onLost: () => void;
}

/**
 * What the nodes of a test decide by when their strategy is `lease-majority`: hand each node `lease.for(its name)`.
 *
 * Promises: at most one owner holds it; asking again while holding it is granted. Does not expire by itself: an owner
 * that ends without giving it back holds it until {@link take}.
 */
export class MemoryLease {
  #holder: Holder | undefined;
  readonly #denied = new Set<string>();
  readonly #failing = new Set<string>();

  /** Who holds it now. */
  get owner(): string | undefined {
    return this.#holder?.owner;
  }

  /** The lease as that owner sees it. */
  for(owner: string): Lease {
    return {
      acquire: async (onLost) => {
        this.#reach(owner);
        if (this.#denied.has(owner)) return false;
        if (this.#holder !== undefined && this.#holder.owner !== owner) return false;
        this.#holder = { owner, onLost };
        return true;
      },
      release: async () => {
        this.#reach(owner);
        if (this.#holder?.owner === owner) this.#holder = undefined;
        return true;
      },
    };
  }

  /** From now on the owner is refused, as when somebody else holds it. */
  deny(owner: string): void {
    this.#denied.add(owner);
  }

  /** From now on the owner gets no answer but errors, as when it cannot reach the store. */
  cutOff(owner: string): void {
    this.#failing.add(owner);
  }

  /** Ends {@link deny} and {@link cutOff} for the owner. */
  allow(owner: string): void {
    this.#denied.delete(owner);
    this.#failing.delete(owner);
  }

  /** Takes it from whoever holds it, who is told, as when it could not be renewed in time. */
  take(): void {
    const holder = this.#holder;
    this.#holder = undefined;
    holder?.onLost();
  }

  #reach(owner: string): void {
    if (this.#failing.has(owner))
      throw new Error(`The store of the lease cannot be reached by "${owner}"`);
  }
}
