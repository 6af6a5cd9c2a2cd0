// The checkers of form on small examples: each must be able to find what it looks for, and let the rest be.

import { describe, expect, it } from 'vitest';
import { bannedFindings, formFindings } from './banned.ts';
import { catalogueFindings, documentedCodes, errorCodesOf } from './error-codes.ts';
import { layerFindings } from './layers.ts';
import { functionsOf, lengthFindings, longParts, parameterFindings } from './lengths.ts';
import { exportFindings, unreachedFiles } from './reach.ts';
import { importsOf, sourceFile } from './source-file.ts';
import { textFindings, titleFindings } from './texts.ts';

const toolkit = 'packages/parvi/src';

describe('the layer checker', () => {
  const findings = (path: string, specifier: string) =>
    layerFindings(sourceFile(path, `import { a } from '${specifier}';`));

  it.each([
    [`${toolkit}/cluster/gossip.ts`, '../remote/index.ts'],
    [`${toolkit}/cluster/split-brain/a.ts`, '../../wire/index.ts'],
    [`${toolkit}/cluster/split-brain/a.ts`, '../member.ts'],
    [`${toolkit}/cluster/a.ts`, './internal/b.ts'],
    [`${toolkit}/cluster/internal/a.ts`, './b.ts'],
    [`${toolkit}/persistence/a.ts`, '../remote/index.ts'],
    [`${toolkit}/actor/a.test.ts`, '../testkit/manual-time.ts'],
    [`${toolkit}/start.ts`, './cluster/index.ts'],
    [`${toolkit}/wire/a.ts`, 'zod'],
    ['apps/valuation/src/grid/a.ts', 'parvi/cluster'],
    ['apps/valuation/bin/a.mjs', '../../../scripts/b.mjs'],
    ['apps/valuation/src/grid/a.ts', '../pricing/index.ts'],
    ['apps/valuation/src/cli/a.ts', '../http/index.ts'],
    ['apps/valuation/test/a.ts', '../src/cli/main.ts'],
    ['apps/valuation/src/market/a.test.ts', '../pricing/index.ts'],
    [`${toolkit}/cluster/a.test.ts`, '../wire/fixtures/captures.ts'],
  ])('lets %s import %s', (path, specifier) => {
    expect(findings(path, specifier)).toEqual([]);
  });

  it.each([
    [`${toolkit}/wire/a.ts`, '../actor/index.ts', 'actor (layer 2) is not below wire (layer 1)'],
    [`${toolkit}/wire/a.ts`, '../config/index.ts', 'config (layer 1) is not below wire (layer 1)'],
    [`${toolkit}/remote/a.ts`, '../persistence/index.ts', 'is not below remote'],
    [`${toolkit}/actor/a.ts`, '../testkit/index.ts', 'testkit (layer 8) is not below actor'],
    [`${toolkit}/cluster/a.ts`, '../remote/phi-accrual.ts', 'through remote/index.ts'],
    [`${toolkit}/cluster/a.ts`, '../remote/internal/b.ts', 'internal/ is for its own folder'],
    [`${toolkit}/cluster/split-brain/a.ts`, '../../wire/cbor.ts', 'through wire/index.ts'],
    [`${toolkit}/actor/a.ts`, '../index.ts', 'the front door'],
    [`${toolkit}/actor/a.ts`, 'parvi/wire', 'paths are relative'],
    [`${toolkit}/actor/a.ts`, '../misc/index.ts', '"misc" is not in the list of layers'],
    [`${toolkit}/misc/a.ts`, '../actor/index.ts', '"misc" is not in the list of layers'],
    [`${toolkit}/start.ts`, './cluster/gossip.ts', 'through cluster/index.ts'],
    ['apps/valuation/src/grid/a.ts', '../../../../packages/parvi/src/index.ts', 'public names'],
    ['apps/valuation/src/grid/a.ts', 'parvi/internal/b.ts', 'internal/ is for its own folder'],
    ['apps/valuation/src/pricing/a.ts', '../grid/index.ts', 'grid comes after pricing'],
    [`${toolkit}/cluster/a.ts`, './fixtures/b.ts', 'for tests only'],
    [`${toolkit}/wire/a.test.ts`, '../cluster/fixtures/b.ts', 'is not below wire'],
    ['apps/valuation/src/misc/a.ts', '../grid/index.ts', '"misc" is not in the order'],
  ])('refuses that %s imports %s', (path, specifier, reason) => {
    expect(findings(path, specifier)).toEqual([expect.stringContaining(reason)]);
  });

  it('sees every form of import', () => {
    const text = `
      import './a.ts'; import type { B } from './b.ts'; export { c } from './c.ts'; export * from './d.ts';
      const e = await import('./e.ts'); type F = import('./f.ts').F; new URL('./g.ts', import.meta.url);
      new URL('/h.ts', 'http://example.org');`;
    const targets = importsOf(sourceFile('x/y.ts', text)).map((one) => one.target);
    expect(targets).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => `x/${name}.ts`));
  });
});

