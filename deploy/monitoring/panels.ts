// Short ways to write panels down.

import type { Panel, Query } from './dashboard.ts';

/** Legend of what there is one of for each node. */
export const instance = '{{instance}}';

export const query = (expr: string, legend: string): Query => ({ expr, legend });

export function series(
  title: string,
  unit: Panel['unit'],
  about: string,
  ...queries: readonly Query[]
): Panel {
  return { kind: 'series', title, unit, about, queries };
}

export function stat(title: string, about: string, expr: string): Panel {
  return { kind: 'stat', title, unit: 'short', about, queries: [query(expr, '')] };
}

/** How fast a counter grows, by node or by another label. */
export const rate = (metric: string, by = 'instance'): string =>
  `sum by (${by}) (rate(${metric}{$of}[$__rate_interval]))`;
