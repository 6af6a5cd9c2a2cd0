// The page on the context names what the context has, all of it and nothing else.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const textOf = (path: string): string =>
  readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const page = textOf('docs/guide/context.md');
const source = textOf('packages/parvi/src/actor/context.ts');

/** Names in the first column of the table that has this in its head. */
function rowsOf(head: string): string[] {
  const [, table = ''] = page.split(`| ${head} | what |\n|---|---|\n`);
  const [rows = ''] = table.split('\n\n');
  return [...rows.matchAll(/^\| `(\w+)` \|/gm)].map(([, name = '']) => name).sort();
}

function membersOf(type: string): string[] {
  const [, rest = ''] = source.split(`export interface ${type}<M> {\n`);
  const [body = ''] = rest.split('\n}\n');
  return [...body.matchAll(/^ {2}(?:readonly )?(\w+)[(<:]/gm)].map(([, name = '']) => name).sort();
}

describe('the page on the context', () => {
  it.each([
    ['member', 'ActorContext', 16],
    ['member of `context.timers`', 'ActorTimers', 5],
  ])('names in the table "%s" each member of %s', (head, type, least) => {
    const members = membersOf(type);
    expect(members.length).toBeGreaterThanOrEqual(least);
    expect(rowsOf(head)).toEqual(members);
  });
});
