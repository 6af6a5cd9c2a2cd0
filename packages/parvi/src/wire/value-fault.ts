// Says which field of a message cannot be written. Writers keep no path, as that would cost every message; so a value that
// was refused is walked once more, and its leaves are tried one by one.

import { shortText, WireError } from './errors.ts';
import { isRefLike } from './ref-text.ts';

const plainName = /^[A-Za-z_$][\w$]*$/;

export interface FaultSearch {
  /** What the writer threw at the whole value. */
  readonly thrown: unknown;
  readonly depthMax: number;
  /** The value is an object of a mapped class: its fields are written whatever its prototype. */
  readonly fieldsOnly: boolean;
  /** Writes one value somewhere; throws as the writer of the whole does. */
  readonly attempt: (value: unknown) => void;
}

interface Fault {
  readonly path: string;
  readonly error: unknown;
}

/**
 * The error with the path of the field in its message and in `fields.path`, such as `order.lines[2].price`; as it was
 * when the value itself is at fault, or no field is when looked at again.
 */
export function locatedFault(value: unknown, search: FaultSearch): unknown {
  const { thrown } = search;
  const fault = new FaultWalk(search).find(value);
  if (fault === undefined || fault.path === '') return thrown;
  const path = shortText(fault.path);
  if (!(fault.error instanceof WireError)) {
    return new WireError(
      'VALUE_NOT_SERIALIZABLE',
      `Cannot write a message: its field "${path}" failed to be read`,
      { fields: { path }, cause: fault.error },
    );
  }
  const { code, message, fields, cause } = fault.error;
  const options = { fields: { ...fields, path }, cause };
  return new WireError(code, `${message}; it stands in the field "${path}"`, options);
}

class FaultWalk {
  readonly #search: FaultSearch;
  readonly #above = new Set<object>();

  constructor(search: FaultSearch) {
    this.#search = search;
  }

  find(value: unknown, path = ''): Fault | undefined {
    if (typeof value !== 'object' || value === null) return this.#ofLeaf(value, path);
    if (value instanceof Uint8Array || isRefLike(value)) return undefined;
    if (!isContainer(value) && !(path === '' && this.#search.fieldsOnly)) {
      return this.#ofLeaf(value, path);
    }
    if (this.#above.has(value) || this.#above.size >= this.#search.depthMax) {
      return { path, error: this.#search.thrown };
    }
    this.#above.add(value);
    const fault = this.#within(value, path);
    this.#above.delete(value);
    return fault;
  }

  #within(value: object, path: string): Fault | undefined {
    if (value instanceof Map) return this.#ofMap(value, path);
    if (Array.isArray(value) || value instanceof Set) {
      let index = 0;
      for (const item of value) {
        const fault = this.find(item, `${path}[${index++}]`);
        if (fault !== undefined) return fault;
      }
      return undefined;
    }
    for (const key in value) {
      const at = fieldPath(path, key);
      let field: unknown;
      try {
        field = (value as Record<string, unknown>)[key];
      } catch (error) {
        return { path: at, error };
      }
      const fault = this.find(field, at);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  #ofMap(value: ReadonlyMap<unknown, unknown>, path: string): Fault | undefined {
    let index = 0;
    for (const [key, entry] of value) {
      const name = typeof key === 'string' ? JSON.stringify(key) : `entry ${index}`;
      index++;
      const at = `${path}[${name}]`;
      const fault = this.find(key, at) ?? this.find(entry, at);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  #ofLeaf(value: unknown, path: string): Fault | undefined {
    if (isAlwaysWritten(value)) return undefined;
    try {
      // In a list, so that an object of a mapped class is not taken for a message of its own.
      this.#search.attempt([value]);
      return undefined;
    } catch (error) {
      return { path, error };
    }
  }
}

function isAlwaysWritten(value: unknown): boolean {
  const type = typeof value;
  return (
    type === 'string' ||
    type === 'number' ||
    type === 'boolean' ||
    type === 'undefined' ||
    value === null
  );
}

function isContainer(value: object): boolean {
  if (Array.isArray(value) || value instanceof Map || value instanceof Set) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function fieldPath(path: string, key: string): string {
  if (!plainName.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}
