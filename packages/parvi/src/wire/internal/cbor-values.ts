// The parts of reading CBOR that need no position: a field that must not be assigned, and number formats that JavaScript lacks.

import { tooLong, wholeNumberBytesMax } from './whole-numbers.ts';

/** A field of any name as the object's own; assigning `__proto__` would change what the object inherits. */
export function define(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

/** A whole number of any width; a plain number where that loses nothing. @throws WireError `PAYLOAD_TOO_LARGE` */
export function bignumOf(bytes: Uint8Array, negative: boolean): number | bigint {
  if (bytes.length > wholeNumberBytesMax) throw tooLong('CBOR');
  const magnitude = bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  const value = negative ? -1n - magnitude : magnitude;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Jackson's BigDecimal: an exponent of ten and a whole number. The nearest double is what a number can hold. */
export function decimalOf(value: unknown): unknown {
  if (!Array.isArray(value) || value.length !== 2) return value;
  const [exponent, mantissa] = value as unknown[];
  if (typeof exponent !== 'number') return value;
  if (typeof mantissa !== 'number' && typeof mantissa !== 'bigint') return value;
  return Number(`${mantissa}e${exponent}`);
}

export function halfOf(bits: number): number {
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  const sign = bits >>> 15 === 0 ? 1 : -1;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
