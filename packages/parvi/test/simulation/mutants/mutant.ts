// A mutant: the protocol with one thing wrong, made by rewriting a line of its source while it is being loaded, in a
// process of its own. Nothing in the shipped code knows of it.

import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

export interface Mutant {
  /** What is wrong, in a few words. */
  readonly name: string;
  /** Below `src/`. */
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  /** In how many seeds from 0 on it must be caught. */
  readonly seedsMax: number;
}

const sources = new URL('../../../src/', import.meta.url);

/** How often the text to be replaced occurs; 1, or the mutant has grown old. */
export function occurrences({ file, find }: Mutant): number {
  return readFileSync(fileURLToPath(new URL(file, sources)), 'utf8').split(find).length - 1;
}

/** From now on the file is loaded with its mutation. Must come before the first import of anything that imports it. */
export function mutate({ file, find, replace }: Mutant): void {
  const { href } = new URL(file, sources);
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (url !== href) return loaded;
      const text = String(
        loaded.source instanceof Uint8Array ? Buffer.from(loaded.source) : loaded.source,
      );
      return { ...loaded, source: text.replace(find, () => replace) };
    },
  });
}
