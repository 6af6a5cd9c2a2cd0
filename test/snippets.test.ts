// The programs in the pages of the repository compile, run, and print what the page says.

import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isLine, isPartOf, type Page, readPage } from './snippets/markdown.ts';
import { Workshop } from './snippets/workshop.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const paths = ['README.md', 'packages/parvi/README.md'].concat(
  globSync('docs/{guide,internals}/*.md', { cwd: root }).sort(),
);
const pages = paths.map((path) => readPage(path, readFileSync(join(root, path), 'utf8')));
const programs = pages.flatMap((page) => page.programs);

/** Who has no OpenSSL goes without the pages that need it, and is told so; who checks changes has it. */
const hasOpenSsl =
  process.env.CI === 'true' || spawnSync('openssl', ['version'], { stdio: 'ignore' }).status === 0;
const lacksTool = (path: string): boolean =>
  pages.some((page) => page.path === path && page.commands !== '' && !isRunnable(page));
const isRunnable = ({ commands }: Page): boolean =>
  commands !== '' && (hasOpenSsl || !commands.includes('openssl'));

describe('programs in pages', () => {
  let workshop: Workshop;
  let files: string[];

  beforeAll(async () => {
    workshop = new Workshop(root);
    files = programs.map((program) => workshop.save(program));
    for (const { commands } of pages.filter(isRunnable)) {
      const { code, complaints } = await workshop.runCommands(commands);
      expect(code, complaints).toBe(0);
    }
  }, 90_000);

  afterAll(() => workshop.close());

  it('there are some in each page of the guide', () => {
    const guide = paths.filter((path) => path.startsWith('docs/guide/'));
    expect(guide.length).toBeGreaterThan(5);
    expect(guide.filter((path) => !programs.some(({ page }) => page === path))).toEqual([]);
  });

  it('compile under the rules of the repository', async () => {
    expect(await workshop.check()).toBe('');
  });

  it.for(programs.map((program, at) => [`${program.page}:${program.line}`, program, at] as const))(
    '%s runs and prints what the page says',
    { timeout: 90_000 },
    async ([, { page, words, prints }, at], { skip }) => {
      skip(lacksTool(page), 'openssl is not installed');
      const { code, printed, complaints } = await workshop.run(files[at] ?? '', words);
      const matches =
        printed.length === prints.length &&
        prints.every((line, index) => isLine(line, printed[index] ?? ''));
      expect(matches ? prints : printed, complaints).toEqual(prints);
      expect(code, complaints).toBe(0);
    },
  );

  it.each(
    pages.flatMap((page) =>
      page.parts.map((part) => [`${part.page}:${part.line}`, part, page] as const),
    ),
  )('%s is part of a program of its page', (_, part, page) => {
    expect(page.programs.some(({ code }) => isPartOf(part.code, code))).toBe(true);
  });
});
