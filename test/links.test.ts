// Links and file names in pages lead somewhere.

import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const pages = globSync(['*.md', 'docs/**/*.md', 'packages/*/*.md', 'apps/*/*.md'], {
  cwd: root,
}).sort();
const textOf = (page: string): string => readFileSync(join(root, page), 'utf8');

/** Anchors are GitHub's: the heading in lower case, blanks as hyphens, without other signs. */
function anchors(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe('pages', () => {
  it.each(pages)('%s links to what there is', (page) => {
    const text = textOf(page).replace(/^```.*?^```/gms, '');
    const broken = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => {
        const [path = '', anchor] = target.split('#');
        const file = path === '' ? page : join(dirname(page), path);
        if (!existsSync(join(root, file))) return true;
        return anchor !== undefined && !anchors(textOf(file)).includes(anchor);
      });
    expect(broken).toEqual([]);
  });

  it('the reading order names files that there are', () => {
    const names = textOf('docs/internals/reading-order.md').match(/`[a-z/-]+\.ts`/g) ?? [];
    expect(names.length).toBeGreaterThan(30);
    const paths = names.map((name) => `packages/parvi/src/${name.slice(1, -1)}`);
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});
