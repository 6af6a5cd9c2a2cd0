// `npm run manifests`: the chart as plain manifests, for who applies them without helm.

import { writeFileSync } from 'node:fs';
import { wordsOfCommand } from '../../scripts/command.ts';
import { buildDependencies, renderText, topologies } from './chart.ts';

const usage = `npm run manifests -- [options]

Writes the objects of the grid's chart as YAML to standard output.

  --topology seeds|bootstrap   how nodes find each other; default as in the values
  --values FILE                values of the chart; may be given several times, the last wins
  --release NAME               name of the release, which is a label of all objects; default grid
  --namespace NAME             where the objects go; default grid
  --output FILE                writes there instead

  npm run --silent manifests -- --topology bootstrap | kubectl apply --server-side -f -
`;

/** What only helm can use: hooks that it runs by itself. */
const withoutTests = { tests: { enabled: false } };

function main(): number {
  const { values } = wordsOfCommand({
    options: {
      topology: { type: 'string' },
      values: { type: 'string', multiple: true },
      release: { type: 'string' },
      namespace: { type: 'string' },
      output: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) {
    process.stdout.write(usage);
    return 0;
  }
  const { topology, release, namespace, output, values: files = [] } = values;
  if (topology !== undefined && !topologies.some((one) => one === topology)) {
    process.stderr.write(
      `Cannot use the topology "${topology}": it is ${topologies.join(' or ')}\n`,
    );
    return 2;
  }
  try {
    buildDependencies();
    const text = renderText({
      files,
      values: { ...withoutTests, ...(topology === undefined ? {} : { topology }) },
      ...(release === undefined ? {} : { release }),
      ...(namespace === undefined ? {} : { namespace }),
    });
    if (output === undefined) process.stdout.write(text);
    else writeFileSync(output, text);
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    return 1;
  }
}

process.exitCode = main();
