import { describe, expect, it } from 'vitest';
import type { Trade } from '../instruments/index.ts';
import { statusCodes } from '../kernels/status.ts';
import { bundledSnapshot, prepareSnapshot, type Snapshot } from '../market/index.ts';
import type { Metric } from './metric.ts';
import { generatePortfolio } from './portfolio-generator.ts';
import { type PriceRequest, priceTrades } from './price-trades.ts';
import { referenceTrade } from './reference-trades.ts';

function snapshot(name: string): Snapshot {
  const found = bundledSnapshot(name);
  if (found === undefined) throw new Error(`no snapshot ${name}`);
  return found;
}

const market = prepareSnapshot(snapshot('reference-swap'));
const swap = referenceTrade('NPV').trade as Extract<Trade, { instrument: 'swap' }>;
const fra = referenceTrade('FwdRate').trade;
const option = referenceTrade('OptionPV').trade;

function price(metric: Metric, trades: readonly Trade[], rest: Partial<PriceRequest> = {}) {
  return priceTrades({ market, metric, trades, ...rest });
}

/** The error of one trade. */
function errorOf(metric: Metric, trade: Trade, rest: Partial<PriceRequest> = {}) {
  const result = price(metric, [trade], rest);
  expect(result.value[0]).toBeNaN();
  expect(result.status[0]).not.toBe(statusCodes.PRICED);
  const [error] = result.errors;
  if (error === undefined) throw new Error('a failed trade has an error');
  expect(error).toMatchObject({ index: 0, id: trade.id });
  expect(statusCodes[error.code]).toBe(result.status[0]);
  return error;
}

const { snapshot: _, ...plain } = swap;

describe('priceTrades', () => {
  it('keeps the order of a mixed batch and prices good trades beside bad ones', () => {
    const bad: Trade = { ...plain, id: 'bad', index: 'Euribor6m' };
    const result = price('NPV', [swap, bad, { ...swap, payReceive: 'payer' }]);
    expect([...result.status]).toEqual([0, statusCodes.MISSING_MARKET_DATA, 0]);
    expect(result.value[2]).toBe(-(result.value[0] ?? 0));
    expect(result.columns.fixedLegNpv?.[1]).toBeNaN();
    expect(result.errors).toHaveLength(1);
    expect(result.errors[0]?.message).toContain('did you mean "Euribor6M"?');
  });

  it('gives a trade the same value alone and in any batch', () => {
    const whole = prepareSnapshot(snapshot('default'));
    const trades = [...generatePortfolio({ trades: 400, seed: 5 })];
    const together = priceTrades({ market: whole, metric: 'NPV', trades });
    trades.forEach((trade, i) => {
      const alone = priceTrades({ market: whole, metric: 'NPV', trades: [trade] });
      expect(alone.value[0]).toBe(together.value[i]);
    });
  });

  it('prices trades on the snapshots they name', () => {
    const markets = new Map(
      ['reference-fra', 'reference-option'].map((name) => [name, prepareSnapshot(snapshot(name))]),
    );
    const result = price('NPV', [option, swap], { markets, options: { engine: 'crr' } });
    expect(result.errors).toEqual([]);
    expect(errorOf('FwdRate', fra).message).toContain('snapshot "reference-fra" is not there');
  });

  it.each([
    ['OptionPV', swap],
    ['FwdRate', swap],
    ['IRDelta', option],
    ['ParRate', option],
  ] as const)('refuses %s where the instrument does not have it', (metric, trade) => {
    const error = errorOf(metric, trade);
    expect(error).toMatchObject({ code: 'METRIC_NOT_DEFINED', field: 'instrument' });
    expect(error.message).toContain(`Cannot give ${metric} of ${trade.instrument} "${trade.id}"`);
  });

  it('names the fixing that is missing', () => {
    const error = errorOf('NPV', { ...plain, startDate: '2012-03-15', maturityDate: '2016-03-15' });
    expect(error).toMatchObject({ code: 'MISSING_FIXING', field: 'index' });
    expect(error.message).toContain('no fixing of Euribor6M on 2013-09-12');
  });

  it('says that a swap whose payments are past has expired', () => {
    const error = errorOf('NPV', { ...plain, startDate: '2005-03-15', maturityDate: '2010-03-15' });
    expect(error).toMatchObject({ code: 'EXPIRED', field: 'maturityDate' });
  });

  it('says so where a curve is too short', () => {
    const error = errorOf('NPV', { ...plain, startDate: '2030-03-15', maturityDate: '2080-03-15' });
    expect(error.code).toBe('DATE_AFTER_CURVE');
    expect(error.message).toContain('after the last date of the curve');
  });

  it('refuses a swap that adjustment leaves without a day', () => {
    const error = errorOf('NPV', { ...plain, startDate: '2014-02-01', maturityDate: '2014-02-02' });
    expect(error.code).toBe('DEGENERATE_SCHEDULE');
  });

  it.each(['swap', 'deposit', 'fra'] as const)(
    'refuses a %s whose tenor leads beyond all days instead of counting for ever',
    (instrument) => {
      const head = { id: 'late', notional: 1e6, startDate: '2150-01-01' };
      const trades = {
        swap: { ...head, instrument: 'swap', payReceive: 'payer', fixedRate: 0.03 },
        deposit: { ...head, instrument: 'deposit', rate: 0.01 },
        fra: { ...head, instrument: 'fra', strike: 0.01 },
      } as const;
      for (const tenor of ['100Y', '5200W', '36000D']) {
        const error = errorOf('NPV', { ...trades[instrument], tenor });
        expect(error).toMatchObject({ code: 'INVALID_TRADE', field: 'tenor' });
        expect(error.message).toContain(`"${tenor}" must end after its start and by 2150-12-31`);
      }
    },
  );

  it('refuses stubs outside the swap also where the maturity is a tenor', () => {
    const { maturityDate: _maturity, ...open } = plain;
    const error = errorOf('NPV', { ...open, tenor: '1Y', firstDate: '2016-01-04' });
    expect(error).toMatchObject({ code: 'INVALID_TRADE', field: 'firstDate' });
  });

  it('has no present value of a FRA that has settled, but its forward rate', () => {
    const own = prepareSnapshot(snapshot('reference-fra'));
    expect(errorOf('NPV', fra, { market: own }).code).toBe('EXPIRED');
    expect(price('FwdRate', [fra], { market: own }).columns.forwardRate?.[0]).toBe(0.04);
  });

  it('refuses an option that has expired or whose underlying is not there', () => {
    const own = prepareSnapshot(snapshot('reference-option'));
    const late = errorOf('NPV', { ...option, maturityDate: '1998-05-15' } as Trade, {
      market: own,
    });
    expect(late).toMatchObject({ code: 'EXPIRED', field: 'maturityDate' });
    const unknown = errorOf('OptionPV', { ...option, underlying: 'STOKC' } as Trade, {
      market: own,
    });
    expect(unknown.message).toContain('no underlying "STOKC"; did you mean "STOCK"?');
  });

  it.each(['1998-05-16', '1998-05-17'])(
    'says that an option of %s has expired where time counts from a later reference date',
    (maturityDate) => {
      const own = prepareSnapshot(snapshot('reference-option'));
      const error = errorOf('NPV', { ...option, maturityDate } as Trade, { market: own });
      expect(error).toMatchObject({ code: 'EXPIRED', field: 'maturityDate' });
      expect(error.message).toContain('after the reference date 1998-05-17');
    },
  );

  it('multiplies an option and its greeks by the quantity', () => {
    const own = prepareSnapshot(snapshot('reference-option'));
    const one = { ...option, engine: 'analytic' } as Trade;
    const result = price('OptionPV', [one, { ...one, quantity: -10 } as Trade], { market: own });
    expect(result.value[1]).toBeCloseTo(-10 * (result.value[0] ?? 0), 12);
    expect(result.columns.vega?.[1]).toBeCloseTo(-10 * (result.columns.vega?.[0] ?? 0), 12);
  });

  it('takes the engine of the batch where the exercise has it and the trade names none', () => {
    const own = prepareSnapshot(snapshot('reference-option'));
    const { engine: __, ...bare } = option as Extract<Trade, { instrument: 'europeanOption' }>;
    const american = { ...bare, instrument: 'americanOption' } as const;
    const values = (engine: string) =>
      price('NPV', [bare, american], { market: own, options: { engine, steps: 101 } }).value;
    expect(values('crr')[1]).toBeCloseTo(4.486747063752194, 10);
    expect(values('baw')[0]).toBeCloseTo(3.84430779159684, 10);
    expect(values('baw')[1]).toBeCloseTo(4.4596276137764779, 10);
  });
});

