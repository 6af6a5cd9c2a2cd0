// How a node of either kind is started as a process: by itself, or behind words that put it on a host of its own.

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StartOptions } from 'parvi';
import { NodeProcess } from './node-process.ts';

const program = fileURLToPath(new URL('./parvi-node.ts', import.meta.url));
const packageOfNode = createRequire(import.meta.url).resolve('node/package.json');
const pinnedNode = join(dirname(packageOfNode), 'bin', 'node');

/** For many nodes on few cores. */
export const smallJvm = [
  '-Xms32m',
  '-Xmx160m',
  '-Xss512k',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
];

interface Place {
  readonly host: string;
  /** Words before those of the node, such as `nsenter` and its own. */
  readonly wrapper?: readonly string[];
}

export interface ParviProgram extends Place {
  readonly options: StartOptions;
  readonly environment?: Readonly<Record<string, string>>;
}

export function startParvi({ host, wrapper, options, environment }: ParviProgram): NodeProcess {
  return new NodeProcess({
    kind: 'parvi',
    host,
    ...command([...(wrapper ?? []), pinnedNode, program]),
    environment: { INTEROP_OPTIONS: JSON.stringify(options), ...environment },
  });
}

export interface PekkoProgram extends Place {
  readonly system: string;
  readonly classPath: string;
  readonly config: string;
  /** Options of the JVM. Default {@link smallJvm}. */
  readonly javaWords?: readonly string[];
}

export function startPekko(options: PekkoProgram): NodeProcess {
  const { host, wrapper = [], system, classPath, config, javaWords = smallJvm } = options;
  return new NodeProcess({
    kind: 'pekko',
    host,
    ...command([...wrapper, 'java', ...javaWords, '-cp', classPath, 'parvi.interop.Peer']),
    environment: { INTEROP_SYSTEM: system, INTEROP_CONFIG: config },
  });
}

/** Settings of Pekko as the text of a configuration file. */
export function configText(settings: Readonly<Record<string, unknown>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${JSON.stringify(value)}`)
    .join('\n');
}

function command(words: readonly string[]): { program: string; words: readonly string[] } {
  const [first = '', ...others] = words;
  return { program: first, words: others };
}
