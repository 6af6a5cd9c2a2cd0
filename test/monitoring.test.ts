import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parser } from '@prometheus-io/lezer-promql';
import { describe, expect, it } from 'vitest';
import { expressionOf, type Query } from '../deploy/monitoring/dashboard.ts';
import {
  dashboards,
  guidePath,
  guideWithPanels,
  monitoringFiles,
  ruleFiles,
} from '../deploy/monitoring/files.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Where the expression breaks Prometheus' grammar. */
function mistakes(expr: string): number[] {
  const found: number[] = [];
  parser.parse(expr.replace(/\$__(rate_interval|range)/g, '5m')).iterate({
    enter: (node) => {
      if (node.type.isError) found.push(node.from);
    },
  });
  return found;
}

const panels = dashboards.flatMap(({ id, rows }) =>
  rows.flatMap((row) => row.panels.map((panel) => ({ id, panel }))),
);
const queries = panels.flatMap(({ id, panel }) =>
  panel.queries.map((query: Query) => [`${id}: ${panel.title}`, expressionOf(query)] as const),
);
/** The expressions of the rules, read without a parser of YAML: what stands behind `expr:` up to the next key. */
const rules = ruleFiles().flatMap((path) =>
  [
    ...readFileSync(path, 'utf8').matchAll(
      /alert: (\w+)\s+expr: (?:>-\s+)?([\s\S]*?)\n {8}[a-z]+:/g,
    ),
  ].map(([, name = '', expr = '']) => [name, expr] as const),
);
const known = new Set(
  [...read('docs/reference/metrics.md').matchAll(/^\| `(\w+)` \| (\w+)/gm)].flatMap(
    ([, name = '', kind]) =>
      kind === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  ),
);

describe('monitoring', () => {
  it.each([...monitoringFiles().keys()])(
    'has %s as it is made; else run "npm run docs"',
    (path) => {
      expect(read(path)).toBe(monitoringFiles().get(path));
    },
  );

  it('describes its panels in the guide as they are; else run "npm run docs"', () => {
    expect(read(guidePath)).toBe(guideWithPanels(read(guidePath)));
  });

  it('asks in its panels and rules what Prometheus can read', () => {
    const all = [...queries, ...rules];
    expect(all.length).toBeGreaterThan(60);
    for (const [name, expr] of all) expect([name, expr, mistakes(expr)]).toEqual([name, expr, []]);
    expect(mistakes('sum by (a (rate(x[5m]))')).not.toEqual([]);
  });

  it('asks for metrics that there are', () => {
    for (const [name, expr] of [...queries, ...rules]) {
      const named = [...expr.matchAll(/\b(?:parvi|valuation|process|nodejs)_\w+/g)].map(([m]) => m);
      const strange = named.filter((metric) => !known.has(metric));
      expect([name, strange, named.length > 0]).toEqual([name, [], true]);
    }
  });

  it('says of each panel what it shows, and under no name twice', () => {
    for (const { panel } of panels) expect(panel.about).toMatch(/^[A-Z0-9].{10,}\.$/);
    for (const { id } of dashboards) {
      const titles = panels.filter((each) => each.id === id).map(({ panel }) => panel.title);
      const series = panels.filter((each) => each.id === id && each.panel.kind === 'series');
      expect(new Set(series.map(({ panel }) => panel.title)).size).toBe(series.length);
      expect(titles.length).toBeGreaterThan(20);
    }
  });

  it('has a case in which it fires and one in which it does not for each rule', () => {
    for (const path of ruleFiles()) {
      const cases = readFileSync(path.replace('/rules/', '/rules-tests/'), 'utf8');
      for (const [, name] of readFileSync(path, 'utf8').matchAll(/alert: (\w+)/g)) {
        expect(cases).toMatch(new RegExp(`alertname: ${name}, exp_alerts: \\[\\]`));
        expect(cases).toMatch(new RegExp(`alertname: ${name}\\n +exp_alerts:\\n +- exp_labels`));
      }
    }
  });
});
