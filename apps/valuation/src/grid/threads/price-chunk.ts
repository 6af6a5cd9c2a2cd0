// What a pricing thread does with a chunk: reads the trades, prices them by snapshot, writes the results as columns and
// adds up the figures. An exception of the pricing costs the trade that raised it, not the chunk.

import { sumColumn } from '../core/exact-sum.ts';
import type { ChunkFigures } from '../core/totals.ts';
import { writeResultBlock } from '../storage/result-block.ts';
import type { TradeErrorView } from '../views.ts';
import type { ChunkWork } from './thread-protocol.ts';

/** The part of a trade that the grid itself looks at. */
export interface TradeHead {
  readonly id: string;
  readonly instrument: string;
  readonly snapshot?: string | undefined;
}

export interface PricedColumns {
  readonly value: Float64Array;
  /** 0 where the trade was priced. */
  readonly status: Uint8Array;
  readonly extras: Readonly<Record<string, Float64Array>>;
  /** Errors by position, one for each status that is not 0. */
  readonly errors: ReadonlyMap<number, TradeErrorView>;
}

/** The pricing behind the threads. `M` is a snapshot made ready. */
export interface Pricing<M> {
  prepare(snapshot: unknown): M;
  price(input: {
    readonly market: M;
    readonly work: ChunkWork;
    readonly trades: readonly TradeHead[];
  }): PricedColumns;
}

/** Finds the market of a snapshot by content hash; throws when it cannot be made ready. */
export type Markets<M> = (hash: string) => M;

export interface PricedChunk {
  readonly block: Uint8Array;
  readonly figures: ChunkFigures;
}

export function priceChunk<M>(
  work: ChunkWork,
  pricing: Pricing<M>,
  markets: Markets<M>,
  nowMs: () => number,
): PricedChunk {
  const startMs = nowMs();
  const trades = readTrades(work);
  const pricingStartMs = nowMs();
  const priced = priceBySnapshot({ work, pricing, markets }, trades);
  const pricingMs = nowMs() - pricingStartMs;
  const block = writeResultBlock({
    ids: idsOf(work, trades),
    instruments: trades.map((trade) => trade.instrument),
    values: priced.value,
    extras: priced.extras,
    errors: priced.errors,
  });
  return { block, figures: figuresOf(priced, pricingMs, nowMs() - startMs) };
}

/** One parse for the whole chunk: the lines, joined by commas, are an array. */
function readTrades(work: ChunkWork): readonly TradeHead[] {
  const { bytes, copies } = work;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const trades = JSON.parse(`[${text.trimEnd().replaceAll('\n', ',')}]`) as TradeHead[];
  const [trade] = trades;
  if (copies === undefined || trade === undefined) return trades;
  return new Array<TradeHead>(copies).fill(trade);
}

function idsOf(work: ChunkWork, trades: readonly TradeHead[]): string[] {
  if (work.copies === undefined) return trades.map((trade) => trade.id);
  return trades.map((trade, i) => `${trade.id}-${work.first + i + 1}`);
}

interface Means<M> {
  readonly work: ChunkWork;
  readonly pricing: Pricing<M>;
  readonly markets: Markets<M>;
}

function priceBySnapshot<M>(means: Means<M>, trades: readonly TradeHead[]): PricedColumns {
  const { work } = means;
  const groups = new Map<string, number[]>();
  trades.forEach((trade, i) => {
    const name = trade.snapshot ?? work.snapshot;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [i]);
    else group.push(i);
  });
  const [only] = groups.keys();
  if (groups.size === 1 && only !== undefined) {
    return priceGroup(means, trades, only);
  }
  const merged = emptyColumns(trades.length);
  for (const [name, positions] of groups) {
    const group = positions.map((i) => trades[i] as TradeHead);
    merge(merged, priceGroup(means, group, name), positions);
  }
  return merged;
}

