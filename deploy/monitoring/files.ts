// The files that are made from other ones here: dashboards as JSON, the copies that the chart carries (a chart cannot read
// beyond its own folder), and the tables in the guide. Written by "npm run docs", held equal by a test.

import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { clusterDashboard } from './cluster-dashboard.ts';
import { dashboardOf, panelTables } from './dashboard.ts';
import { gridDashboard } from './grid-dashboard.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const chartFiles = 'deploy/helm/valuation/files';

export const dashboards = [clusterDashboard, gridDashboard] as const;

/** Paths of the rules, all hand-written. */
export function ruleFiles(): string[] {
  return readdirSync(join(folder, 'rules')).map((name) => join(folder, 'rules', name));
}

/** Texts by path from the root of the repository. */
export function monitoringFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const plan of dashboards) {
    const json = `${JSON.stringify(dashboardOf(plan), null, 2)}\n`;
    files.set(`deploy/monitoring/dashboards/${plan.id}.json`, json);
    files.set(`${chartFiles}/dashboards/${plan.id}.json`, json);
  }
  for (const path of ruleFiles()) {
    files.set(`${chartFiles}/rules/${basename(path)}`, readFileSync(path, 'utf8'));
  }
  return files;
}

export const guidePath = 'docs/guide/monitoring.md';
const marks = (id: string) => [`<!-- panels of ${id} -->`, `<!-- end of ${id} -->`] as const;

/** The guide with the tables of the panels as they are; its other text is as in `text`. */
export function guideWithPanels(text: string): string {
  return dashboards.reduce((page, plan) => {
    const [from, to] = marks(plan.id);
    const [start, end] = [page.indexOf(from), page.indexOf(to)];
    if (start < 0 || end < start) throw new Error(`${guidePath} lacks "${from}" and "${to}"`);
    return `${page.slice(0, start)}${from}\n\n${panelTables(plan)}\n${page.slice(end)}`;
  }, text);
}
