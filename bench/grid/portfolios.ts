// The portfolios that the grid is measured with, written to files once a run.

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Trade } from '../../apps/valuation/src/instruments/index.ts';
import { generatePortfolio } from '../../apps/valuation/src/pricing/index.ts';

const blockChars = 256 * 1024;

/** American options on a Cox–Ross–Rubinstein tree of `steps`: with greeks some 90 µs each at 101 steps, 250 µs at 201. */
export function* treeOptions(trades: number, steps: number): Generator<Trade> {
  for (const trade of generatePortfolio({ trades, seed: 1, instruments: ['americanOption'] })) {
    if (trade.instrument === 'americanOption') yield { ...trade, engine: 'crr', steps };
  }
}

export function swaps(trades: number): Generator<Trade> {
  return generatePortfolio({ trades, seed: 1, instruments: ['swap'] });
}

/** Writes trades as NDJSON; how many bytes. */
export async function writePortfolio(file: string, trades: Iterable<Trade>): Promise<number> {
  const stream = createWriteStream(file);
  let bytes = 0;
  let block = '';
  const flush = async (): Promise<void> => {
    bytes += Buffer.byteLength(block);
    if (!stream.write(block)) await once(stream, 'drain');
    block = '';
  };
  for (const trade of trades) {
    block += `${JSON.stringify(trade)}\n`;
    if (block.length >= blockChars) await flush();
  }
  await flush();
  stream.end();
  await once(stream, 'close');
  return bytes;
}
