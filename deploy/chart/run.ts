// `npm run chart`: checks and packs the chart. Its tests are run by `npm run chart -- --test`, which the script of the
// repository hands to the test runner.

import { mkdirSync } from 'node:fs';
import { delimiter } from 'node:path';
import { wordsOfCommand } from '../../scripts/command.ts';
import { buildDependencies, chartFolder, topologies } from './chart.ts';
import { helm, toolFolders } from './tools.ts';

const usage = `npm run chart -- [options]

  --test           run the chart's tests; words after it choose some
  --package DIR    check the chart and write it as an archive for helm into that folder
  --tools          print the folders of the helm and kubectl that the commands use, for PATH
  (nothing)        check the chart
`;

function main(): number {
  const { values } = wordsOfCommand({
    options: {
      package: { type: 'string' },
      tools: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) {
    process.stdout.write(usage);
    return 0;
  }
  try {
    if (values.tools === true) {
      process.stdout.write(`${toolFolders().join(delimiter)}\n`);
      return 0;
    }
    buildDependencies();
    for (const topology of topologies) {
      helm('lint', '--strict', chartFolder, '--set', `topology=${topology}`);
      process.stdout.write(`topology ${topology}: in order\n`);
    }
    if (values.package !== undefined) {
      mkdirSync(values.package, { recursive: true });
      process.stdout.write(helm('package', chartFolder, '--destination', values.package));
    }
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    return 1;
  }
}

process.exitCode = main();