describe('the checker of banned calls', () => {
  const findings = (text: string, path = `${toolkit}/actor/a.ts`) =>
    bannedFindings(sourceFile(path, text));

  it.each([
    ['const a = Date.now();', 'Date.now: take a Clock'],
    ['const a = new Date();', 'uses Date: take a Clock'],
    ['const now = Date;', 'uses Date'],
    ['const a = new Date(Date.now());', 'uses Date.now'],
    ['performance.now();', 'performance.now: take a Clock'],
    ['Math.random();', 'Math.random: take a Random'],
    ['setTimeout(f, 1);', 'setTimeout: take the Timers'],
    ['globalThis.setTimeout(f, 1);', 'globalThis.setTimeout: take the Timers'],
    ['const { env } = process;', 'process: take the ProcessPort'],
    ['process.exit(1);', 'process.exit: take the ProcessPort'],
    ['console.log(1);', 'console.log: take a Logger'],
    ['queueMicrotask(f);', 'queueMicrotask: take the Turns'],
    ['const o = { process };', 'uses process'],
    ['const o = { now: Date.now };', 'uses Date.now'],
    ['function f(a = Date.now()) {}', 'uses Date.now'],
    ['class A { at = Date.now(); }', 'uses Date.now'],
    ['AbortSignal.timeout(5);', 'AbortSignal.timeout: take the Timers'],
    ["import process from 'node:process';", 'take the ProcessPort'],
    ["import { setTimeout } from 'node:timers/promises';", 'take the Timers'],
    ["import { randomUUID } from 'node:crypto';", 'take a Random'],
    ["import { connect } from 'node:net';", 'through a port'],
    ["import { readFile } from 'node:fs/promises';", 'through a port'],
  ])('finds %s', (text, reason) => {
    expect(findings(text)).toEqual([expect.stringContaining(reason)]);
  });

  it.each([
    'const midnight = Date.UTC(2026, 0, 1);',
    'const epoch = new Date(0);',
    'function f(process: ProcessPort) { process.exit(1); }',
    'const run = ({ process }: Ports) => process.exit(1);',
    'try { f(); } catch (console) { console.log(1); }',
    "import { process } from './a.ts'; process.exit(1);",
    'const o = { process: 1, setTimeout() {} }; o.process; o.setTimeout();',
    'interface A { date: Date; process(): void }',
    'function f(date: Date): Map<Date, Date> { return date as Date; }',
    'Math.floor(1.5);',
    '// process.exit(1)\nconst text = "console.log";',
    "import { createHash } from 'node:crypto';",
    'class A { console = 1; }',
  ])('lets be %s', (text) => {
    expect(findings(text)).toEqual([]);
  });

  it('does not take a name declared in one function for declared in another', () => {
    const text = 'function f(process: P) { process.exit(1); }\nfunction g() { process.exit(1); }';
    expect(findings(text)).toEqual([expect.stringContaining('a.ts:2 uses process.exit')]);
  });

  it('lets implementations of ports reach outside', () => {
    const text = "import { connect } from 'node:net';";
    expect(findings(text, `${toolkit}/remote/tcp-transport.ts`)).toEqual([]);
  });
});

