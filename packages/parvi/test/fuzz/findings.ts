// Inputs that once broke a decoder. They are kept for ever and run with the tests.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('./findings/', import.meta.url));

export interface KeptInput {
  readonly file: string;
  readonly target: string;
  readonly bytes: Uint8Array;
}

/** File names are `<target>-<what it is>.bin`. */
export function keptInputs(): readonly KeptInput[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith('.bin'))
    .sort()
    .map((file) => ({
      file,
      target: file.slice(0, file.indexOf('-')),
      bytes: readFileSync(join(folder, file)),
    }));
}

/** Writes the input down and gives the path of its file. */
export function keepInput(target: string, kind: string, bytes: Uint8Array): string {
  mkdirSync(folder, { recursive: true });
  const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 8);
  const path = join(folder, `${target}-${kind}-${digest}.bin`);
  writeFileSync(path, bytes);
  return path;
}
