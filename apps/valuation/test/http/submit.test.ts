import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobView, ResultPageView, ResultView } from '../../src/http/views.ts';
import { csvHeader, tradeToCsv } from '../../src/instruments/index.ts';
import { defaultSnapshot, prepareSnapshot } from '../../src/market/index.ts';
import { generatePortfolio, priceTrades } from '../../src/pricing/index.ts';
import { fra, HttpGrid, lines, option } from './http-grid.ts';

let grid: HttpGrid;
beforeAll(async () => {
  grid = await HttpGrid.start();
});
afterAll(async () => {
  await grid.close();
  expect(grid.internalErrors).toEqual([]);
});

const jobsThere = async (): Promise<readonly string[]> =>
  (await grid.server.inject('/v1/jobs')).json<{ jobs: JobView[] }>().jobs.map(({ id }) => id);

async function resultsOf(id: string, query = ''): Promise<readonly ResultView[]> {
  const response = await grid.server.inject(`/v1/jobs/${id}/results?limit=10000${query}`);
  return response.json<ResultPageView>().results;
}

describe('submitting a portfolio', () => {
  const trades = [...generatePortfolio({ trades: 300, seed: 7 })];
  const bodies = {
    'application/x-ndjson': lines(trades),
    'application/json': JSON.stringify(trades, undefined, 1),
    'text/csv': `${csvHeader}\r\n${trades.map((trade) => tradeToCsv(trade)).join('\r\n')}`,
  };

  it.each(Object.entries(bodies))('prices %s as without a grid', async (type, body) => {
    const response = await grid.post(
      '/v1/jobs?metric=NPV&name=book',
      body,
      `${type};charset=UTF-8`,
    );
    expect(response.statusCode).toBe(202);
    const job = response.json<JobView>();
    expect(response.headers.location).toBe(`/v1/jobs/${job.id}`);
    expect(job).toMatchObject({ name: 'book', metric: 'NPV', snapshot: 'default', trades: 300 });
    expect(await grid.ended(job.id)).toMatchObject({ state: 'completed', priced: 300, failed: 0 });
    const direct = priceTrades({
      market: prepareSnapshot(defaultSnapshot()),
      metric: 'NPV',
      trades,
    });
    const results = await resultsOf(job.id);
    expect(results.map(({ value }) => value)).toEqual([...direct.value]);
    expect(results.map(({ id }) => id)).toEqual(trades.map(({ id }) => id));
  });

  it('takes metric, name and options from the fields of a JSON object', async () => {
    const body = JSON.stringify({
      metric: 'IRDelta',
      name: 'deltas',
      options: { irDelta: 'eachNode' },
      trades: [fra('a')],
    });
    const job = (await grid.post('/v1/jobs', body, 'application/json')).json<JobView>();
    expect(job).toMatchObject({ metric: 'IRDelta', name: 'deltas' });
    await grid.ended(job.id);
    const [result] = await resultsOf(job.id);
    const deltas = Object.values(result?.extra ?? {});
    expect(deltas.length).toBeGreaterThan(5);
    expect(deltas.reduce((sum, delta) => sum + delta, 0)).toBeCloseTo(result?.value ?? 0, 8);
  });

  it('lets query parameters go before the fields of a JSON object', async () => {
    const body = JSON.stringify({ metric: 'ParRate', name: 'inside', trades: [fra('a')] });
    const response = await grid.post('/v1/jobs?metric=NPV', body, 'application/json');
    expect(response.json()).toMatchObject({ metric: 'NPV', name: 'inside' });
  });

  it('takes options of a metric as query parameters', async () => {
    const job = await grid.submit([fra('a')], '?metric=IRDelta&irDelta=eachNode');
    await grid.ended(job.id);
    const [result] = await resultsOf(job.id);
    expect(Object.keys(result?.extra ?? {}).length).toBeGreaterThan(5);
    const steps = await grid.submit([option('o', { engine: 'crr' })], '?metric=NPV&steps=11');
    await grid.ended(steps.id);
    const [coarse] = await resultsOf(steps.id);
    expect(Math.abs((coarse?.value ?? 0) - 12.830103561542288)).toBeGreaterThan(0.01);
  });

  it('answers below the prefix of the gateway, and says where the job is in its words', async () => {
    const response = await grid.post('/ve-svc/v1/jobs', lines([fra('a')]));
    expect(response.statusCode).toBe(202);
    const { location } = response.headers;
    expect(location).toBe(`/ve-svc/v1/jobs/${response.json<JobView>().id}`);
    expect((await grid.server.inject(String(location))).json()).toMatchObject({ trades: 1 });
  });
});

