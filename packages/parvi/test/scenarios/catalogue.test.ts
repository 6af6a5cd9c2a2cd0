// The page that maps Pekko's specs to our tests says nothing that is not so.

import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const parvi = new URL('../../', import.meta.url);
const page = readFileSync(new URL('../../docs/internals/pekko-scenarios.md', parvi), 'utf8');

const lines = page
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.endsWith(' | here |'))
  .map((line) => line.slice(2, -2).split(' | '));
/** Spec, what it shows, tests; the second table has no spec. */
const rows = lines.filter((cells) => cells.length === 3);

const isReason = (cell: string): boolean => cell.startsWith('none: ');

/** What a cell names: files with the sentences of their tests. */
function testsOf(cell: string): { readonly file: string; readonly sentence: string }[] {
  return cell.split('<br>').map((part) => {
    const [, file = '', sentence = ''] = /^`([^`]+)` "(.+)"$/.exec(part) ?? [];
    return { file, sentence };
  });
}

describe("the table of Pekko's scenarios", () => {
  it('has for each row tests that exist, or a reason why there is none', () => {
    const texts = new Map<string, string>();
    const wrong: string[] = [];
    for (const cells of lines) {
      expect(cells.every((part) => part.length > 2)).toBe(true);
      const [spec = ''] = cells;
      const cell = cells.at(-1) ?? '';
      if (isReason(cell)) continue;
      for (const { file, sentence } of testsOf(cell)) {
        const url = new URL(file, parvi);
        if (!texts.has(file)) texts.set(file, existsSync(url) ? readFileSync(url, 'utf8') : '');
        const found = file.endsWith('.test.ts') && texts.get(file)?.includes(`'${sentence}'`);
        if (found !== true) wrong.push(`${spec}: ${file} has no test "${sentence}"`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('counts its rows rightly', () => {
    const reasons = rows.filter(([, , cell = '']) => isReason(cell)).length;
    const counts = `${rows.length} rows: ${rows.length - reasons} are retold, ${reasons} have no test`;
    expect(page).toContain(counts);
  });
});