describe('the checker of forms', () => {
  it.each([
    ["export * from './a.ts';", 'export *'],
    ['export default 1;', 'default export'],
    ['enum A { B }', 'enum'],
    ['const a = b as unknown as C;', 'casts through unknown'],
  ])('finds %s', (text, reason) => {
    expect(formFindings(sourceFile('a.ts', text))).toEqual([expect.stringContaining(reason)]);
  });

  it('lets named exports and single casts be', () => {
    const text = "export { a } from './a.ts'; export const b = c as unknown; const d = c as D;";
    expect(formFindings(sourceFile('a.ts', text))).toEqual([]);
  });
});

describe('the checker of lengths', () => {
  const lines = (count: number, line = 'f();') =>
    Array.from({ length: count }, () => line).join('\n');

  it('refuses long files unless accepted, and very long ones always', () => {
    const long = longParts(sourceFile('a.ts', lines(401)), false);
    expect(lengthFindings(long, {})).toEqual([
      'a.ts has 401 lines, more than 400: split it by mechanism',
    ]);
    expect(lengthFindings(long, { 'a.ts': 401 })).toEqual([]);
    const veryLong = longParts(sourceFile('a.ts', lines(501)), false);
    expect(lengthFindings(veryLong, { 'a.ts': 501 })).toEqual([
      'a.ts has 501 lines, more than 500: split it by mechanism',
    ]);
    expect(longParts(sourceFile('a.ts', `${lines(400)}\n`), false).size).toBe(0);
    expect(longParts(sourceFile('a.test.ts', lines(500)), true).size).toBe(0);
    expect(longParts(sourceFile('a.test.ts', lines(501)), true).size).toBe(1);
  });

  it('lets accepted lengths shrink only', () => {
    const long = new Map([['a.ts', 420]]);
    expect(lengthFindings(long, { 'a.ts': 410 })).toEqual([
      'a.ts grew from 410 to 420 lines: it may only get shorter',
    ]);
    expect(lengthFindings(long, { 'a.ts': 430 })).toEqual([
      'a.ts shrank to 420 lines: lower its entry from 430',
    ]);
    expect(lengthFindings(new Map(), { 'a.ts': 430 })).toEqual([
      'a.ts fits by now: take it off the list',
    ]);
  });

  it('counts the lines of a function without those of functions inside it', () => {
    const text = `function outer() {\n${lines(10)}\n  const inner = () => {\n${lines(5)}\n  };\n}`;
    expect(functionsOf(sourceFile('a.ts', text))).toEqual([
      { name: 'outer', ownLines: 13 },
      { name: 'inner', ownLines: 7 },
    ]);
  });

  it('refuses long functions, methods by their name, but not in tests', () => {
    const text = `class A {\n  go() {\n${lines(70)}\n  }\n}`;
    const long = longParts(sourceFile('a.ts', text), false);
    expect(lengthFindings(long, {})).toEqual([
      'a.ts go has 72 lines, more than 70: split it by mechanism',
    ]);
    expect(longParts(sourceFile('a.test.ts', text), true).size).toBe(0);
  });

  it('refuses more than four parameters', () => {
    const text = 'function f(a, b, c, d) {}\nconst g = (a, b, c, d, e) => {};';
    expect(parameterFindings(sourceFile('a.ts', text))).toEqual([
      'a.ts:2 takes 5 parameters: take an object beyond four',
    ]);
    const slice = '(id: number, manifest: string, bytes: Uint8Array, start = 0, end = 1) => {};';
    expect(parameterFindings(sourceFile('a.ts', slice))).toEqual([]);
    const patterns = '({ a }, [b], c, d, e) => {};';
    expect(parameterFindings(sourceFile('a.ts', patterns))).toHaveLength(1);
  });
});

