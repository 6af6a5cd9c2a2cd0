// The page and the table of the chart's values are what the values say.

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { at, readChart } from './chart.ts';
import { leafKeys, valueRows, valuesTable } from './values-table.ts';

describe('the table of values', () => {
  it('takes comments as effects, and sections as parts of names', () => {
    const text = [
      '# About the file',
      '',
      '# Says a',
      'a: 1',
      'b:',
      '  # Says c,',
      '  # in two lines',
      '  c: [x, y]',
      '  d:',
      '    # Says e | f',
      "    e: ''",
    ].join('\n');
    expect(valueRows(text)).toEqual([
      { key: 'a', effect: 'Says a', defaultText: '1' },
      { key: 'b.c', effect: 'Says c, in two lines', defaultText: '["x","y"]' },
      { key: 'b.d.e', effect: 'Says e | f', defaultText: '""' },
    ]);
    expect(valuesTable(valueRows(text))).toContain('| `b.d.e` | Says e \\| f | `""` |');
  });

  it('explains every value of the chart', () => {
    const rows = valueRows().map(({ key }) => key);
    const explained = (leaf: string): boolean =>
      rows.some((key) => leaf === key || leaf.startsWith(`${key}.`));
    const leaves = leafKeys(parse(readChart('values.yaml')));
    expect(leaves.length).toBeGreaterThan(100);
    expect(leaves.filter((leaf) => !explained(leaf))).toEqual([]);
    expect(rows.filter((row, index) => rows.indexOf(row) !== index)).toEqual([]);
  });

  it('names values that the schema knows, each with a type or choice', () => {
    const schema: unknown = JSON.parse(readChart('values.schema.json'));
    const schemaAt = (key: string): unknown =>
      key.split('.').reduce<unknown>((one, name) => resolved(at(one, 'properties', name)), schema);
    const resolved = (part: unknown): unknown => {
      const reference = at(part, '$ref');
      return reference === undefined
        ? part
        : at(schema, 'definitions', String(reference).replace(/.*\//, ''));
    };
    const unknown = valueRows().filter(({ key }) => {
      const found = schemaAt(key);
      return at(found, 'type') === undefined && at(found, 'enum') === undefined;
    });
    expect(unknown).toEqual([]);
  });

  it('stands in the README of the chart', () => {
    expect(readChart('README.md')).toContain(
      `<!-- values -->\n\n${valuesTable()}\n\n<!-- /values -->`,
    );
  });
});
