// What "npm run monitoring -- --test" shows: the files are right by their own checkers, a real Prometheus gets data for every
// panel and every rule, and an alert arrives when a worker is killed.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pause, until } from './child.ts';
import { expressionOf } from './dashboard.ts';
import { dashboards, ruleFiles } from './files.ts';
import type { LocalGrid } from './local-grid.ts';
import type { MonitoringStack, Sample } from './stack.ts';
import { output, type Tools } from './tools.ts';

const own = fileURLToPath(new URL('.', import.meta.url));

type Say = (text: string) => void;

/** @throws Error with what the checker said */
export async function checkFiles(tools: Tools, stack: MonitoringStack, say: Say): Promise<void> {
  await output(tools.promtool, ['check', 'rules', ...ruleFiles()]);
  await output(tools.promtool, ['check', 'config', join(stack.folder, 'prometheus.yml')]);
  await output(tools.amtool, ['check-config', join(stack.folder, 'alertmanager.yml')]);
  const cases = readdirSync(join(own, 'rules-tests')).map((name) => join(own, 'rules-tests', name));
  const told = await output(tools.promtool, ['test', 'rules', ...cases]);
  say(`rules and configurations are right; ${told.match(/SUCCESS/g)?.length} files of cases pass`);
}

/** What nodes say, read by the checker of the format itself. */
export async function checkMetrics(tools: Tools, grid: LocalGrid, say: Say): Promise<void> {
  for (const kind of ['controller', 'worker']) {
    const node = grid.nodes.find((one) => one.kind === kind);
    const text = await (await fetch(`http://${node?.target}/metrics`)).text();
    const told = await output(tools.promtool, ['check', 'metrics'], text);
    if (told.trim() !== '')
      throw new Error(`promtool does not like the metrics of a ${kind}:\n${told}`);
    const series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
    say(`metrics of a ${kind} are in order: ${series} series, ${text.length} bytes`);
  }
}

/** With `bool` a comparison gives 0 or 1 instead of nothing, so that data can be told from silence. */
export function alwaysAnswered(expr: string): string {
  return expr.replace(/(==|!=|>=|<=|>|<)\s*(?=[\d.]+)/g, '$1 bool ');
}

export async function checkQueries(
  grid: LocalGrid,
  stack: MonitoringStack,
  say: Say,
): Promise<void> {
  const load = { on: true };
  const loaded = keepBusy(grid, load);
  try {
    const wanted = dashboards.flatMap(({ id, rows }) =>
      rows.flatMap(({ panels }) =>
        panels.flatMap((panel) =>
          panel.queries.map((query) => [`${id}: ${panel.title}`, expressionOf(query)] as const),
        ),
      ),
    );
    for (const [name, expr] of wanted) await answered(stack, `panel "${name}"`, expr);
    say(`all ${wanted.length} queries of ${dashboards.length} dashboards have data`);
    const rules = await rulesOf(stack);
    for (const { name, query } of rules) {
      await answered(stack, `rule ${name}`, alwaysAnswered(query));
    }
    say(`all ${rules.length} rules are evaluated and have data`);
  } finally {
    load.on = false;
    await loaded;
  }
}

async function keepBusy(grid: LocalGrid, load: { readonly on: boolean }): Promise<void> {
  while (load.on) {
    await grid.price(500);
    await pause(2000);
  }
}

async function answered(stack: MonitoringStack, what: string, expr: string): Promise<void> {
  const asked = expr
    .replaceAll('$__rate_interval', '30s')
    .replaceAll('$__range', '5m')
    .replaceAll('"$namespace"', '".*"')
    .replaceAll('"$job"', '".*"');
  await until(`data of ${what}: ${asked}`, 60_000, async () => {
    const samples = await stack.query(asked);
    return samples.some(isNumber) || undefined;
  });
}

const isNumber = ({ value: [, text] }: Sample): boolean => text !== 'NaN';

interface Rule {
  readonly name: string;
  readonly query: string;
  readonly health: string;
}

async function rulesOf(stack: MonitoringStack): Promise<readonly Rule[]> {
  return await until('rules that are evaluated', 30_000, async () => {
    const answer = (await (await fetch(`${stack.prometheusUrl}/api/v1/rules`)).json()) as {
      data: { groups: { rules: Rule[] }[] };
    };
    const rules = answer.data.groups.flatMap((group) => group.rules);
    return rules.length > 0 && rules.every(({ health }) => health === 'ok') ? rules : undefined;
  });
}

/** Kills a worker and waits for the webhook to be told. */
export async function checkAlert(grid: LocalGrid, stack: MonitoringStack, say: Say): Promise<void> {
  const calm = stack.alerts.filter(({ labels }) => labels.alertname !== 'ParviEventLoopStalled');
  if (calm.length > 0) {
    throw new Error(`Alerts fire while all is well: ${JSON.stringify(calm)}`);
  }
  const victim = grid.nodes.findLast(({ kind }) => kind === 'worker');
  const fromMs = performance.now();
  victim?.process.kill();
  const seen = new Map<string, number>();
  // That it is unreachable may be over, since it was downed, before Alertmanager has gathered what belongs together.
  const wanted = ['ParviMemberLost', 'ValuationWorkerLost'];
  await until(`alerts ${wanted.join(', ')} at the webhook`, 180_000, async () => {
    for (const { status, labels } of stack.alerts) {
      const name = labels.alertname ?? '';
      if (status === 'firing' && !seen.has(name)) seen.set(name, performance.now() - fromMs);
    }
    return wanted.every((name) => seen.has(name)) || undefined;
  });
  for (const [name, ms] of seen)
    say(`${name} reached the webhook ${Math.round(ms / 1000)} s after kill -9`);
}

/** What watching costs. */
export async function figures(stack: MonitoringStack, say: Say): Promise<void> {
  const mb = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
  say(
    `Prometheus takes ${mb(stack.prometheus?.residentBytes ?? 0)}, Alertmanager ${mb(stack.alertmanager?.residentBytes ?? 0)}`,
  );
  const [slowest] = await stack.query('max(max_over_time(scrape_duration_seconds[5m]))');
  const [mean] = await stack.query('avg(avg_over_time(scrape_duration_seconds[5m]))');
  const [series] = await stack.query('max(scrape_samples_scraped)');
  const ms = (sample: Sample | undefined): string =>
    `${(Number(sample?.value[1]) * 1000).toFixed(1)} ms`;
  say(
    `a scrape takes ${ms(mean)} on average, ${ms(slowest)} at most, for up to ${series?.value[1]} series`,
  );
}