describe('the checker of error codes', () => {
  it('finds codes in catalogues, unions and errors raised', () => {
    const text = `
      export const actorErrorCodes = { A_ONE: 'x', 'A_TWO': 'y' } as const;
      export const statusCodes = { PRICED: 0, EXPIRED: 3 } as const;
      export const remoteErrors = Object.freeze({ B_ONE: 'x' } as const satisfies Record<string, string>);
      export type ConfigErrorCode = 'C_ONE' | 'C_TWO';
      throw new ParviError('D_ONE', 'NOT_A_CODE');
      const other = { NOT_ONE: 1 }; f('NOT_TWO'); throw new Error('Plain text');`;
    expect([...errorCodesOf(sourceFile('a.ts', text))]).toEqual([
      ...['A_ONE', 'A_TWO', 'EXPIRED', 'B_ONE', 'C_ONE', 'C_TWO', 'D_ONE'],
    ]);
  });

  it('compares them with the reference both ways', () => {
    const page =
      '| code | cause | remedy |\n|---|---|---|\n| `A_ONE` | x | y |\n| `B_ONE` | x | |\n';
    expect(documentedCodes(page)).toHaveLength(2);
    expect(catalogueFindings(new Set(['A_ONE', 'C_ONE']), page)).toEqual([
      'C_ONE is not in the error reference: add cause and remedy',
      'B_ONE is in the error reference and nowhere in the code',
      'B_ONE lacks cause or remedy in the reference',
    ]);
    expect(
      catalogueFindings(new Set(['A_ONE']), '| `A_ONE` | x | y |\n| `A_ONE` | x | y |'),
    ).toEqual(['the error reference lists a code twice']);
  });
});

describe('the checker of dead files', () => {
  it('finds what no entry reaches, rings included', () => {
    const files = [
      sourceFile('src/index.ts', "export { a } from './a.ts';"),
      sourceFile('src/a.ts', "new Worker(new URL('./thread.ts', import.meta.url));"),
      sourceFile('src/thread.ts', ''),
      sourceFile('src/ring-1.ts', "import './ring-2.ts';"),
      sourceFile('src/ring-2.ts', "import './ring-1.ts';"),
    ];
    expect(unreachedFiles(files, ['src/index.ts'])).toEqual(['src/ring-1.ts', 'src/ring-2.ts']);
  });

  it('compares doors and folders both ways', () => {
    const exports = { '.': './src/index.ts', './a': './src/a/index.ts', './b': './src/c/index.ts' };
    expect(exportFindings(exports, ['a', 'd'])).toEqual([
      'src/d has an index.ts and "exports" has no "./d"',
      '"exports" has "./b" and src/b has no index.ts',
      '"./b" of "exports" is not ./src/b/index.ts',
    ]);
  });
});

describe('the checker of texts', () => {
  it.each([
    `// ${'TO'}DO: later`,
    `# ${'FIX'}ME`,
    `works ${'for'} now`,
    `${'not'} implemented`,
    `const path = '${'/tm'}p/x';`,
    `see ${'/wo'}rk/file`,
    `https://registry.${'npmjs'}.org/`,
    `// @ts-${'ignore'}`,
  ])('finds %s', (text) => {
    expect(textFindings('a.md', `fine\n${text}`)).toEqual([
      expect.stringMatching(/^a\.md:2 says "/),
    ]);
  });

  it.each([
    'methodOfTODOS',
    'for nowhere',
    'a/work/b',
    'network/',
    'attempts/tmp/',
    'gone, for now or for ever',
  ])('lets be %s', (text) => {
    expect(textFindings('a.md', text)).toEqual([]);
  });

  it('wants one title a page and does not count comments in code blocks', () => {
    expect(titleFindings('a.md', '# One\n```sh\n# comment\n```\n## Two')).toEqual([]);
    expect(titleFindings('a.md', '# One\n# Two')).toEqual([
      'a.md has titles in lines 1, 2: keep one and lower the others',
    ]);
    expect(titleFindings('a.md', 'text')).toEqual(['a.md has no title: start it with "# …"']);
  });
});
