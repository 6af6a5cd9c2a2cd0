// A schema seen as a flat list of options: key, kind, default, what it does, and under which names it can be set.

import type { z } from 'zod';
import { assert } from '../runtime/index.ts';

/** How the text of an option from a flag or the environment is read. */
export type OptionKind =
  | 'text'
  | 'number'
  | 'integer'
  | 'boolean'
  | 'choice'
  | 'duration'
  | 'list'
  | 'map';

export interface OptionLeaf {
  /** `remote.bindHost` */
  readonly key: string;
  readonly path: readonly string[];
  readonly kind: OptionKind;
  /** What it does, for people. */
  readonly effect: string;
  /** The values of a choice. */
  readonly choices: readonly string[];
  /** The kind of a list's items or a map's values. */
  readonly itemKind: OptionKind | undefined;
  /** `undefined` when there is none. */
  readonly defaultValue: unknown;
  /** What to show instead of the default. */
  readonly defaultText: string | undefined;
  /** Must be given: no default and not optional. */
  readonly required: boolean;
  readonly secret: boolean;
  /** Names in the environment, the derived one first. */
  readonly environmentNames: readonly string[];
}

export interface OptionTree {
  readonly leaves: readonly OptionLeaf[];
  /** Keys of sections, so that a value where a section belongs is told apart from an unknown key. */
  readonly sections: ReadonlyMap<string, { readonly effect: string; readonly optional: boolean }>;
}

export type ConfigSchema = z.ZodObject;

interface Unwrapped {
  readonly inner: z.core.$ZodType;
  readonly defaultValue: unknown;
  readonly required: boolean;
  readonly effect: string | undefined;
  readonly secret: boolean;
  readonly defaultText: string | undefined;
  readonly names: readonly string[];
}

/** All options of a schema of nested objects. */
export function optionTree(schema: ConfigSchema, environmentPrefix: string): OptionTree {
  const leaves: OptionLeaf[] = [];
  const sections = new Map<string, { effect: string; optional: boolean }>();
  const visit = (shape: Readonly<Record<string, z.core.$ZodType>>, path: string[]): void => {
    for (const [name, part] of Object.entries(shape)) {
      const partPath = [...path, name];
      const unwrapped = unwrap(part);
      const { inner } = unwrapped;
      if (isObject(inner)) {
        const effect = unwrapped.effect ?? '';
        sections.set(partPath.join('.'), { effect, optional: !unwrapped.required });
        visit(inner._zod.def.shape, partPath);
      } else {
        leaves.push(leafOf(partPath, unwrapped, environmentPrefix));
      }
    }
  };
  visit(schema.shape, []);
  return { leaves, sections };
}

/** `remote.bindHost` is `PARVI_REMOTE_BIND_HOST`. */
export function environmentName(prefix: string, path: readonly string[]): string {
  const words = path.map((name) => name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase());
  return [prefix, ...words].join('_');
}

function leafOf(path: string[], unwrapped: Unwrapped, prefix: string): OptionLeaf {
  const key = path.join('.');
  assert(
    unwrapped.effect !== undefined && unwrapped.effect !== '',
    `the option "${key}" says what it does, by describe()`,
  );
  return {
    key,
    path,
    kind: kindOf(unwrapped.inner),
    effect: unwrapped.effect,
    choices: choicesOf(unwrapped.inner),
    itemKind: itemKindOf(unwrapped.inner),
    defaultValue: unwrapped.defaultValue,
    defaultText: unwrapped.defaultText,
    required: unwrapped.required,
    secret: unwrapped.secret,
    environmentNames: [environmentName(prefix, path), ...unwrapped.names],
  };
}

/** Takes defaults, optional marks and transforms off, and collects what they say. */
function unwrap(schema: z.core.$ZodType): Unwrapped {
  const found = {
    defaultValue: undefined as unknown,
    required: true,
    effect: undefined as string | undefined,
    secret: false,
    defaultText: undefined as string | undefined,
    names: [] as readonly string[],
  };
  let inner = schema;
  for (;;) {
    const meta = (inner as z.ZodType).meta();
    found.effect ??= meta?.description;
    found.secret ||= meta?.secret === true;
    found.defaultText ??= meta?.defaultText;
    if (meta?.names !== undefined && found.names.length === 0) found.names = meta.names;
    const def = (inner as z.core.$ZodTypes)._zod.def;
    if (def.type === 'default' || def.type === 'prefault') {
      found.defaultValue = def.defaultValue;
      found.required = false;
      inner = def.innerType;
    } else if (def.type === 'optional' || def.type === 'nullable' || def.type === 'readonly') {
      found.required &&= def.type !== 'optional';
      inner = def.innerType;
    } else if (def.type === 'pipe') {
      inner = def.in;
    } else {
      return { inner, ...found };
    }
  }
}

function isObject(schema: z.core.$ZodType): schema is z.core.$ZodObject {
  return schema._zod.def.type === 'object';
}

function kindOf(schema: z.core.$ZodType): OptionKind {
  const def = (schema as z.core.$ZodTypes)._zod.def;
  switch (def.type) {
    case 'number':
      return (schema as z.ZodNumber).isInt ? 'integer' : 'number';
    case 'boolean':
      return 'boolean';
    case 'enum':
    case 'literal':
      return 'choice';
    case 'array':
      return 'list';
    case 'record':
      return 'map';
    case 'union':
      return def.options.some(isTimeLike) ? 'duration' : 'text';
    case 'string':
      return 'text';
    default:
      assert(false, `an option is made of a kind that can be read from text, not of ${def.type}`);
  }
}

/** A number, or a duration among other words such as `off`. */
function isTimeLike(option: z.core.$ZodType): boolean {
  const kind = kindOf(unwrap(option).inner);
  return kind === 'number' || kind === 'duration';
}

function choicesOf(schema: z.core.$ZodType): string[] {
  const def = (schema as z.core.$ZodTypes)._zod.def;
  if (def.type === 'enum') return Object.values(def.entries).map(String);
  return def.type === 'literal' ? def.values.map(String) : [];
}

function itemKindOf(schema: z.core.$ZodType): OptionKind | undefined {
  const def = (schema as z.core.$ZodTypes)._zod.def;
  if (def.type === 'array') return kindOf(unwrap(def.element).inner);
  return def.type === 'record' ? kindOf(unwrap(def.valueType).inner) : undefined;
}
