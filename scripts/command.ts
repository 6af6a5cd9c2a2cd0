// What the commands of the repository share: options that are refused in one line, an end when a signal asks for it, and
// one without noise when nobody reads on.

import { type ParseArgsConfig, parseArgs } from 'node:util';
import { nearest } from 'parvi/config';

/** Exit code for words that cannot be understood. */
const usageCode = 2;

type Options = NonNullable<ParseArgsConfig['options']>;

interface Words<T extends Options> {
  readonly options: T;
  readonly allowPositionals?: boolean;
}

/**
 * Reads the options of the command line.
 *
 * @throws Error with one line for people: what is wrong, and the nearest option that there is
 */
export function readWords<const T extends Options>(
  { options, allowPositionals = false }: Words<T>,
  words: readonly string[] = process.argv.slice(2),
) {
  const args = [...words];
  const { tokens } = parseArgs({
    args,
    options,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind !== 'option' || Object.hasOwn(options, token.name)) continue;
    const near = nearest(token.name, Object.keys(options));
    const known = Object.keys(options).map((name) => `--${name}`);
    const all = known.length === 0 ? 'there is none' : `there are ${known.join(', ')}`;
    const hint = near === undefined ? all : `did you mean "--${near}"?`;
    throw new Error(`Cannot read the option "${token.rawName}": it is unknown; ${hint}`);
  }
  try {
    return parseArgs({ args, options, allowPositionals });
  } catch (error) {
    const [line = ''] = String(error instanceof Error ? error.message : error).split('\n');
    throw new Error(`Cannot read the options: ${line}`, { cause: error });
  }
}

/** {@link readWords} of a command: what is wrong is said on standard error, and the process ends with code 2. */
export function wordsOfCommand<const T extends Options>(words: Words<T>) {
  try {
    return readWords(words);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exit(usageCode);
  }
}

/**
 * Resolves at the first signal that asks for the end. Further ones change nothing: whoever signals a whole process group
 * has `scripts/run.mjs` pass the same signal on once more, and to die of it would leave behind what is being stopped.
 */
export function toldToStop(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, resolve);
  });
}

/** A reader that has seen enough, such as `head`, closes the pipe: that ends the command and is no failure. */
export function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    process.stderr.write(`Cannot write to standard output: ${error.message}\n`);
    process.exit(1);
  });
  // There is nowhere left to say it.
  process.stderr.on('error', () => undefined);
}
