// How large a snapshot may be. Counted on what came in, before anything of it is checked or built: a body of a few
// hundred kilobytes can name more curves than a node has memory and time for.

import type { MarketProblem } from './errors.ts';

/** Limits of one snapshot; several times what a bank's whole rates and equity book needs. */
export const snapshotLimits = {
  curves: 200,
  /** Nodes of one curve. */
  nodesOfCurve: 2_000,
  /** Quotes of one bootstrapped curve. */
  quotesOfCurve: 200,
  /** Nodes of all curves. */
  nodes: 20_000,
  /** Quotes of all bootstrapped curves: each is solved for when a snapshot is checked. */
  quotes: 2_000,
  indexes: 200,
  /** Fixings of all indexes. */
  fixings: 10_000,
  underlyings: 1_000,
} as const;

/** The limits that an input goes beyond, whatever it is otherwise. */
export function sizeProblems(input: unknown): MarketProblem[] {
  const problems: MarketProblem[] = [];
  const check = (field: string, [count, most, what]: readonly [number, number, string]): void => {
    if (count <= most) return;
    const message = `has ${count} ${what} and ${most} is the most: leave out what no trade needs`;
    problems.push({ field, message });
  };
  const curves = valuesOf(part(input, 'curves'));
  const indexes = valuesOf(part(input, 'indexes'));
  const underlyings = valuesOf(part(input, 'underlyings'));
  check('curves', [curves.length, snapshotLimits.curves, 'curves']);
  check('indexes', [indexes.length, snapshotLimits.indexes, 'indexes']);
  check('underlyings', [underlyings.length, snapshotLimits.underlyings, 'underlyings']);
  check('curves', [total(curves, 'nodes'), snapshotLimits.nodes, 'nodes on all curves']);
  check('curves', [total(curves, 'quotes'), snapshotLimits.quotes, 'quotes on all curves']);
  check('indexes', [total(indexes, 'fixings'), snapshotLimits.fixings, 'fixings of all indexes']);
  return problems;
}

const total = (values: readonly unknown[], name: string): number =>
  values.reduce<number>((sum, value) => sum + valuesOf(part(value, name)).length, 0);

function part(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function valuesOf(value: unknown): readonly unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
}
