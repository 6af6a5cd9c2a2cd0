// The one table that ties message types to classes of a JVM. A message here is `{ type, ...fields }`; there it is an object
// of a class whose name is the manifest. Only classes in this table are read: nothing is ever built from a name that came
// over the wire.

import { assert } from '../runtime/index.ts';
import { HeaderText } from './header-text.ts';

export interface MessageType {
  /** Value of the `type` field; unique in the table. */
  readonly type: string;
  /** Binary name of the JVM class, such as `com.acme.Counter$Increment`; unique in the table. */
  readonly class: string;
  /** How it is written; both are read. Default `cbor`. */
  readonly format?: 'cbor' | 'json';
  /** Fields that hold refs (or lists of refs): the JVM writes them as plain path texts. */
  readonly refs?: readonly string[];
  /** Version of the fields, as in Jackson's migrations; written into the manifest when above 1. Default 1. */
  readonly version?: number;
  /** Brings fields of an older version to the current one. Without it older ones are taken as they are. */
  readonly migrate?: (
    fields: Readonly<Record<string, unknown>>,
    version: number,
  ) => Readonly<Record<string, unknown>>;
}

/** A message type with what writing and reading needs ready. */
export interface BoundType {
  readonly type: string;
  readonly manifest: HeaderText;
  readonly json: boolean;
  readonly refs: readonly string[];
  readonly version: number;
  readonly migrate: MessageType['migrate'];
}

export class MessageTypeTable {
  readonly #byType = new Map<string, BoundType>();
  readonly #byClass = new Map<string, BoundType>();

  constructor(types: readonly MessageType[]) {
    for (const entry of types) {
      const { type, class: className, format = 'cbor', refs = [], version = 1, migrate } = entry;
      assert(!this.#byType.has(type), `the message type "${type}" stands in the table once`);
      assert(!this.#byClass.has(className), `the class "${className}" stands in the table once`);
      const manifest = new HeaderText(version > 1 ? `${className}#${version}` : className);
      const bound = { type, manifest, json: format === 'json', refs, version, migrate };
      this.#byType.set(type, bound);
      this.#byClass.set(className, bound);
    }
  }

  /** The entry for a message that is about to be written; `undefined` when its type is not mapped. */
  ofMessage(message: object): BoundType | undefined {
    if (this.#byType.size === 0) return undefined;
    const { type } = message as { type?: unknown };
    return typeof type === 'string' ? this.#byType.get(type) : undefined;
  }

  ofClass(className: string): BoundType | undefined {
    return this.#byClass.get(className);
  }
}
