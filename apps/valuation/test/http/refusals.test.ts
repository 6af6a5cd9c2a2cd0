import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobView, ProblemView } from '../../src/http/views.ts';
import { fra, HttpGrid, lines, option } from './http-grid.ts';

let grid: HttpGrid;
beforeAll(async () => {
  grid = await HttpGrid.start();
});
afterAll(async () => {
  const jobs = (await grid.server.inject('/v1/jobs')).json<{ jobs: JobView[] }>().jobs;
  await grid.close();
  expect(jobs.filter(({ name }) => name === 'bad')).toEqual([]);
  expect(grid.internalErrors).toEqual([]);
});

const header = 'id,instrument,notional,strike,startDate,maturityDate';
const huge = 'a'.repeat(10 * 1024 * 1024);

interface Refusal {
  readonly what: string;
  readonly type?: string;
  readonly query?: string;
  readonly body: string;
  readonly status: number;
  readonly problem: object;
}

const text = (...parts: string[]) =>
  expect.stringMatching(
    new RegExp(parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*')),
  );

const refusals: readonly Refusal[] = [
  {
    what: 'an unknown metric',
    query: 'metric=NPVV',
    body: lines([fra('a')]),
    status: 400,
    problem: { code: 'METRIC_UNKNOWN', field: 'metric', detail: text('"NPVV"', '"NPV"') },
  },
  {
    what: 'an unknown metric in a JSON object',
    type: 'application/json',
    body: JSON.stringify({ metric: 'nothing', trades: [fra('a')] }),
    status: 400,
    problem: { code: 'METRIC_UNKNOWN', detail: text('"nothing"', 'NPV, ParRate') },
  },
  {
    what: 'two metrics',
    query: 'metric=NPV&metric=ParRate',
    body: lines([fra('a')]),
    status: 400,
    problem: { code: 'REQUEST_INVALID', field: 'metric' },
  },
  {
    what: 'an unknown engine',
    query: 'engine=analytical',
    body: lines([option('a')]),
    status: 400,
    problem: { code: 'ENGINE_UNKNOWN', field: 'engine', detail: text('did you mean "analytic"') },
  },
  {
    what: 'an unknown snapshot',
    query: 'snapshot=yesterday',
    body: lines([fra('a')]),
    status: 404,
    problem: {
      code: 'SNAPSHOT_UNKNOWN',
      field: 'snapshot',
      detail: text('"yesterday"', 'default'),
    },
  },
  {
    what: 'an unknown query parameter',
    query: 'metrics=NPV',
    body: lines([fra('a')]),
    status: 400,
    problem: { code: 'REQUEST_INVALID', field: 'metrics', hint: text('/openapi.json') },
  },
  {
    what: 'an unknown field of a JSON object',
    type: 'application/json',
    body: JSON.stringify({ metrik: 'NPV', trades: [fra('a')] }),
    status: 400,
    problem: { code: 'REQUEST_INVALID', field: 'metrik' },
  },
  {
    what: 'a wrong choice for bad trades',
    query: 'onError=ignore',
    body: lines([fra('a')]),
    status: 400,
    problem: {
      code: 'REQUEST_INVALID',
      field: 'onError',
      detail: text('"ignore"', 'skip, reject'),
    },
  },
  {
    what: 'a wrong option of the metric',
    type: 'application/json',
    body: JSON.stringify({ options: { irDelta: 'byNode' }, trades: [fra('a')] }),
    status: 400,
    problem: { code: 'REQUEST_INVALID', field: 'options.irDelta', detail: text('eachNode') },
  },
  {
    what: 'another content type',
    type: 'application/xml',
    body: '<trades/>',
    status: 415,
    problem: { code: 'MEDIA_TYPE_UNSUPPORTED', detail: text('application/xml', 'text/csv') },
  },
  {
    what: 'another charset',
    type: 'text/csv; charset=iso-8859-1',
    body: header,
    status: 415,
    problem: { code: 'MEDIA_TYPE_UNSUPPORTED', detail: text('iso-8859-1', 'UTF-8') },
  },
  {
    what: 'JSON without trades',
    type: 'application/json',
    body: '{"metric":"NPV"}',
    status: 400,
    problem: { code: 'UPLOAD_JSON_MALFORMED', detail: text('"trades"') },
  },
  {
    what: 'JSON that breaks off',
    type: 'application/json',
    body: `[${JSON.stringify(fra('a'))},{"id":"b"`,
    status: 400,
    problem: { code: 'UPLOAD_TRUNCATED', row: 1, detail: text('after trade 1') },
  },
  {
    what: 'a trade that is not JSON',
    type: 'application/json',
    body: `[${JSON.stringify(fra('a'))},{"id" 5}]`,
    status: 422,
    problem: { errors: [{ row: 2, code: 'ROW_NOT_JSON', message: text('Row 2', 'column 7') }] },
  },
  {
    what: 'an NDJSON line that breaks off',
    body: lines([fra('a')]) + JSON.stringify(fra('b')).slice(0, 40),
    status: 422,
    problem: { errors: [{ row: 2, code: 'ROW_NOT_JSON' }] },
  },
  {
    what: 'a line of ten megabytes',
    body: huge,
    status: 400,
    problem: { code: 'UPLOAD_LINE_TOO_LONG', detail: text('Line 1', '262144 bytes') },
  },
  {
    what: 'a JSON trade of ten megabytes',
    type: 'application/json',
    body: `[{"id":"${huge}"}]`,
    status: 400,
    problem: { code: 'UPLOAD_LINE_TOO_LONG', row: 1 },
  },
  {
    what: 'a CSV cell of ten megabytes',
    type: 'text/csv',
    body: `${header}\n${huge}`,
    status: 400,
    problem: { code: 'UPLOAD_LINE_TOO_LONG', row: 1 },
  },
  {
    what: 'an empty upload',
    body: '',
    status: 422,
    problem: { code: 'TRADES_EMPTY' },
  },
  {
    what: 'a CSV column that is unknown',
    type: 'text/csv',
    body: 'id,instrument,notionel\na,fra,1\n',
    status: 400,
    problem: { code: 'UPLOAD_CSV_HEADER', detail: text('Column 3 "notionel"', '"notional"') },
  },
  {
    what: 'a CSV quote that is never closed',
    type: 'text/csv',
    body: `${header}\n"a,fra,1,1,1,1\n`,
    status: 400,
    problem: { code: 'UPLOAD_CSV_MALFORMED', row: 1 },
  },
  {
    what: 'a CSV row with too few cells',
    type: 'text/csv',
    body: `${header}\na,fra,1000000,0.03,2026-06-01,2026-09-01\nb,fra\n`,
    status: 422,
    problem: { errors: [{ row: 2, message: text('2 cells', '6 columns') }] },
  },
  {
    what: 'NaN in a CSV cell',
    type: 'text/csv',
    body: `${header}\na,fra,NaN,0.03,2026-06-01,2026-09-01\n`,
    status: 422,
    problem: {
      errors: [{ row: 1, id: 'a', field: 'notional', message: text('Column 3', '"NaN"') }],
    },
  },
];

const badTrades: readonly (readonly [string, object, object])[] = [
  ['an unknown instrument', { id: 'a', instrument: 'swaptio' }, { code: 'INSTRUMENT_UNKNOWN' }],
  ['a number as text', fra('a', { strike: '0.03' }), { field: 'strike', code: 'FIELD_INVALID' }],
  [
    'an absurd notional',
    fra('a', { notional: 1e300 }),
    { field: 'notional', message: text('absurd') },
  ],
  ['a rate in per cent', fra('a', { strike: 3 }), { field: 'strike', message: text('per cent') }],
  [
    'maturity before start',
    fra('a', { maturityDate: '2026-05-01' }),
    { field: 'maturityDate', message: text('2026-05-01', 'after startDate') },
  ],
  ['a day that does not exist', fra('a', { startDate: '2026-02-30' }), { field: 'startDate' }],
  ['negative volatility', option('a', { volatility: -0.2 }), { field: 'volatility' }],
  ['an engine of another option', option('a', { engine: 'baw' }), { field: 'engine' }],
  ['an unknown field', fra('a', { strkie: 1 }), { field: 'strkie', message: text('"strike"') }],
  ['a missing field', { ...fra('a'), notional: undefined }, { code: 'FIELD_MISSING' }],
];

describe('an upload is refused, with code, place and reason, for', () => {
  it.each(refusals)('$what', async ({ type, query, body, status, problem }) => {
    const response = await grid.post(`/v1/jobs?name=bad&${query ?? ''}`, body, type);
    expect(response.json()).toMatchObject({ ...problem, status });
    expect(response.statusCode).toBe(status);
    expect(response.headers['content-type']).toContain('application/problem+json');
  });

  it.each(badTrades)('%s', async (_what, trade, problem) => {
    const response = await grid.post('/v1/jobs?name=bad', lines([trade]));
    expect(response.json()).toMatchObject({
      code: 'TRADES_REJECTED',
      errors: [{ row: 1, id: 'a', ...problem }],
    });
  });

  it('a number beyond all numbers', async () => {
    const line = JSON.stringify(fra('a')).replace('1000000', '1e999');
    const response = await grid.post('/v1/jobs?name=bad', line);
    expect(response.json()).toMatchObject({ errors: [{ row: 1, field: 'notional' }] });
  });

  it('bytes that are not UTF-8, by their row', async () => {
    const body = Buffer.from(lines([fra('a'), fra('Z\u00fcrich')]), 'latin1');
    const response = await grid.post('/v1/jobs?name=bad', body);
    expect(response.json()).toMatchObject({
      status: 422,
      code: 'TRADES_REJECTED',
      errors: [{ row: 2, code: 'ROW_NOT_UTF8', message: text('Row 2', 'column 9', 'UTF-8') }],
    });
  });

  it.each([
    ['text/csv', '\n', 'UPLOAD_CSV_HEADER'],
    ['text/csv', `${header}\n\n`, 'TRADES_EMPTY'],
    ['application/x-ndjson', ' \r\n', 'TRADES_EMPTY'],
    ['application/json', '', 'UPLOAD_JSON_MALFORMED'],
    ['application/json', '[]', 'TRADES_EMPTY'],
  ])('%s with nothing in it: %j', async (type, body, code) => {
    const response = await grid.post('/v1/jobs?name=bad', body, type);
    expect(response.json()).toMatchObject({ code });
  });

  it('a content encoding it does not know', async () => {
    const headers = { 'content-encoding': 'gzip' };
    const response = await grid.post('/v1/jobs', '', 'text/csv', headers);
    expect(response.json()).toMatchObject({
      status: 415,
      field: 'content-encoding',
      detail: text('"gzip"', 'plain'),
    });
  });

  it('no content type at all', async () => {
    const response = await grid.server.inject({ method: 'POST', url: '/v1/jobs' });
    expect(response.json()).toMatchObject({ status: 415, code: 'MEDIA_TYPE_UNSUPPORTED' });
  });
});

describe('a trade that can be read but not priced', () => {
  it.each([
    ['an expired option', option('a', { maturityDate: '2020-01-01' }), 'EXPIRED'],
    [
      'missing market data',
      { ...option('a', { underlying: 'NOPE' }), spot: undefined },
      'MISSING_MARKET_DATA',
    ],
  ])('is a result that says why: %s', async (_what, trade, code) => {
    const job = await grid.submit([trade, option('b')]);
    expect(await grid.ended(job.id)).toMatchObject({
      state: 'completed',
      priced: 1,
      failed: 1,
      errors: { [code]: 1 },
    });
    const page = (await grid.server.inject(`/v1/jobs/${job.id}/results?failedOnly=true`)).json();
    expect(page).toMatchObject({ results: [{ row: 1, id: 'a', error: { code } }] });
  });
});

describe('other requests are refused', () => {
  const value = (body: string) => grid.post('/v1/value', body, 'application/json');

  it('when their JSON is malformed, with line and column', async () => {
    const response = await value('{\n  "trades": [,]\n}');
    expect(response.json()).toMatchObject({
      status: 400,
      code: 'REQUEST_NOT_JSON',
      row: 2,
      column: '14',
    });
    expect((await value('')).json()).toMatchObject({ status: 400, code: 'REQUEST_NOT_JSON' });
  });

  it('when they are larger than the route takes', async () => {
    expect((await value(`"${'a'.repeat(2_000_000)}"`)).json()).toMatchObject({
      status: 413,
      code: 'BODY_TOO_LARGE',
      detail: text('POST /v1/jobs'),
    });
  });

  it('when they bring more trades than are answered directly, or none', async () => {
    const trades = Array.from({ length: 1001 }, () => ({}));
    expect((await value(JSON.stringify({ trades }))).json()).toMatchObject({ field: 'trades' });
    expect((await value('{"trades":[]}')).json()).toMatchObject({ field: 'trades' });
  });

  it.each([
    ['null', 'body', 'The body is null: it must be an object with fields'],
    ['[]', 'body', 'The body is an empty list: it must be an object with fields'],
    ['{}', 'trades', 'Body field "trades" is missing: it must be a list of 1 to 1000 items'],
    [
      '{"trades":[]}',
      'trades',
      'Body field "trades" is an empty list: it must be a list of 1 to 1000 items',
    ],
    ['{"trades":7}', 'trades', 'Body field "trades" is 7: it must be a list of 1 to 1000 items'],
    [
      '{"trades":[{}],"options":{"steps":"many"}}',
      'options.steps',
      'Body field "options.steps" is "many": it must be a whole number from 2 to 10000',
    ],
    ['{"trades":[{}],"options":{"stepz":3}}', 'options.stepz', /"options.stepz" is unknown$/],
  ])('when their body is %s', async (body, field, detail) => {
    const problem = (await value(body)).json<ProblemView>();
    expect(problem).toMatchObject({ status: 400, code: 'REQUEST_INVALID', field });
    expect(problem.detail).toMatch(detail);
  });

  it('when their body is compressed or no UTF-8', async () => {
    const headers = { 'content-encoding': 'gzip' };
    const packed = await grid.post('/v1/value', 'x', 'application/json', headers);
    expect(packed.json()).toMatchObject({ status: 415, field: 'content-encoding' });
    const response = await grid.server.inject({
      method: 'POST',
      url: '/v1/value',
      headers: { 'content-type': 'application/json' },
      body: Buffer.from('{"trades":[{"id":"Z\u00fcrich"}]}', 'latin1'),
    });
    expect(response.json()).toMatchObject({
      status: 400,
      code: 'REQUEST_NOT_JSON',
      field: 'body',
      detail: text('not UTF-8'),
    });
  });

  it('but not for a byte order mark', async () => {
    const response = await value(`\uFEFF${JSON.stringify({ trades: [fra('a')] })}`);
    expect(response.statusCode).toBe(200);
  });

  it.each([
    ['numTrades=abc', '"abc"'],
    ['numTrades=', '""'],
    ['numTrades=1.5', '"1.5"'],
    ['numTrades=10000001', '"10000001"'],
  ])('when they ask for %s', async (query, given) => {
    expect(await grid.problem(`/valQuery?${query}`)).toMatchObject({
      status: 400,
      field: 'numTrades',
      detail: `Query parameter "numTrades" is ${given}: it must be a whole number from 1 to 10000000`,
    });
  });

  it('when a parameter comes twice', async () => {
    expect((await grid.problem('/v1/jobs?limit=1&limit=2')).detail).toBe(
      'Query parameter "limit" is given 2 times: it must be a whole number from 1 to 1000',
    );
  });

  it.each([
    ['/v1/nothing', 404, 'ROUTE_UNKNOWN'],
    ['/ve-svc/v1/nothing', 404, 'ROUTE_UNKNOWN'],
    ['/v1/jobs/nothing', 404, 'JOB_UNKNOWN'],
    ['/v1/jobs/nothing/results', 404, 'JOB_UNKNOWN'],
    ['/v1/jobs/nothing/results?format=csv', 404, 'JOB_UNKNOWN'],
    ['/v1/jobs/nothing/histogram', 404, 'JOB_UNKNOWN'],
    ['/v1/jobs/nothing/events', 404, 'JOB_UNKNOWN'],
    ['/v1/snapshots/nothing', 404, 'SNAPSHOT_UNKNOWN'],
    ['/v1/snapshots/no%20such%2Fname', 400, 'REQUEST_INVALID'],
    ['/v1/jobs?limit=many', 400, 'REQUEST_INVALID'],
    ['/v1/jobs?state=done', 400, 'REQUEST_INVALID'],
    ['/valQuery?metric=nothing', 400, 'METRIC_UNKNOWN'],
    ['/valQuery?numTrades=0', 400, 'REQUEST_INVALID'],
    ['/%zz', 400, 'REQUEST_INVALID'],
  ])('GET %s with %i %s', async (url, status, code) => {
    const response = await grid.server.inject(url);
    expect(response.json()).toMatchObject({ status, code, type: text('urn:parvi:valuation:') });
    expect(response.statusCode).toBe(status);
  });

  it('with a cursor that is none', async () => {
    const job = await grid.submit([fra('a')]);
    const problem = await grid.problem(`/v1/jobs/${job.id}/results?cursor=5`);
    expect(problem).toMatchObject({ status: 400, code: 'CURSOR_INVALID', field: 'cursor' });
  });

  it('as HEAD like as GET, without a body', async () => {
    const head = (url: string) => grid.server.inject({ method: 'HEAD', url });
    expect((await head('/ve-svc/v1/grid')).statusCode).toBe(200);
    expect((await head('/ve-svc/v1/nothing')).statusCode).toBe(404);
    expect((await head('/v1/jobs/nothing')).body).toBe('');
  });

  it('when a page of another site makes the browser send them', async () => {
    const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' };
    const response = await grid.server.inject({ url: '/valQuery?metric=NPV', headers });
    expect(response.json()).toMatchObject({ status: 403, code: 'REQUEST_CROSS_SITE' });
  });

  it('when they are no HTTP', async () => {
    const socket = await grid.connect();
    socket.setEncoding('utf8');
    socket.write('hello\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [string];
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    const problem = JSON.parse(answer.split('\r\n\r\n')[1] ?? '') as ProblemView;
    expect(problem.code).toBe('REQUEST_NOT_HTTP');
    socket.destroy();
  });
});

describe('a controller at its limits', () => {
  it('refuses a job too many with 429 and says when to come again', async () => {
    const full = await HttpGrid.start({ controller: { jobsMax: 1 } });
    full.pricing.close();
    const job = await full.submit([fra('a')]);
    for (const answer of [
      await full.post('/v1/jobs', lines([fra('b')])),
      await full.server.inject('/valQuery'),
    ]) {
      expect(answer.json()).toMatchObject({ status: 429, code: 'GRID_TOO_MANY_JOBS' });
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    }
    full.pricing.open();
    await full.ended(job.id);
    expect((await full.post('/v1/jobs', lines([fra('b')]))).statusCode).toBe(202);
    await full.close();
  });

  it('refuses trades too many with 503, and keeps nothing of them', async () => {
    const full = await HttpGrid.start({ controller: { queuedTradesMax: 10 } });
    const many = lines(Array.from({ length: 11 }, (_, i) => fra(`t${i}`)));
    const answer = await full.post('/v1/jobs', many);
    expect(answer.json()).toMatchObject({ status: 503, code: 'GRID_QUEUE_FULL' });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect((await full.server.inject('/v1/jobs')).json()).toEqual({ jobs: [] });
    expect((await full.submit([fra('a')])).trades).toBe(1);
    await full.close();
  });
});
