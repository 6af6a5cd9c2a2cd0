// What a trade of each kind costs, learned from the chunks that came back. A chunk mixes kinds and only its whole time
// is known, so each kind's cost is moved by the ratio of measured to expected time, in proportion to its share in the
// expectation (a normalised multiplicative update). Mixes then predict well even when kinds never come alone.

interface ClassCost {
  readonly msPerTrade: number;
  readonly observations: number;
}

/** Cost by key, such as `NPV swap`. A value: learning gives a new one. */
export type CostModel = ReadonlyMap<string, ClassCost>;

export const emptyCostModel: CostModel = new Map();

/** How much a single chunk may move a cost that is well known. */
const rateMin = 0.25;
/** One chunk moves a cost by no more than this factor once it is known: a paused process is not a slow trade. */
const ratioMax = 8;
const msPerTradeMin = 1e-5;

/** Milliseconds a trade of this kind takes on one thread; undefined when none was measured. */
export function costOf(model: CostModel, key: string): number | undefined {
  return model.get(key)?.msPerTrade;
}

/** The model after a chunk with `counts` trades by key took `measuredMs` on one thread. */
export function learnCost(
  model: CostModel,
  counts: ReadonlyMap<string, number>,
  measuredMs: number,
): CostModel {
  let trades = 0;
  for (const count of counts.values()) trades += count;
  if (trades === 0 || !Number.isFinite(measuredMs) || measuredMs < 0) return model;
  const average = Math.max(measuredMs / trades, msPerTradeMin);
  let expectedMs = 0;
  for (const [key, count] of counts) expectedMs += count * (costOf(model, key) ?? average);
  const ratio = Math.max(measuredMs, msPerTradeMin) / expectedMs;
  const learned = new Map(model);
  for (const [key, count] of counts) {
    const known = model.get(key);
    if (known === undefined) {
      learned.set(key, { msPerTrade: average * ratio, observations: 1 });
      continue;
    }
    const share = (count * known.msPerTrade) / expectedMs;
    const rate = Math.max(rateMin, 1 / (known.observations + 1));
    const bounded = Math.min(Math.max(ratio, 1 / ratioMax), ratioMax);
    learned.set(key, {
      msPerTrade: Math.max(known.msPerTrade * bounded ** (rate * share), msPerTradeMin),
      observations: known.observations + 1,
    });
  }
  return learned;
}
