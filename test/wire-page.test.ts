// The page on the wire format names every serializer and manifest that is read, and no others.

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { SerializerRegistry, WireError } from '../packages/parvi/src/wire/index.ts';

const page = readFileSync(new URL('../docs/reference/wire.md', import.meta.url), 'utf8');
const registry = new SerializerRegistry({});

/** What stands first in the rows of the table below a heading. */
function firstCells(heading: string): string[] {
  const section = page.split(`${heading}\n`)[1]?.split('\n#')[0] ?? '';
  return [...section.matchAll(/^\| (?!-)([^|]+) \|/gm)].map(([, cell]) => cell ?? '').slice(1);
}

/** Whether something is refused for its bytes at most, not for that it is unknown. */
function isKnown(code: string, serializerId: number, manifest = ''): boolean {
  try {
    registry.decode(serializerId, manifest, new Uint8Array(0));
    return true;
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return error.code !== code;
  }
}

const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ', ...'abcdefghijklmnopqrstuvwxyz'];
/** All of one and two letters, and the longer ones that there are. */
const manifests = [
  ...letters,
  ...letters.flatMap((first) => letters.map((second) => first + second)),
  ...letters.flatMap((last) => [`IJ${last}`, `HB${last}`]),
  ...['DONE', 'AIEX', 'TNSEX'],
];

it.each([
  ['### Remoting (serializer 17)', 17],
  ['### Cluster (serializer 5)', 5],
  ['### Stock messages (serializer 16)', 16],
] as const)('%s lists each manifest that is read', (heading, serializerId) => {
  const named = firstCells(heading).map((cell) => cell.replaceAll('`', ''));
  const read = manifests.filter((manifest) => isKnown('MANIFEST_UNKNOWN', serializerId, manifest));
  expect([...named].sort()).toEqual([...read].sort());
});

it('names each serializer that is read', () => {
  const named = firstCells('## Serializers').flatMap((cell) => cell.split(', ').map(Number));
  const read = Array.from({ length: 100 }, (_, id) => id).filter((id) =>
    isKnown('SERIALIZER_UNKNOWN', id),
  );
  expect(named.sort((a, b) => a - b)).toEqual(read);
});
