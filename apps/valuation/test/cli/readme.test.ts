import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csvColumns } from '../../src/instruments/index.ts';
import { fra, HttpGrid } from '../http/http-grid.ts';
import { run } from './command.ts';
import { readmePath, withParts } from './readme-tables.ts';

const readme = readFileSync(readmePath, 'utf8');

let grid: HttpGrid;
beforeAll(async () => {
  grid = await HttpGrid.start();
});
afterAll(() => grid.close());

/** The blocks of code of a language. */
const blocks = (language: string): string[] =>
  [...readme.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    ([, text]) => text ?? '',
  );

describe('the README of the grid', () => {
  it('has the tables that the code makes: node apps/valuation/test/cli/readme-tables.ts', () => {
    expect(withParts(readme)).toBe(readme);
  });

  it('names every field of every instrument', () => {
    for (const column of csvColumns) expect(readme).toContain(`\`${column}\``);
  });

  it('names every route, and none that is not there', async () => {
    const document = (await grid.server.inject('/openapi.json')).json<{
      paths: Record<string, Record<string, unknown>>;
    }>();
    const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const named = [...readme.matchAll(/^\| `((?:GET|POST|PUT|DELETE) \/[^`?]*)/gm)].map(
      ([, route]) => route,
    );
    const others = ['GET /', 'GET /openapi.json'];
    expect(named.toSorted()).toEqual([...routes, ...others].toSorted());
  });

  it('shows trades and bodies that are taken', async () => {
    const bodies = blocks('json').map((text) => JSON.parse(text) as Record<string, unknown>);
    expect(bodies.length).toBeGreaterThan(1);
    for (const body of bodies) {
      if ('curves' in body) {
        const stored = await grid.server.inject({
          method: 'PUT',
          url: '/v1/snapshots/mine',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        });
        expect(stored.body).toContain('"name":"mine"');
        const job = await grid.submit([fra('a', { index: 'Euribor3M' })], '?snapshot=mine');
        expect(await grid.ended(job.id)).toMatchObject({ priced: 1 });
        continue;
      }
      const taken = await grid.post('/v1/jobs', JSON.stringify(body), 'application/json');
      expect(taken.statusCode).toBe(202);
      expect(await grid.ended(taken.json<{ id: string }>().id)).toMatchObject({ failed: 0 });
    }
    for (const csv of blocks('csv')) {
      const taken = await grid.post('/v1/jobs', csv, 'text/csv');
      expect(taken.statusCode).toBe(202);
      expect(await grid.ended(taken.json<{ id: string }>().id)).toMatchObject({ failed: 0 });
    }
  });

  it('shows commands that there are', async () => {
    const commands = [...readme.matchAll(/npx valuation ([a-z]+)/g)].map(([, name]) => name ?? '');
    expect(commands.length).toBeGreaterThan(5);
    for (const command of new Set(commands)) {
      expect((await run([command, '--help'])).code).toBe(0);
    }
  });
});