describe('IRDelta', () => {
  it('by node adds up to the parallel delta', () => {
    const parallel = price('IRDelta', [swap]).value[0] ?? Number.NaN;
    const nodes = price('IRDelta', [swap], { options: { irDelta: 'eachNode' } });
    expect(nodes.value[0]).toBeCloseTo(parallel, 2);
    expect(nodes.columns['delta EUR 2018-12-31']?.[0]).toBeLessThan(-4_000);
  });

  it('by quote adds up to the delta of all quotes', () => {
    const own = prepareSnapshot(snapshot('reference-bootstrap'));
    const one: Trade = { ...plain, id: 'q', startDate: '2004-09-22', maturityDate: '2009-09-22' };
    const all = price('IRDelta', [one], { market: own, options: { irDelta: 'quotes' } });
    const each = price('IRDelta', [one], { market: own, options: { irDelta: 'eachQuote' } });
    expect(each.value[0]).toBeCloseTo(all.value[0] ?? Number.NaN, 3);
    expect(each.columns['delta EUR swap 5Y']?.[0]).toBeLessThan(-3_000);
  });

  it('by quotes is refused where no curve is bootstrapped', () => {
    const error = errorOf('IRDelta', swap, { options: { irDelta: 'quotes' } });
    expect(error.code).toBe('MISSING_MARKET_DATA');
  });

  it('fails the trades that have no value and prices the others', () => {
    const past: Trade = {
      ...plain,
      id: 'past',
      startDate: '2005-03-15',
      maturityDate: '2010-03-15',
    };
    const result = price('IRDelta', [past, swap]);
    expect(result.errors).toMatchObject([{ index: 0, code: 'EXPIRED' }]);
    expect(result.value[1]).toBeCloseTo(-4545.4239981062128, 6);
  });
});
