// Puts the configuration of a process together, once, at its start: defaults < object in code < file < environment <
// flags. What comes out is checked, frozen, and knows of each value where it came from.

import type { z } from 'zod';
import { type ConfigProblem, refuseProblems } from './errors.ts';
import { expectationOf, ownMessagesOnly } from './expectation.ts';
import { parseConfigFile, type ReadTextFile, readTextFile } from './file.ts';
import { type ParsedFlags, readFlags } from './flags.ts';
import {
  type ConfigSchema,
  environmentName,
  type OptionKind,
  type OptionLeaf,
  type OptionTree,
  optionTree,
} from './option-leaf.ts';
import { maskedText, shownValue, valueOfText } from './option-text.ts';
import {
  type ConfigOrigin,
  type EnvironmentRecord,
  originText,
  readEnvironment,
  readObject,
  type SourceEntry,
} from './sources.ts';

export const environmentPrefixDefault = 'PARVI';

/** What may be given in code: any part of what the schema takes. */
export type ConfigInput<S extends ConfigSchema> = PartialDeep<z.input<S>>;

type PartialDeep<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: PartialDeep<T[K]> | undefined }
    : T;

export interface ConfigSources<S extends ConfigSchema> {
  /** Values given in code. */
  readonly given?: ConfigInput<S>;
  /** Path of a JSON file; `--config` and `PARVI_CONFIG` name one too, and go before it. */
  readonly file?: string;
  readonly environment?: EnvironmentRecord;
  readonly flags?: Pick<ParsedFlags, 'flags' | 'file'>;
  /** Start of derived names in the environment. By default `PARVI`. */
  readonly environmentPrefix?: string;
  /** Variables with that prefix that are nobody's option and not refused. */
  readonly environmentIgnored?: readonly string[];
  /** Keys in files and flags, such as `http.port`, that are nobody's option and not refused. */
  readonly keysIgnored?: readonly string[];
  /** By default the file system. */
  readonly readFile?: ReadTextFile;
}

/** One option as it is in force; secrets are masked. */
export interface ConfigEntry {
  readonly key: string;
  readonly shown: string;
  readonly origin: ConfigOrigin;
  readonly effect: string;
}

export interface Config<S extends ConfigSchema> {
  /** The values, checked and frozen in depth. */
  readonly values: z.output<S>;
  /** Where the value of an option came from; the key is like `remote.port`. */
  origin(key: string): ConfigOrigin;
  /** All options in force, for people and logs. */
  entries(): ConfigEntry[];
}

/**
 * @throws ConfigError `CONFIG_KEY_UNKNOWN`, `CONFIG_VALUE_INVALID`, `CONFIG_FLAG_INVALID`, `CONFIG_FILE_UNREADABLE`,
 * `CONFIG_FILE_INVALID`; all that is wrong is told at once
 */
export function loadConfig<S extends ConfigSchema>(
  schema: S,
  sources: ConfigSources<S> = {},
): Config<S> {
  const prefix = sources.environmentPrefix ?? environmentPrefixDefault;
  const tree = optionTree(schema, prefix);
  const { entries: found, problems } = readSources(tree, sources, prefix);
  const inForce = new Map<string, SourceEntry>();
  for (const entry of found) inForce.set(entry.leaf.key, entry);
  const result = schema.safeParse(nested(tree, inForce), { error: ownMessagesOnly });
  const issues = result.error?.issues ?? [];
  const ofValues = issues.map((issue) => valueProblem(schema, issue, { tree, inForce }));
  const told = new Set(problems.map(({ key }) => key));
  refuseProblems([...problems, ...ofValues.filter(({ key }) => !told.has(key))]);
  const values = frozen(result.data) as z.output<S>;
  const origin = (key: string): ConfigOrigin => inForce.get(key)?.origin ?? { kind: 'default' };
  const entries = (): ConfigEntry[] =>
    tree.leaves.map((leaf) => ({
      key: leaf.key,
      shown: shownOption(leaf, values),
      origin: origin(leaf.key),
      effect: leaf.effect,
    }));
  byValues.set(values, { entries });
  return { values, origin, entries };
}

/** Programs hand on no more than the values. */
const byValues = new WeakMap<object, Pick<Config<ConfigSchema>, 'entries'>>();

/** What these values were loaded as; `undefined` for copies and others. */
export function configOf(values: object): Pick<Config<ConfigSchema>, 'entries'> | undefined {
  return byValues.get(values);
}

