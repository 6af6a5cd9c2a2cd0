// Where option values come from: an object in code, a file, the environment, flags. Each source gives the same thing:
// values by key with their origin, and what it has that is no option.

import { isServiceLink, variableText } from '../runtime/index.ts';
import type { ConfigProblem } from './errors.ts';
import { nearest } from './nearest.ts';
import type { OptionLeaf, OptionTree } from './option-leaf.ts';
import { listItems, valueOfText } from './option-text.ts';

/** Where a value came from. */
export type ConfigOrigin =
  | { readonly kind: 'default' }
  | { readonly kind: 'code' }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'environment'; readonly name: string }
  | { readonly kind: 'flag'; readonly name: string };

export interface SourceEntry {
  readonly leaf: OptionLeaf;
  readonly value: unknown;
  readonly origin: ConfigOrigin;
}

export interface SourceReading {
  readonly entries: SourceEntry[];
  readonly problems: ConfigProblem[];
}

export type EnvironmentRecord = Readonly<Record<string, string | undefined>>;

/** The origin in a sentence: `from the file parvi.json`. */
export function originText(origin: ConfigOrigin): string {
  switch (origin.kind) {
    case 'default':
      return 'by default';
    case 'code':
      return 'given in code';
    case 'file':
      return `from the file ${origin.path}`;
    case 'environment':
      return `from the environment variable ${origin.name}`;
    case 'flag':
      return `from the flag ${origin.name}`;
  }
}

/** Values of a nested object, as code and files have them. Members that are `undefined` count as not given. */
export function readObject(tree: OptionTree, given: unknown, origin: ConfigOrigin): SourceReading {
  const reading: SourceReading = { entries: [], problems: [] };
  const leaves = new Map(tree.leaves.map((leaf) => [leaf.key, leaf]));
  const visit = (part: unknown, path: string): void => {
    if (!isRecord(part)) {
      const where = path === '' ? 'the configuration' : `the section "${path}"`;
      reading.problems.push({
        code: 'CONFIG_VALUE_INVALID',
        key: path,
        message: `Cannot use ${where} ${originText(origin)}: it must be an object with options in it`,
      });
      return;
    }
    for (const [name, value] of Object.entries(part)) {
      const key = path === '' ? name : `${path}.${name}`;
      const leaf = leaves.get(key);
      if (value === undefined || key === '$schema') continue;
      if (leaf !== undefined) reading.entries.push({ leaf, value, origin });
      else if (tree.sections.has(key)) visit(value, key);
      else
        reading.problems.push(unknownKey(key, [...leaves.keys(), ...tree.sections.keys()], origin));
    }
  };
  if (given !== undefined) visit(given, '');
  return reading;
}

/**
 * Values of environment variables, empty ones counting as not set. A list may also be given item by item, as `NAME.0`
 * or `NAME_0` and so on.
 */
export function readEnvironment(
  tree: OptionTree,
  environment: EnvironmentRecord,
  options: { readonly prefix: string; readonly ignored: ReadonlySet<string> },
): SourceReading {
  const reading: SourceReading = { entries: [], problems: [] };
  const used = new Set<string>();
  for (const leaf of tree.leaves) {
    const found = leaf.environmentNames
      .map((name) => environmentText(leaf, name, environment, used))
      .find((one) => one !== undefined);
    if (found === undefined) continue;
    const origin = { kind: 'environment', name: found.name } as const;
    reading.entries.push({ leaf, value: valueOfText(leaf, found.text), origin });
  }
  const names = tree.leaves.flatMap((leaf) => leaf.environmentNames.slice(0, 1));
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith(`${options.prefix}_`) || used.has(name) || names.includes(name)) continue;
    if (options.ignored.has(name) || isServiceLink(name, text ?? '')) continue;
    reading.problems.push(unknownKey(name, names, { kind: 'environment', name }));
  }
  return reading;
}

function environmentText(
  leaf: OptionLeaf,
  name: string,
  environment: EnvironmentRecord,
  used: Set<string>,
): { readonly name: string; readonly text: string } | undefined {
  const items = leaf.kind === 'list' ? numberedItems(name, environment) : [];
  for (const item of items) used.add(item.name);
  const text = variableText(environment, name);
  if (text !== undefined) return { name, text };
  const [first] = items;
  if (first === undefined) return undefined;
  return { name: first.name, text: items.flatMap((item) => listItems(item.text)).join(',') };
}

interface NumberedItem {
  readonly name: string;
  readonly number: number;
  readonly text: string;
}

/** `NAME.0`, `NAME_0`, … by number; of two spellings of one number the one with the dot counts. */
function numberedItems(name: string, environment: EnvironmentRecord): NumberedItem[] {
  const byNumber = new Map<number, NumberedItem>();
  for (const [variable, value] of Object.entries(environment)) {
    if (!variable.startsWith(name)) continue;
    const match = /^[._](\d{1,4})$/.exec(variable.slice(name.length));
    const text = value?.trim() ?? '';
    if (match === null || text === '') continue;
    const number = Number(match[1]);
    const known = byNumber.get(number);
    if (known?.name.includes('.') !== true) byNumber.set(number, { name: variable, number, text });
  }
  return [...byNumber.values()].sort((a, b) => a.number - b.number);
}

export function unknownKey(
  key: string,
  names: readonly string[],
  origin: ConfigOrigin,
): ConfigProblem {
  const meant = nearest(key, names);
  const hint = meant === undefined ? '' : `; did you mean "${meant}"?`;
  const where = origin.kind === 'environment' ? 'from the environment' : originText(origin);
  return {
    code: 'CONFIG_KEY_UNKNOWN',
    key,
    message: `Cannot use "${key}" ${where}: there is no such option${hint}`,
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
