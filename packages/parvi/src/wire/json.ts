// JSON in Jackson's dialect. Whole numbers beyond 2^53 stay exact both ways, bytes are base64 text, refs are path
// texts. Reading never builds anything but plain data.

import { standIn } from './cbor-writer.ts';
import { shortText, WireError } from './errors.ts';
import { tooLong, wholeNumberDigitsMax } from './internal/whole-numbers.ts';
import { wireLimitsDefaults } from './options.ts';
import { isRefLike, refText } from './ref-text.ts';

const longNumber = /[0-9]{16}/;
const wholeNumber = /^-?[0-9]+$/;
const fatalDecoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads UTF-8 JSON; whole numbers that a double cannot hold become bigints.
 *
 * @throws WireError `PAYLOAD_MALFORMED`, `PAYLOAD_TOO_LARGE` (nesting)
 */
export function readJson(
  bytes: Uint8Array,
  depthMax: number = wireLimitsDefaults.depthMax,
): unknown {
  try {
    const text = fatalDecoder.decode(bytes);
    checkDepth(text, depthMax);
    return longNumber.test(text) ? JSON.parse(text, exactNumber) : JSON.parse(text);
  } catch (error) {
    if (error instanceof WireError) throw error;
    const cause = shortText(error instanceof Error ? error.message : String(error));
    throw new WireError('PAYLOAD_MALFORMED', `Cannot read JSON: ${cause}`, { cause: error });
  }
}

/** @throws WireError `VALUE_NOT_SERIALIZABLE` */
export function jsonText(value: unknown, depthMax: number = wireLimitsDefaults.depthMax): string {
  return write(value, depthMax) ?? 'null';
}

/** JSON of a message without the field that names its type. */
export function jsonFieldsText(message: object, leftOut: string): string {
  const fields = Object.entries(message).filter(([key]) => key !== leftOut);
  return writeFields(fields, wireLimitsDefaults.depthMax);
}

/** `context` is what engines with source text access hand over; older ones leave the rounded number. */
function exactNumber(
  _key: string,
  value: unknown,
  context?: { readonly source?: string },
): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context?.source;
  if (source === undefined || !wholeNumber.test(source)) return value;
  if (source.length > wholeNumberDigitsMax) throw tooLong('JSON');
  return BigInt(source);
}

/** `undefined` for what JSON leaves out. */
function write(value: unknown, depthLeft: number): string | undefined {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return numberText(value);
    case 'boolean':
      return String(value);
    case 'bigint':
      return bigintText(value);
    case 'undefined':
      return undefined;
    case 'object':
      return value === null ? 'null' : writeObject(value, depthLeft);
    default:
      throw new WireError(
        'VALUE_NOT_SERIALIZABLE',
        `Cannot send a ${typeof value} in a message: only plain data crosses the wire`,
      );
  }
}

function bigintText(value: bigint): string {
  const text = String(value);
  if (text.length <= wholeNumberDigitsMax) return text;
  throw new WireError(
    'VALUE_NOT_SERIALIZABLE',
    `Cannot send a whole number of more than ${wholeNumberDigitsMax} digits in a message`,
  );
}

/** A double that is whole but not exact gets a fraction, so that it is read as a double again. */
function numberText(value: number): string {
  if (!Number.isFinite(value)) return `"${value}"`;
  const text = Object.is(value, -0) ? '-0.0' : JSON.stringify(value);
  return Number.isInteger(value) && !Number.isSafeInteger(value) && wholeNumber.test(text)
    ? `${text}.0`
    : text;
}

function writeObject(value: object, depthLeft: number): string | undefined {
  if (depthLeft === 0) {
    throw new WireError(
      'VALUE_NOT_SERIALIZABLE',
      'Cannot write a value nested that deep, or one that contains itself',
    );
  }
  if (isRefLike(value)) return JSON.stringify(value[refText]());
  if (Array.isArray(value) || value instanceof Set) {
    const items = [...value].map((item: unknown) => write(item, depthLeft - 1) ?? 'null');
    return `[${items.join(',')}]`;
  }
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString('base64'));
  if (value instanceof Map) {
    const fields = [...value].map(([key, field]): [string, unknown] => [String(key), field]);
    return writeFields(fields, depthLeft - 1);
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    return write(standIn(value), depthLeft - 1);
  }
  return writeFields(Object.entries(value), depthLeft - 1);
}

function writeFields(fields: readonly (readonly [string, unknown])[], depthLeft: number): string {
  const parts: string[] = [];
  for (const [key, field] of fields) {
    const text = write(field, depthLeft);
    if (text !== undefined) parts.push(`${JSON.stringify(key)}:${text}`);
  }
  return `{${parts.join(',')}}`;
}

/** Brackets outside of strings; the engine's parser itself knows no limit but its stack. */
function checkDepth(text: string, depthMax: number): void {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === 0x5c) i++;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) {
      inString = true;
    } else if (code === 0x5b || code === 0x7b) {
      if (++depth > depthMax) {
        throw new WireError(
          'PAYLOAD_TOO_LARGE',
          `Cannot read JSON: it is nested deeper than ${depthMax} levels`,
          { fields: { depthMax } },
        );
      }
    } else if (code === 0x5d || code === 0x7d) {
      depth--;
    }
  }
}
