// A dashboard as a list of rows of panels, and Grafana's JSON of it, by Grafana's own builders. Also the source of the tables
// that describe the panels in the guide.

import {
  type Dashboard,
  DashboardBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as SeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

/** An expression in which `$of` stands for the labels of the cluster that is looked at. */
export interface Query {
  readonly expr: string;
  /** Name of a series, with labels as `{{instance}}`. */
  readonly legend: string;
}

export interface Panel {
  readonly title: string;
  /** What it shows, and what to think of when it looks odd. One or two sentences. */
  readonly about: string;
  readonly kind: 'series' | 'stat';
  /** Grafana's name of the unit. */
  readonly unit: 'short' | 's' | 'bytes' | 'Bps' | 'reqps' | 'percentunit' | 'ops' | 'cps';
  readonly queries: readonly Query[];
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

export interface DashboardPlan {
  /** Name of the file, and Grafana's id of it. */
  readonly id: string;
  readonly title: string;
  readonly about: string;
  /** A metric by which the clusters to choose from are found. */
  readonly chosenBy: string;
  readonly rows: readonly Row[];
}

const source = { type: 'prometheus', uid: '$source' };
const labels = 'namespace=~"$namespace",job=~"$job"';

/** The expression as Grafana gets it. */
export const expressionOf = ({ expr }: Query): string => expr.replaceAll('$of', labels);

export function dashboardOf(plan: DashboardPlan): Dashboard {
  const builder = new DashboardBuilder(plan.title)
    .uid(plan.id)
    .description(plan.about)
    .tags(['parvi'])
    .editable()
    .refresh('10s')
    .time({ from: 'now-30m', to: 'now' })
    .withVariable(new DatasourceVariableBuilder('source').label('Source').type('prometheus'))
    .withVariable(chosen('namespace', 'Namespace', `label_values(${plan.chosenBy}, namespace)`))
    .withVariable(
      chosen('job', 'Cluster', `label_values(${plan.chosenBy}{namespace=~"$namespace"}, job)`),
    );
  for (const row of plan.rows) {
    builder.withRow(new RowBuilder(row.title));
    for (const panel of row.panels) builder.withPanel(panelOf(panel));
  }
  return builder.build();
}

/** Everything is chosen at first; a Prometheus that has no namespaces has the empty one. */
function chosen(name: string, label: string, query: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(source)
    .query(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .includeAll(true)
    .allValue('.*')
    .current({ text: 'All', value: '$__all', selected: true });
}

function panelOf(panel: Panel): StatBuilder | SeriesBuilder {
  return panel.kind === 'stat'
    ? described(new StatBuilder(), panel).span(4).height(4)
    : described(new SeriesBuilder(), panel).span(8).height(8).fillOpacity(8).min(0);
}

function described<T extends StatBuilder | SeriesBuilder>(builder: T, panel: Panel): T {
  builder.title(panel.title).description(panel.about).unit(panel.unit).datasource(source);
  for (const query of panel.queries) {
    builder.withTarget(
      new DataqueryBuilder()
        .expr(expressionOf(query))
        .legendFormat(query.legend)
        .datasource(source)
        .range(),
    );
  }
  return builder;
}

/** The panels as tables for people. */
export function panelTables({ rows }: DashboardPlan): string {
  return rows
    .map(({ title, panels }) => {
      const lines = panels.map((panel) => `| ${panel.title} | ${panel.about} |`);
      return [`**${title}**`, '', '| panel | what |', '|---|---|', ...lines, ''].join('\n');
    })
    .join('\n');
}
