// The options that a program has given in code, for management to show where no configuration was loaded.

import { type ConfigEntry, shownValue } from './config/index.ts';
import type { StartOptions } from './start-options.ts';

/** Ports of the node rather than options; or what shows options. */
const ports: ReadonlySet<string> = new Set(['management.config', 'management.logControl']);
/** Deeper than any option is; an object that holds itself ends too. */
const depthMax = 6;
/** In place of functions, instances of classes, and objects that have a function: what is in these is the program's own. */
const madeInCode = '(made in code)';

/** Each value that is given, by its name in code; defaults are not among them. */
export function givenEntries(options: StartOptions): ConfigEntry[] {
  return entriesOf(options, []);
}

function entriesOf(section: object, path: readonly string[]): ConfigEntry[] {
  return Object.entries(section).flatMap(([name, value]) => {
    const inner = [...path, name];
    const key = inner.join('.');
    if (value === undefined || ports.has(key)) return [];
    if (isSection(value) && inner.length < depthMax) return entriesOf(value, inner);
    return { key, shown: shownIn(value), origin: { kind: 'code' }, effect: '' };
  });
}

function shownIn(value: unknown): string {
  if (Array.isArray(value)) return value.map(shownIn).join(',');
  return isPlain(value) ? shownValue(value) : madeInCode;
}

const isPlain = (value: unknown): boolean =>
  value === null || !['object', 'function', 'symbol'].includes(typeof value);

function isSection(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  return !Object.values(value).some((inner) => typeof inner === 'function');
}
