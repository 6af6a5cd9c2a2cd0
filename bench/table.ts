// Rows of benchmarks as a Markdown table, which is also read well on a terminal.

import type { BenchRow, Goal, Range } from './bench-row.ts';

const heads = ['figure', 'ours', 'spread', 'beside it', 'ratio', 'spread', 'goal', 'met'] as const;

/** The table; reasons and conditions follow below it, one line each. */
export function tableOf(rows: readonly BenchRow[]): string {
  const notes: string[] = [];
  const cells = rows.map((row) => {
    const { peer, ratio } = row;
    if (row.note !== undefined && !notes.includes(row.note)) notes.push(row.note);
    const mark = row.note === undefined ? '' : ` [${notes.indexOf(row.note) + 1}]`;
    return [
      row.figure + mark,
      `${numberText(row.ours)} ${row.unit}`,
      rangeText(row.spread),
      peer === undefined ? '–' : `${peer.name}: ${numberText(peer.value)}`,
      ratio === undefined ? '–' : `${numberText(ratio.value)}×`,
      ratio === undefined ? '–' : rangeText(ratio.spread),
      row.goal === undefined ? '–' : goalText(row.goal),
      row.goal === undefined ? '–' : row.met ? 'met' : 'MISSED',
    ];
  });
  const lines = [heads as readonly string[], ...cells];
  const widths = heads.map((_, i) => Math.max(3, ...lines.map((line) => (line[i] ?? '').length)));
  const lineOf = (line: readonly string[]): string =>
    `| ${line.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  const table = [lineOf(heads), rule, ...cells.map(lineOf)].join('\n');
  return notes.length === 0
    ? table
    : `${table}\n\n${notes.map((note, i) => `[${i + 1}] ${note}`).join('\n\n')}`;
}

function goalText({ on, atLeast, atMost }: Goal): string {
  const unit = on === 'ratio' ? '×' : '';
  const parts = [];
  if (atLeast !== undefined) parts.push(`≥ ${numberText(atLeast)}${unit}`);
  if (atMost !== undefined) parts.push(`≤ ${numberText(atMost)}${unit}`);
  return parts.join(', ');
}

const rangeText = ([low, high]: Range): string => `${numberText(low)}–${numberText(high)}`;

/** Three digits that count, thousands apart. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const rounded = Number(value.toPrecision(3));
  return Math.abs(rounded) >= 1000 ? rounded.toLocaleString('en') : String(rounded);
}
