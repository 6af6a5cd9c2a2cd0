// The names of the options that nodes take, as the chart reads them: from the schemas in the code.

import {
  controllerKind,
  optionsOfKind,
  workerKind,
} from '../../apps/valuation/src/cli/node-config.ts';

const namesOf = (kind: Parameters<typeof optionsOfKind>[0]): string[] =>
  optionsOfKind(kind).map(({ key }) => key);

/** By part of the grid, as it is called in the values. */
export const optionNames = {
  controllers: namesOf(controllerKind),
  workers: namesOf(workerKind),
};

/** Text of the chart's file. */
export const optionNamesFile = (): string => `${JSON.stringify(optionNames, undefined, 2)}\n`;
