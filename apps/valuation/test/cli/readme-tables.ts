// The tables of the README that follow from code: instruments with their fields, words, metrics, problems. Run by
// itself it writes them into the README; a test compares.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { problemStatuses } from '../../src/http/problems.ts';
import { resultColumns } from '../../src/http/result-format.ts';
import {
  americanEngines,
  americanOptionSchema,
  businessDayConventions,
  calendarNames,
  dayCountNames,
  depositSchema,
  europeanEngines,
  europeanOptionSchema,
  fraSchema,
  frequencyNames,
  swapSchema,
} from '../../src/instruments/index.ts';
import { bundledSnapshotNames } from '../../src/market/index.ts';
import { irDeltaMethods, metricNames, metrics } from '../../src/pricing/index.ts';

export const readmePath = join(import.meta.dirname, '..', '..', 'README.md');

interface JsonField {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly const?: string;
  readonly pattern?: string;
  readonly format?: string;
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
}

const code = (text: string): string => `\`${text}\``;

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');
}

/** Lists of words too long for a cell, by their name in the README. */
const vocabulary: readonly (readonly [name: string, words: readonly string[]])[] = [
  ['calendar', calendarNames],
  ['convention', businessDayConventions],
  ['day count', dayCountNames],
  ['frequency', frequencyNames],
  ['European engine', europeanEngines],
  ['American engine', americanEngines],
];

const figure = (value = 0): string =>
  Math.abs(value) >= 1e6 ? value.toExponential().replace('e+', 'e') : String(value);

function takes(name: string, field: JsonField): string {
  if (field.const !== undefined) return code(field.const);
  if (field.enum !== undefined) {
    const words = field.enum;
    const list = vocabulary.find(([, known]) => known.join() === words.join());
    return list === undefined ? words.map(code).join(', ') : list[0];
  }
  if (field.format === 'date') return 'date';
  if (name === 'tenor') return 'tenor';
  if (field.type === 'boolean') return '`true`, `false`';
  if (field.type === 'string') return name === 'id' ? 'text' : 'name';
  const { minimum, maximum, exclusiveMinimum } = field;
  const low = exclusiveMinimum === undefined ? figure(minimum) : `above ${exclusiveMinimum}`;
  const high = maximum === undefined ? '' : ` to ${figure(maximum)}`;
  return `${field.type === 'integer' ? 'whole number' : 'number'} ${low}${high}`;
}

const schemas = {
  fra: fraSchema,
  deposit: depositSchema,
  swap: swapSchema,
  europeanOption: europeanOptionSchema,
  americanOption: americanOptionSchema,
};

const inHead = ['id', 'snapshot'];

function fieldRows(name: string, schema: z.ZodObject): readonly (readonly string[])[] {
  const whole = z.toJSONSchema(schema, { io: 'input' });
  // A schema with a name of its own is described under that name.
  const json = Object.values(whole.$defs ?? {})[0] ?? whole;
  const fields = Object.entries((json.properties ?? {}) as Record<string, JsonField>);
  const needed = new Set(json.required ?? []);
  return fields
    .filter(([field]) => !inHead.includes(field) || name === 'fra')
    .map(([field, is]) => [
      code(field),
      needed.has(field) ? 'yes' : '',
      takes(field, is),
      is.description ?? '',
    ]);
}

function instrumentTables(): string {
  const head = ['field', 'needed', 'takes', 'what it is'];
  const common = fieldRows('fra', fraSchema).filter(([field = '']) =>
    inHead.map(code).includes(field),
  );
  const parts = Object.entries(schemas).map(([name, schema]) => {
    const title = schema.meta()?.description ?? '';
    const rows = fieldRows(name, schema).filter(
      ([field = '']) => !common.some(([known]) => known === field) && field !== '`instrument`',
    );
    return `#### \`${name}\`: ${title}\n\n${tableOf(head, rows)}`;
  });
  const names = Object.keys(schemas).map(code).join(', ');
  const all = [...common, [code('instrument'), 'yes', names, 'What is traded']];
  return [`#### All trades\n\n${tableOf(head, all)}`, ...parts].join('\n\n');
}

const wordTable = (): string =>
  tableOf(
    ['word', 'one of'],
    vocabulary.map(([name, words]) => [name, words.map(code).join(', ')]),
  );

function metricTable(): string {
  return tableOf(
    ['metric', 'value', 'instruments', 'further figures'],
    metricNames.map((name) => {
      const { title, instruments, columns } = metrics[name];
      const figures =
        name === 'IRDelta' ? 'one by node or quote, when asked for' : columns.map(code).join(', ');
      return [code(name), title, instruments.map(code).join(', '), figures];
    }),
  );
}

const problemTable = (): string =>
  tableOf(
    ['status', 'code', 'title'],
    Object.entries(problemStatuses)
      .toSorted(([, [a]], [, [b]]) => a - b)
      .map(([name, [status, title]]) => [String(status), code(name), title]),
  );

/** What stands between the marks of the README, by their names. */
export const readmeParts: Readonly<Record<string, () => string>> = {
  instruments: instrumentTables,
  words: wordTable,
  metrics: metricTable,
  deltas: () => irDeltaMethods.map(code).join(', '),
  snapshots: () => bundledSnapshotNames.map(code).join(', '),
  columns: () => resultColumns('OptionPV').map(code).join(', '),
  problems: problemTable,
};

/** The README with each generated part as the code has it. */
export function withParts(readme: string): string {
  return Object.entries(readmeParts).reduce((text, [name, make]) => {
    const [before, after] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const from = text.indexOf(before);
    const to = text.indexOf(after);
    if (from === -1 || to < from) throw new Error(`The README lacks the marks of "${name}"`);
    return `${text.slice(0, from + before.length)}\n${make()}\n${text.slice(to)}`;
  }, readme);
}

if (import.meta.main) writeFileSync(readmePath, withParts(readFileSync(readmePath, 'utf8')));
