// Metrics as text, in the format that Prometheus reads (text format 0.0.4) and in OpenMetrics 1.0 for who asks for it.
// Both are the same but for the names of counters, the way numbers are written and the end.

import type { HistogramSample, MetricSnapshot, ValueSample } from '../observe/index.ts';

export type MetricsFormat = 'prometheus' | 'openMetrics';

export const metricsTypes: Readonly<Record<MetricsFormat, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openMetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** The format that an `Accept` header prefers; what Prometheus sends names both. */
export function metricsFormatOf(accept: string | undefined): MetricsFormat {
  return /(^|,)\s*application\/openmetrics-text\b(?!\s*;[^,]*\bq=0(\.0*)?\s*(,|;|$))/i.test(
    accept ?? '',
  )
    ? 'openMetrics'
    : 'prometheus';
}

export function metricsText(metrics: readonly MetricSnapshot[], format: MetricsFormat): string {
  const lines = metrics.flatMap((metric) => familyLines(metric, format));
  if (format === 'openMetrics') lines.push('# EOF');
  return lines.map((line) => `${line}\n`).join('');
}

function familyLines(metric: MetricSnapshot, format: MetricsFormat): string[] {
  const { name, help, kind, labelNames } = metric;
  // OpenMetrics names the family of a counter without the ending of its samples.
  const family =
    format === 'openMetrics' && kind === 'counter' ? name.replace(/_total$/, '') : name;
  const head = [`# HELP ${family} ${helpText(help, format)}`, `# TYPE ${family} ${kind}`];
  if (metric.kind === 'histogram') {
    return [
      ...head,
      ...metric.samples.flatMap((one) => bucketLines(name, labelNames, one, format)),
    ];
  }
  return [...head, ...metric.samples.map((one) => valueLine(name, labelNames, one))];
}

function valueLine(name: string, labelNames: readonly string[], sample: ValueSample): string {
  return `${name}${labelsText(labelNames, sample.labels)} ${numberText(sample.value)}`;
}

/** Buckets count all values up to their bound, as both formats want it. */
function bucketLines(
  name: string,
  labelNames: readonly string[],
  sample: HistogramSample,
  format: MetricsFormat,
): string[] {
  const bounds = [...sample.upperBounds.map((bound) => boundText(bound, format)), '+Inf'];
  let count = 0;
  const buckets = bounds.map((bound, i) => {
    count += sample.bucketCounts[i] ?? 0;
    const labels = labelsText([...labelNames, 'le'], [...sample.labels, bound]);
    return `${name}_bucket${labels} ${count}`;
  });
  const own = labelsText(labelNames, sample.labels);
  return [
    ...buckets,
    `${name}_sum${own} ${numberText(sample.sum)}`,
    `${name}_count${own} ${count}`,
  ];
}

function labelsText(names: readonly string[], values: readonly string[]): string {
  if (names.length === 0) return '';
  const pairs = names.map((name, i) => `${name}="${escaped(values[i] ?? '')}"`);
  return `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}

function helpText(help: string, format: MetricsFormat): string {
  const text = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return format === 'openMetrics' ? text.replaceAll('"', '\\"') : text;
}

/** OpenMetrics wants bounds as numbers with a point. */
function boundText(bound: number, format: MetricsFormat): string {
  const text = numberText(bound);
  return format === 'openMetrics' && /^-?\d+$/.test(text) ? `${text}.0` : text;
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}
