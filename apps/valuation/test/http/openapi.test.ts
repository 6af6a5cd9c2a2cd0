import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problemStatuses } from '../../src/http/problems.ts';
import { instrumentFields } from '../../src/instruments/index.ts';
import { metricNames } from '../../src/pricing/index.ts';
import { HttpGrid } from './http-grid.ts';

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly { readonly name: string; readonly schema: object }[];
  readonly requestBody?: { readonly content: Record<string, { readonly schema: unknown }> };
  readonly responses: Record<string, { description: string; content: Record<string, object> }>;
}

interface Document {
  readonly openapi: string;
  readonly info: { readonly version: string };
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, { properties?: object }> };
}

let grid: HttpGrid;
let text: string;
let document: Document;
beforeAll(async () => {
  grid = await HttpGrid.start({ workers: 0 });
  text = (await grid.server.inject('/openapi.json')).body;
  document = JSON.parse(text) as Document;
});
afterAll(() => grid.close());

const operation = (method: string, path: string): Operation => {
  const found = document.paths[path]?.[method];
  if (found === undefined) throw new Error(`There is no ${method} ${path}`);
  return found;
};

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    const parsed: Record<string, unknown> = JSON.parse(text);
    expect(await validator.validate(parsed)).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
    expect(document.info.version).toBe('1.2.3');
  });

  it('lists every route with a name of its own', () => {
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(
        ([method, { operationId }]) => `${operationId} ${method} ${path}`,
      ),
    );
    expect(operations.toSorted()).toEqual([
      'cancelJob delete /v1/jobs/{id}',
      'followGrid get /v1/grid/events',
      'followJob get /v1/jobs/{id}/events',
      'getGrid get /v1/grid',
      'getHistogram get /v1/jobs/{id}/histogram',
      'getJob get /v1/jobs/{id}',
      'getReady get /ready',
      'getSnapshot get /v1/snapshots/{name}',
      'listJobs get /v1/jobs',
      'listMetrics get /v1/metrics-info',
      'listSnapshots get /v1/snapshots',
      'putSnapshot put /v1/snapshots/{name}',
      'readResults get /v1/jobs/{id}/results',
      'submitJob post /v1/jobs',
      'valQuery get /valQuery',
      'value post /v1/value',
    ]);
  });

  it('refers only to schemas that it has, and has none that nothing refers to', () => {
    const referred = [...text.matchAll(/"#\/components\/schemas\/([^"/]+)"/g)].map(
      ([, name]) => name,
    );
    expect([...new Set(referred)].toSorted()).toEqual(
      Object.keys(document.components.schemas).toSorted(),
    );
  });

  it('describes the trades by the schemas that check them', () => {
    const { schemas } = document.components;
    expect(Object.keys(schemas.SwapInput?.properties ?? {})).toEqual(instrumentFields.swap);
    expect(Object.keys(schemas.FraInput?.properties ?? {})).toEqual(instrumentFields.fra);
    expect(schemas.Trade).toMatchObject({ discriminator: { propertyName: 'instrument' } });
  });

  it('gives uploads, streams, events and problems their content types', () => {
    const types = (content: object | undefined) => Object.keys(content ?? {});
    const submit = operation('post', '/v1/jobs');
    expect(types(submit.requestBody?.content)).toEqual([
      'application/json',
      'application/x-ndjson',
      'text/csv',
    ]);
    const results = operation('get', '/v1/jobs/{id}/results').responses;
    expect(types(results[200]?.content)).toEqual([
      'application/json',
      'application/x-ndjson',
      'text/csv',
    ]);
    expect(types(results[404]?.content)).toEqual(['application/problem+json']);
    const events = operation('get', '/v1/grid/events').responses;
    expect(types(events[200]?.content)).toEqual(['text/event-stream']);
    expect(types(operation('get', '/valQuery').responses[202]?.content)).toEqual(['text/plain']);
  });

  it('says that chunks are counted as they are planned', () => {
    expect(document.components.schemas.Job?.properties).toMatchObject({
      chunksTotal: { description: expect.stringMatching(/^Chunks planned so far: /) },
    });
  });

  it('says what a row is, and when an upload is answered and priced', () => {
    const row = expect.stringMatching(/from 1; the header line of a CSV .* not counted/);
    expect(document.components.schemas.Result?.properties).toMatchObject({
      row: { description: row },
    });
    const { description } = operation('post', '/v1/jobs');
    expect(description).toMatch(/Answers when all of the input is read and stored/);
    expect(description).toMatch(/`onError=skip` pricing begins while it still comes in/);
    expect(description).toContain('`row` in messages and results counts trades from 1');
  });

  it('names the choices of a parameter', () => {
    const { parameters } = operation('post', '/v1/jobs');
    const metric = parameters?.find(({ name }) => name === 'metric');
    expect(metric?.schema).toMatchObject({ enum: metricNames });
    expect(parameters?.map(({ name }) => name)).toContain('idempotency-key');
  });
});

describe('the statuses of problems', () => {
  it('are all errors of the client or of the moment', () => {
    for (const [status, title] of Object.values(problemStatuses)) {
      expect([400, 403, 404, 405, 408, 409, 410, 413, 415, 421, 422, 429, 503]).toContain(status);
      expect(title).not.toMatch(/[.!]$/);
    }
  });
});
