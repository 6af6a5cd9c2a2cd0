// What can be fuzzed: a decoder with everything that must hold for any bytes.

import { isDeepStrictEqual } from 'node:util';
import { AssertionFailedError } from '../../src/runtime/index.ts';
import { WireError } from '../../src/wire/index.ts';

export interface FuzzTarget {
  readonly name: string;
  readonly seeds: () => readonly Uint8Array[];
  /** Called before each group of inputs, for targets that need something started. */
  readonly prepare?: () => Promise<void>;
  /** Reads the input. Throws only for what is a bug. `thorough` asks for checks that are too dear for each input. */
  readonly run: (input: Uint8Array, thorough: boolean) => void;
  /** Most bytes that reading that many bytes may allocate, garbage included. */
  readonly memoryMax: (inputBytes: number) => number;
}

/** An object for each byte of input, and what errors and caches take. */
export const plainMemoryMax = (inputBytes: number): number => 2_000_000 + inputBytes * 600;

export interface Refusal {
  readonly refusedWith: string;
}

export function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && 'refusedWith' in value;
}

/** The value, or the code of the typed error; anything else that is thrown passes through. */
export function valueOrRefusal<T>(read: () => T): T | Refusal {
  try {
    return read();
  } catch (error) {
    if (error instanceof WireError) return { refusedWith: error.code };
    throw error;
  }
}

export function mustHold(condition: boolean, sentence: string): void {
  if (!condition) throw new Error(`Broken: ${sentence}`);
}

/** Fails unless both readers say the same. */
export function mustAgree(a: unknown, b: unknown, sentence: string): void {
  mustHold(isDeepStrictEqual(a, b), sentence);
}

/**
 * What was read can be written, and from then on reading and writing change nothing. A value that may be read and not
 * written (nested too deep together with what the writer adds, or bound to what a sender must not send) is left out.
 */
export function mustSettle<T>(
  read: (bytes: Uint8Array) => T,
  write: (value: T) => Uint8Array,
  input: Uint8Array,
): void {
  const value = valueOrRefusal(() => read(input));
  if (isRefusal(value)) return;
  const bytes = writable(() => write(value));
  if (bytes === undefined) return;
  const again = valueOrRefusal(() => read(bytes));
  if (isRefusal(again)) {
    mustHold(
      again.refusedWith === 'PAYLOAD_TOO_LARGE',
      `what we write is read, not ${again.refusedWith}`,
    );
    return;
  }
  const bytesAgain = writable(() => write(again));
  if (bytesAgain === undefined) return;
  mustHold(
    Buffer.compare(bytes, bytesAgain) === 0,
    'writing what was read from us gives the same bytes',
  );
}

function writable(write: () => Uint8Array): Uint8Array | undefined {
  try {
    return write();
  } catch (error) {
    if (error instanceof WireError && error.code === 'VALUE_NOT_SERIALIZABLE') return undefined;
    if (error instanceof AssertionFailedError && /an InitJoin names/.test(error.message))
      return undefined;
    throw error;
  }
}