function priceGroup<M>(
  means: Means<M>,
  trades: readonly TradeHead[],
  snapshot: string,
): PricedColumns {
  const { work, pricing, markets } = means;
  const hash = work.snapshots[snapshot];
  if (hash === undefined) {
    return allFailed(trades.length, {
      code: 'SNAPSHOT_UNKNOWN',
      field: 'snapshot',
      message: `There is no market snapshot "${snapshot}": put it first, or name one that is there`,
    });
  }
  let market: M;
  try {
    market = markets(hash);
  } catch (error) {
    return allFailed(trades.length, {
      code: 'SNAPSHOT_INVALID',
      field: 'snapshot',
      message: `Snapshot "${snapshot}" cannot be used: ${messageOf(error)}`,
    });
  }
  try {
    return checked(pricing.price({ market, work, trades }));
  } catch (error) {
    return trades.length === 1
      ? allFailed(1, { code: 'TRADE_UNPRICEABLE', message: messageOf(error) })
      : priceOneByOne(trades, (trade) => priceGroup(means, [trade], snapshot));
  }
}

function priceOneByOne(
  trades: readonly TradeHead[],
  price: (trade: TradeHead) => PricedColumns,
): PricedColumns {
  const merged = emptyColumns(trades.length);
  trades.forEach((trade, i) => {
    merge(merged, price(trade), [i]);
  });
  return merged;
}

/** A number that is none is a failure even where a kernel says otherwise: it would poison every sum. */
function checked(priced: PricedColumns): PricedColumns {
  let errors: Map<number, TradeErrorView> | undefined;
  for (let i = 0; i < priced.value.length; i++) {
    if (priced.status[i] !== 0) {
      priced.value[i] = Number.NaN;
      continue;
    }
    if (Number.isFinite(priced.value[i])) continue;
    errors ??= new Map(priced.errors);
    errors.set(i, {
      code: 'NOT_FINITE',
      message: 'The pricing ended in a value that is no number',
    });
    priced.status[i] = 255;
    priced.value[i] = Number.NaN;
  }
  return errors === undefined ? priced : { ...priced, errors };
}

interface Columns {
  readonly value: Float64Array;
  readonly status: Uint8Array;
  readonly extras: Record<string, Float64Array>;
  readonly errors: Map<number, TradeErrorView>;
}

function emptyColumns(count: number): Columns {
  const value = new Float64Array(count).fill(Number.NaN);
  return { value, status: new Uint8Array(count), extras: {}, errors: new Map() };
}

function allFailed(count: number, error: TradeErrorView): Columns {
  const columns = emptyColumns(count);
  columns.status.fill(255);
  for (let i = 0; i < count; i++) columns.errors.set(i, error);
  return columns;
}

function merge(into: Columns, from: PricedColumns, positions: readonly number[]): void {
  positions.forEach((position, i) => {
    into.value[position] = from.value[i] as number;
    into.status[position] = from.status[i] as number;
    const error = from.errors.get(i);
    if (error !== undefined) into.errors.set(position, error);
  });
  for (const [name, column] of Object.entries(from.extras)) {
    into.extras[name] ??= new Float64Array(into.value.length).fill(Number.NaN);
    const target = into.extras[name];
    positions.forEach((position, i) => {
      target[position] = column[i] as number;
    });
  }
}

function figuresOf(priced: PricedColumns, pricingMs: number, busyMs: number): ChunkFigures {
  const errors: Record<string, number> = {};
  for (const { code } of priced.errors.values()) errors[code] = (errors[code] ?? 0) + 1;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < priced.value.length; i++) {
    if (priced.status[i] !== 0) continue;
    const value = priced.value[i] as number;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const failed = priced.errors.size;
  const count = priced.value.length - failed;
  const sum = sumColumn(priced.value, priced.status);
  const range = count === 0 ? {} : { min, max };
  return { priced: count, failed, errors, sum, ...range, pricingMs, busyMs };
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