function readSources<S extends ConfigSchema>(
  tree: OptionTree,
  sources: ConfigSources<S>,
  prefix: string,
): { entries: SourceEntry[]; problems: ConfigProblem[] } {
  const { environment = {}, keysIgnored = [] } = sources;
  const fileVariable = environmentName(prefix, ['config']);
  const named = environment[fileVariable] === '' ? undefined : environment[fileVariable];
  const path = sources.flags?.file ?? named ?? sources.file;
  const inFile =
    path === undefined ? undefined : parseConfigFile(path, sources.readFile ?? readTextFile);
  const readings = [
    readObject(tree, sources.given, { kind: 'code' }),
    readObject(tree, inFile, { kind: 'file', path: path ?? '' }),
    readEnvironment(tree, environment, {
      prefix,
      ignored: new Set([fileVariable, ...(sources.environmentIgnored ?? [])]),
    }),
    readFlags(tree, sources.flags ?? { flags: [] }),
  ];
  return {
    entries: readings.flatMap((reading) => reading.entries),
    problems: readings
      .flatMap((reading) => reading.problems)
      .filter(({ code, key }) => code !== 'CONFIG_KEY_UNKNOWN' || !keysIgnored.includes(key)),
  };
}

/** The values as a nested object. Sections that may be absent are there only when something is in them. */
function nested(tree: OptionTree, inForce: ReadonlyMap<string, SourceEntry>): unknown {
  const root: Record<string, unknown> = {};
  const sectionAt = (path: readonly string[]): Record<string, unknown> => {
    let part = root;
    for (const name of path) {
      part[name] ??= {};
      part = part[name] as Record<string, unknown>;
    }
    return part;
  };
  for (const [key, { optional }] of tree.sections) {
    const insideOptional = [...tree.sections].some(
      ([other, section]) => section.optional && key.startsWith(`${other}.`),
    );
    if (!optional && !insideOptional) sectionAt(key.split('.'));
  }
  for (const { leaf, value } of inForce.values()) {
    sectionAt(leaf.path.slice(0, -1))[leaf.path.at(-1) as string] = value;
  }
  return root;
}

function valueProblem(
  schema: ConfigSchema,
  issue: z.core.$ZodIssue,
  { tree, inForce }: { tree: OptionTree; inForce: ReadonlyMap<string, SourceEntry> },
): ConfigProblem {
  const path = issue.path.map(String).join('.');
  const leaf = tree.leaves.find((one) => path === one.key || path.startsWith(`${one.key}.`));
  const key = leaf?.key ?? path;
  const entry = leaf === undefined ? undefined : inForce.get(leaf.key);
  const expected = expectationOf(schema, issue.path) ?? 'something else';
  const within = path === key ? '' : `"${path}" `;
  const said = issue.message === '' ? `${within}must be ${expected}` : issue.message;
  const isQuoted = entry !== undefined && fitsWithoutQuotes(schema, entry, { tree, inForce });
  const reason = isQuoted ? `${said}; write it without quotes` : said;
  return { code: 'CONFIG_VALUE_INVALID', key, message: problemText({ key, leaf, entry, reason }) };
}

const kindsWithoutQuotes: readonly OptionKind[] = ['number', 'integer', 'boolean'];

/** Whether a text of code or a file stands for a number or a switch that the option would take. */
function fitsWithoutQuotes(
  schema: ConfigSchema,
  entry: SourceEntry,
  { tree, inForce }: { tree: OptionTree; inForce: ReadonlyMap<string, SourceEntry> },
): boolean {
  const { leaf, value: text } = entry;
  if (typeof text !== 'string' || !kindsWithoutQuotes.includes(leaf.kind)) return false;
  const value = valueOfText(leaf, text);
  if (typeof value === 'string' || String(value) !== text) return false;
  const { error } = schema.safeParse(
    nested(tree, new Map(inForce).set(leaf.key, { ...entry, value })),
  );
  return error?.issues.every(({ path }) => path.join('.') !== leaf.key) ?? true;
}

function problemText(problem: {
  readonly key: string;
  readonly leaf: OptionLeaf | undefined;
  readonly entry: SourceEntry | undefined;
  readonly reason: string;
}): string {
  const { key, leaf, entry, reason } = problem;
  if (leaf !== undefined && entry === undefined) {
    const names = leaf.environmentNames.map((name) => `"${name}"`).join(' or ');
    return `Cannot do without the option "${key}": give it in code, in the configuration file, as environment variable ${names} or as flag "--${key}"`;
  }
  if (leaf === undefined || entry === undefined) {
    return `Cannot use the options of "${key}" together: ${reason}`;
  }
  const shown = leaf.secret ? maskedText : shownValue(entry.value);
  return `Cannot use the value "${shown}" of "${key}" ${originText(entry.origin)}: ${reason}`;
}

function shownOption(leaf: OptionLeaf, values: unknown): string {
  let value = values;
  for (const name of leaf.path) {
    value = (value as Readonly<Record<string, unknown>> | undefined)?.[name];
  }
  if (value === undefined) return '';
  return leaf.secret ? maskedText : shownValue(value);
}

/** Freezes plain objects and lists in depth; other values (ports handed in, dates) are left alone. */
function frozen(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== Array.prototype && prototype !== null) {
    return value;
  }
  for (const inner of Object.values(value)) frozen(inner);
  return Object.freeze(value);
}