describe('a portfolio with bad trades', () => {
  const mixed = [fra('a'), fra('b', { strike: 'five' }), fra('c'), { id: 'd' }];

  it('is refused as a whole, with every mistake', async () => {
    const before = await jobsThere();
    const response = await grid.post('/v1/jobs', lines(mixed));
    expect(response.statusCode).toBe(422);
    expect(response.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(response.json()).toMatchObject({
      code: 'TRADES_REJECTED',
      hint: expect.stringContaining('onError=skip'),
      errors: [
        { row: 2, id: 'b', field: 'strike', code: 'FIELD_INVALID' },
        { row: 4, id: 'd', field: 'instrument', code: 'INSTRUMENT_UNKNOWN' },
      ],
    });
    expect(await jobsThere()).toEqual(before);
  });

  it('is priced without them when the client asks for that, and they are listed', async () => {
    const response = await grid.post('/v1/jobs?onError=skip', lines(mixed));
    const job = response.json<JobView>();
    const ended = await grid.ended(job.id);
    expect(ended).toMatchObject({ state: 'completed', trades: 2, priced: 2, rejected: 2 });
    const all = await resultsOf(job.id);
    expect(
      all.map((result) => [result.row, result.id, result.instrument, result.error?.code]),
    ).toEqual([
      [1, 'a', 'fra', undefined],
      [2, 'b', 'fra', 'FIELD_INVALID'],
      [3, 'c', 'fra', undefined],
      [4, 'd', '', 'INSTRUMENT_UNKNOWN'],
    ]);
    const failed = await resultsOf(job.id, '&failedOnly=true');
    expect(failed.map(({ row, error }) => [row, error?.field])).toEqual([
      [2, 'strike'],
      [4, 'instrument'],
    ]);
    const stream = await grid.server.inject(
      `/v1/jobs/${job.id}/results?format=ndjson&failedOnly=true`,
    );
    expect(
      stream.body
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(failed);
  });

  it('lists more mistakes than fit into a refusal when they are skipped', async () => {
    const many = Array.from({ length: 250 }, (_, i) =>
      fra(`t${i}`, { strike: i % 2 === 0 ? 9 : 0.1 }),
    );
    const refused = await grid.post('/v1/jobs', lines(many));
    expect(refused.json<{ errors: unknown[] }>().errors).toHaveLength(100);
    const job = await grid.submit(many, '?onError=skip');
    expect(job).toMatchObject({ trades: 125, rejected: 125 });
    await grid.ended(job.id);
    expect(await resultsOf(job.id, '&failedOnly=true')).toHaveLength(125);
  });
});

describe('an idempotency key', () => {
  const withKey = (key: string, body: string) =>
    grid.post('/v1/jobs', body, 'application/x-ndjson', { 'idempotency-key': key });

  it('makes the same request the same job', async () => {
    const first = (await withKey('k1', lines([fra('a')]))).json<JobView>();
    const second = await withKey('k1', lines([fra('a')]));
    expect(second.statusCode).toBe(202);
    expect(second.json<JobView>().id).toBe(first.id);
  });

  it('makes requests that come at the same time one job', async () => {
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => withKey('k2', lines([fra('a'), fra('b')]))),
    );
    expect(new Set(answers.map((answer) => answer.json<JobView>().id)).size).toBe(1);
  });

  it('is refused with another body', async () => {
    await withKey('k3', lines([fra('a')]));
    const other = await withKey('k3', lines([fra('b')]));
    expect(other.statusCode).toBe(409);
    expect(other.json()).toMatchObject({
      code: 'IDEMPOTENCY_KEY_REUSED',
      field: 'Idempotency-Key',
      detail: expect.stringContaining('"k3"'),
    });
  });

  it('may be used again when the request under it was refused', async () => {
    expect((await withKey('k4', 'nonsense')).statusCode).toBe(422);
    expect((await withKey('k4', lines([fra('a')]))).statusCode).toBe(202);
  });

  it('must have a length', async () => {
    const response = await withKey('', lines([fra('a')]));
    expect(response.json()).toMatchObject({ code: 'REQUEST_INVALID', field: 'idempotency-key' });
  });
});

