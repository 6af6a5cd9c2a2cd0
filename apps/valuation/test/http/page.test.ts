import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HttpGrid } from './http-grid.ts';

let grid: HttpGrid;
const directory = mkdtempSync(join(tmpdir(), 'page-'));
beforeAll(async () => {
  mkdirSync(join(directory, 'assets'));
  writeFileSync(join(directory, 'index.html'), '<!doctype html><title>Grid</title>');
  writeFileSync(join(directory, 'assets', 'index-Cq3x.js'), 'export {};');
  grid = await HttpGrid.start({ workers: 0, pageDirectory: directory });
});
afterAll(async () => {
  await grid.close();
  rmSync(directory, { recursive: true });
});

const get = (url: string, headers = {}) => grid.server.inject({ url, headers });

describe('the page', () => {
  it.each(['/', '/ve-svc/'])('is served at %s and asked for anew each time', async (url) => {
    const response = await get(url);
    expect(response.statusCode).toBe(200);
    expect(response.body).toContain('<title>Grid</title>');
    expect(response.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(response.headers['cache-control']).toBe('no-cache');
    const again = await get(url, { 'if-none-match': response.headers.etag });
    expect(again.statusCode).toBe(304);
  });

  it('has assets that are kept for ever', async () => {
    const response = await get('/ve-svc/assets/index-Cq3x.js');
    expect(response.headers['content-type']).toMatch(/javascript/);
    expect(response.headers['cache-control']).toBe('public, max-age=31536000, immutable');
  });

  it('is found without the slash after the prefix', async () => {
    const response = await get('/ve-svc');
    expect([response.statusCode, response.headers.location]).toEqual([308, '/ve-svc/']);
  });

  it('allows its own scripts only, and nobody to frame it', async () => {
    const { headers } = await get('/');
    expect(headers['content-security-policy']).toMatch(/default-src 'none'; script-src 'self';/);
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['x-frame-options']).toBe('DENY');
  });

  it('may be linked to from another site', async () => {
    const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    expect((await get('/', headers)).statusCode).toBe(200);
    expect((await get('/valQuery', headers)).statusCode).toBe(403);
  });

  it('gives no file outside its folder', async () => {
    for (const url of ['/../package.json', '/%2e%2e/package.json', '/assets/..%2f..%2fx']) {
      expect((await get(url)).statusCode).toBe(404);
    }
  });
});

describe('answers without a page', () => {
  it('carry the same protection, errors too', async () => {
    for (const url of ['/v1/grid', '/v1/nothing', '/openapi.json']) {
      expect((await get(url)).headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'cross-origin-resource-policy': 'same-origin',
      });
    }
  });

  it('tell what the forms need', async () => {
    const info = (await get('/v1/metrics-info')).json<{
      metrics: object[];
      csvColumns: string[];
    }>();
    expect(info.metrics).toHaveLength(5);
    expect(info.metrics.at(-1)).toMatchObject({
      name: 'OptionPV',
      instruments: ['europeanOption', 'americanOption'],
      columns: expect.arrayContaining(['delta', 'gamma']),
    });
    expect(info.csvColumns.slice(0, 2)).toEqual(['id', 'instrument']);
  });
});
