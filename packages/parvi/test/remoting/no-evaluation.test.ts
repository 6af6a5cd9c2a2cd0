// Nothing that comes over the wire is ever run: there is nothing in the toolkit that could run a text.

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const sources = new URL('../../src/', import.meta.url);

const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter(
  (path) => /\.(ts|js)$/.test(path) && !/\.(test|d)\.ts$/.test(path),
);

/** What makes code, loads code, or reaches a prototype, each as it would be written. */
const makers: readonly RegExp[] = [
  /\beval\s*\(/,
  /\bFunction\s*\(/,
  /['"]node:(vm|module|child_process|inspector|repl|v8)['"]/,
  /\brequire\s*\(/,
  // A module by a name that stands in the source is no more than a late import.
  /\bimport\s*\((?!\s*'[^']+',?\s*\))/,
  /\bsetTimeout\s*\(\s*['"`]/,
  /\bcreateRequire\b/,
  /\bsetPrototypeOf\b/,
  /\.__proto__\b/,
];

describe('the toolkit', () => {
  it('has many files, and each is looked at', () => {
    expect(files.length).toBeGreaterThan(150);
    const isCaught = (text: string) => makers.some((maker) => maker.test(text));
    expect(isCaught('const run = new Function (text)')).toBe(true);
    expect(['import(name)', "import('node:vm')", "import('./a' + b)"].map(isCaught)).toEqual([
      true,
      true,
      true,
    ]);
    expect(isCaught("await import('./tls-files.ts')")).toBe(false);
  });

  it('cannot run a text, load code by a name, or replace a prototype', () => {
    const found = files.flatMap((path) => {
      const text = readFileSync(new URL(path, sources), 'utf8');
      const code = text.replace(/^\s*(\/\/|\*|\/\*).*$/gm, '');
      return makers.filter((maker) => maker.test(code)).map((maker) => `${path}: ${maker}`);
    });
    expect(found).toEqual([]);
  });
});
