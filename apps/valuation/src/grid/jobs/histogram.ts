// How the values of a job lie: counts in bins of equal width between the quantiles that keep outliers from flattening
// everything into one bin.

import { ResultBlock } from '../storage/result-block.ts';
import type { HistogramView } from '../views.ts';
import type { JobRecord } from './job-record.ts';

/** Values looked at to find the range. */
const sampleMax = 20_000;
/** The part of all values that may lie beyond each end. */
const tailShare = 0.005;

export async function histogramOf(record: JobRecord, bins: number): Promise<HistogramView> {
  const { from, to } = await rangeOf(record);
  const counts = new Array<number>(bins).fill(0);
  let below = 0;
  let above = 0;
  const scale = to > from ? bins / (to - from) : 0;
  for await (const values of columns(record)) {
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number;
      if (Number.isNaN(value)) continue;
      if (value < from) below++;
      else if (value > to) above++;
      else {
        const bin = Math.min(bins - 1, Math.floor((value - from) * scale));
        counts[bin] = (counts[bin] ?? 0) + 1;
      }
    }
  }
  return { from, to, counts, below, above };
}

async function rangeOf(record: JobRecord): Promise<{ from: number; to: number }> {
  const entries = record.results.entries();
  const trades = entries.reduce((sum, entry) => sum + entry.count, 0);
  const every = Math.max(1, Math.ceil(trades / sampleMax));
  const sample: number[] = [];
  let position = 0;
  for await (const values of columns(record)) {
    for (let i = 0; i < values.length; i++) {
      if (position++ % every === 0 && !Number.isNaN(values[i])) sample.push(values[i] as number);
    }
  }
  sample.sort((a, b) => a - b);
  const cut = Math.floor(sample.length * tailShare);
  return { from: sample[cut] ?? 0, to: sample[sample.length - 1 - cut] ?? 0 };
}

async function* columns(record: JobRecord): AsyncGenerator<Float64Array> {
  for (const entry of [...record.results.entries()]) {
    yield new ResultBlock(await record.readBlock(entry)).values;
  }
}
