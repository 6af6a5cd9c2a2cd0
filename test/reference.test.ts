import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { referencePages } from '../scripts/reference-docs.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

it.each([...referencePages()])(
  '%s says what the code says; else run "npm run docs"',
  (path, page) => {
    expect(readFileSync(join(root, path), 'utf8')).toBe(page);
  },
);
