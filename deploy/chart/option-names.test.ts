// Options by name: the chart knows those that nodes take, and says which was meant.

import { beforeAll, describe, expect, it } from 'vitest';
import { buildDependencies, readChart, tryRender, type Values } from './chart.ts';
import { optionNames, optionNamesFile } from './option-names.ts';
import { hasHelm } from './tools.ts';

const canRender = hasHelm();
beforeAll(() => {
  if (canRender) buildDependencies();
}, 120_000);

/** What helm says of an option. */
const saidOf = (name: string, value: unknown = 1): string =>
  tryRender({ values: { options: { [name]: value } } }).error;

describe('options by name', () => {
  it('stand in a file of the chart as they are in the code; else run "npm run docs"', () => {
    expect(readChart('files/options.json')).toBe(optionNamesFile());
    expect(optionNames.controllers.length).toBeGreaterThan(100);
    expect(optionNames.workers).toContain('worker.threads');
    expect(optionNames.workers).not.toContain('http.page');
  });

  it.skipIf(!canRender).each([
    ['log.levle', 'log.level'],
    ['loglevel', 'log.level'],
    ['Log.Level', 'log.level'],
    ['stableAfter', 'cluster.splitBrain.stableAfter'],
    ['cluster.splitbrain.stable-after', 'cluster.splitBrain.stableAfter'],
    ['telemetry.sampleRate', 'telemetry.sampleRatio'],
    ['controller.jobMax', 'controller.jobsMax'],
    ['PARVI_LOG_LEVEL', 'log.level'],
  ])('are refused when misspelt, with the nearest: %s', (name, near) => {
    const told = `Cannot set "${name}" in options: nodes have no such option; did you mean "${near}"?`;
    expect(saidOf(name)).toContain(told);
  });

  it.skipIf(!canRender).each(['', 'x', 'qwzk', 'grün'])(
    'are refused without a guess where none is near: "%s"',
    (name) => {
      const told = 'nodes have no such option; all are in docs/reference/options.md';
      expect(saidOf(name)).toContain(`Cannot set "${name}" in options: ${told}`);
    },
  );

  it.skipIf(!canRender)('are those of their part of the grid', () => {
    const said = (values: Values): string => tryRender({ values }).error;
    expect(said({ workers: { options: { 'http.page': false } } })).toContain(
      'Cannot set "http.page" in workers.options: workers have no such option',
    );
    expect(said({ controllers: { options: { 'worker.threads': 2 } } })).toContain(
      'Cannot set "worker.threads" in controllers.options: controllers have no such option',
    );
    const options = { 'worker.threads': 2, 'http.page': false };
    expect(said({ options, workers: { options: { 'log.level': 'warn' } } })).toBe('');
  });
});
