// One of each per actor system: how the layers above hang their services on it.

import type { ActorSystem } from './system.ts';

/** Names an extension and carries its type. Compared by identity. */
export class ExtensionKey<T> {
  readonly name: string;
  declare readonly extensionOf: (extension: T) => T;

  constructor(name: string) {
    this.name = name;
  }
}

export function extensionKey<T>(name: string): ExtensionKey<T> {
  return new ExtensionKey<T>(name);
}

export class Extensions {
  readonly #system: ActorSystem;
  readonly #created = new Map<unknown, unknown>();

  constructor(system: ActorSystem) {
    this.#system = system;
  }

  get<T>(key: ExtensionKey<T>): T | undefined {
    return this.#created.get(key) as T | undefined;
  }

  getOrCreate<T>(key: ExtensionKey<T>, create: (system: ActorSystem) => T): T {
    if (!this.#created.has(key)) this.#created.set(key, create(this.#system));
    return this.#created.get(key) as T;
  }
}
