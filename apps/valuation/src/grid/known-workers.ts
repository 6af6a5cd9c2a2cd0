// The workers that a controller has met, and those that jobs name which came from another controller.

import type { NamedWorker } from './hand-over/job-document.ts';
import type { Peer, WorkerMessage } from './protocol.ts';

interface KnownWorker {
  readonly peer: Peer<WorkerMessage>;
  readonly address: string;
  readonly threads: number;
  readonly reserve: boolean;
}

/** By id; gone ones are kept while jobs name them. */
export class KnownWorkers {
  readonly #met = new Map<string, KnownWorker>();
  readonly #heardOf = new Map<string, NamedWorker>();

  get(id: string): KnownWorker | undefined {
    return this.#met.get(id);
  }

  has(id: string): boolean {
    return this.#met.has(id);
  }

  set(id: string, worker: KnownWorker): void {
    this.#met.set(id, worker);
  }

  /** Those met at an address. */
  at(address: string): string[] {
    return [...this.#met].filter(([, known]) => known.address === address).map(([id]) => id);
  }

  hearOf(workers: readonly NamedWorker[]): void {
    for (const worker of workers) this.#heardOf.set(worker.id, worker);
  }

  /** A worker nobody knows any more is called by its id. */
  named(id: string): NamedWorker {
    const { address = id, threads = 1 } = this.#met.get(id) ?? this.#heardOf.get(id) ?? {};
    return { id, address, threads };
  }

  keepOnly(ids: ReadonlySet<string>): void {
    for (const map of [this.#met, this.#heardOf]) {
      for (const id of map.keys()) if (!ids.has(id)) map.delete(id);
    }
  }
}
