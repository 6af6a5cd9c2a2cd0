// A sum kept as an unevaluated pair of doubles, so that the total of a portfolio does not depend on how it was cut into
// chunks. Error-free addition after Knuth, "The Art of Computer Programming", volume 2, 4.2.2, theorem B.

export interface ExactSum {
  readonly high: number;
  readonly low: number;
}

export const zeroSum: ExactSum = { high: 0, low: 0 };

export function addToSum(sum: ExactSum, value: number): ExactSum {
  return addSums(sum, { high: value, low: 0 });
}

export function addSums(a: ExactSum, b: ExactSum): ExactSum {
  const high = a.high + b.high;
  const rounded = high - a.high;
  const error = a.high - (high - rounded) + (b.high - rounded);
  const low = error + a.low + b.low;
  const total = high + low;
  return { high: total, low: low - (total - high) };
}

/** The sum of a column, without an object a value. */
export function sumColumn(values: Float64Array, status: Uint8Array): ExactSum {
  let high = 0;
  let low = 0;
  for (let i = 0; i < values.length; i++) {
    if (status[i] !== 0) continue;
    const value = values[i] as number;
    const total = high + value;
    const rounded = total - high;
    low += high - (total - rounded) + (value - rounded);
    high = total;
  }
  const total = high + low;
  return { high: total, low: low - (total - high) };
}

export const sumValue = (sum: ExactSum): number => sum.high + sum.low;
