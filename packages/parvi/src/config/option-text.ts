// Options written as text, as flags and environment variables have them, and values shown to people.

import type { OptionKind, OptionLeaf } from './option-leaf.ts';

const booleans: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['on', true],
  ['yes', true],
  ['1', true],
  ['false', false],
  ['off', false],
  ['no', false],
  ['0', false],
]);

/** The value that a text stands for. A text that does not fit stays as it is, for the schema to refuse. */
export function valueOfText(leaf: OptionLeaf, text: string): unknown {
  const trimmed = text.trim();
  if (leaf.kind === 'list') {
    const json = trimmed.startsWith('[') ? parsedJson(trimmed) : undefined;
    return json ?? listItems(trimmed).map((item) => scalar(leaf.itemKind ?? 'text', item));
  }
  if (leaf.kind === 'map') return mapOfText(leaf, trimmed);
  return scalar(leaf.kind, trimmed);
}

/** Parts of a list separated by commas; blanks around them and empty parts do not count. */
export function listItems(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function mapOfText(leaf: OptionLeaf, text: string): unknown {
  if (text.startsWith('{')) return parsedJson(text) ?? text;
  const entries: [string, unknown][] = [];
  for (const item of listItems(text)) {
    const at = item.indexOf('=');
    if (at <= 0) return text;
    entries.push([item.slice(0, at), scalar(leaf.itemKind ?? 'text', item.slice(at + 1))]);
  }
  return Object.fromEntries(entries);
}

function scalar(kind: OptionKind, text: string): unknown {
  if (kind === 'boolean') return booleans.get(text.toLowerCase()) ?? text;
  const numeric = kind === 'number' || kind === 'integer' || kind === 'duration';
  return numeric && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : text;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A value as people read it: text as it is, lists with commas, the rest as JSON. */
export function shownValue(value: unknown): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return withoutPasswords(value);
  if (Array.isArray(value)) return value.map(shownValue).join(',');
  if (typeof value === 'object' && value !== null) return withoutPasswords(JSON.stringify(value));
  return String(value);
}

/** What stands in place of a secret. */
export const maskedText = '********';

/**
 * Addresses may carry a name with a password, which goes as far as the last "@" (RFC 3986 section 3.2.1), or a token among
 * their parameters; no schema calls that a secret.
 */
const withoutPasswords = (text: string): string =>
  text
    .replace(/(:\/\/[^/?#\s:@"]*:)[^/?#\s"]+@/g, `$1${maskedText}@`)
    .replace(secretParameter, `$1${maskedText}`);

const secretParameter =
  /([?&#][\w.-]*(?:passw|passphrase|secret|token|credential|key|sig\b|signature)[\w.-]*=)[^&#\s",]+/gi;