describe('pricing a few trades at once', () => {
  it('gives each trade its value or its error in its place', async () => {
    const body = JSON.stringify({
      metric: 'OptionPV',
      trades: [option('o'), fra('f'), { id: 'x', instrument: 'swaption' }],
    });
    const response = await grid.post('/v1/value', body, 'application/json');
    expect(response.statusCode).toBe(200);
    const [o, f, x] = response.json<{ results: ResultView[] }>().results;
    expect(o).toMatchObject({ row: 1, id: 'o', value: 12.830103561542288 });
    expect(o?.extra).toHaveProperty('delta');
    expect(f).toMatchObject({ row: 2, error: { code: 'METRIC_NOT_DEFINED' } });
    expect(x).toMatchObject({
      row: 3,
      id: 'x',
      instrument: 'swaption',
      error: { code: 'INSTRUMENT_UNKNOWN', field: 'instrument' },
    });
  });

  it('leaves no job behind', async () => {
    const before = await jobsThere();
    await grid.post('/v1/value', JSON.stringify({ trades: [fra('a')] }), 'application/json');
    expect(await jobsThere()).toEqual(before);
  });
});

describe('the request of the old pricing engine', () => {
  it('prices the reference trade as often as asked', async () => {
    const response = await grid.server.inject('/valQuery?metric=ParRate&numTrades=50');
    expect([response.statusCode, response.body]).toEqual([202, 'Job submitted']);
    expect(response.headers['content-type']).toBe('text/plain; charset=utf-8');
    const location = String(response.headers.location);
    const job = await grid.ended(location.split('/').at(-1) ?? '');
    expect(job).toMatchObject({ metric: 'ParRate', trades: 50, priced: 50, state: 'completed' });
    expect(job.mean).toBeCloseTo(job.min ?? Number.NaN, 12);
  });

  it('works below the prefix of the gateway', async () => {
    const response = await grid.server.inject('/ve-svc/valQuery?metric=NPV&numTrades=1');
    expect([response.statusCode, response.body]).toEqual([202, 'Job submitted']);
  });

  it('does not submit for a HEAD', async () => {
    const before = await jobsThere();
    const response = await grid.server.inject({ method: 'HEAD', url: '/valQuery?metric=NPV' });
    expect(response.statusCode).toBe(405);
    expect(await jobsThere()).toEqual(before);
  });
});

describe('market snapshots', () => {
  it('are stored under a name and used by the jobs that name them', async () => {
    const { name: _name, ...snapshot } = defaultSnapshot();
    const put = await grid.server.inject({
      method: 'PUT',
      url: '/v1/snapshots/mine',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(snapshot),
    });
    expect(put.statusCode).toBe(200);
    const info = put.json<{ hash: string }>();
    expect(info).toMatchObject({ name: 'mine', evaluationDate: snapshot.evaluationDate });
    const list = (await grid.server.inject('/v1/snapshots')).json<{ snapshots: unknown[] }>();
    expect(list.snapshots).toContainEqual(info);
    expect((await grid.server.inject('/v1/snapshots/mine')).json()).toEqual({
      ...snapshot,
      name: 'mine',
    });
    const job = await grid.submit([fra('a')], '?snapshot=mine');
    expect(await grid.ended(job.id)).toMatchObject({ snapshot: 'mine', priced: 1 });
  });

  it('are refused with every mistake in them', async () => {
    const put = await grid.server.inject({
      method: 'PUT',
      url: '/v1/snapshots/broken',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        ...defaultSnapshot(),
        discountCurve: 'nope',
        evaluationDate: 'today',
      }),
    });
    expect(put.statusCode).toBe(422);
    const problem = put.json<{ code: string; errors: { field: string; code: string }[] }>();
    expect(problem.code).toBe('SNAPSHOT_INVALID');
    expect(problem.errors[0]).toMatchObject({ field: 'evaluationDate', code: 'SNAPSHOT_INVALID' });
  });
});
