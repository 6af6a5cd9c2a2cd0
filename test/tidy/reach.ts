// Dead files: whatever no entry point reaches is used by nobody.

import { importsOf, type SourceFile } from './source-file.ts';

/** Paths of the files that cannot be reached from the entries; tests are no entries. */
export function unreachedFiles(files: readonly SourceFile[], entries: readonly string[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const reached = new Set<string>();
  const waiting = entries.filter((path) => byPath.has(path));
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const file = byPath.get(path);
    if (file === undefined || reached.has(path)) continue;
    reached.add(path);
    for (const { target } of importsOf(file)) if (target !== undefined) waiting.push(target);
  }
  return files.map((file) => file.path).filter((path) => !reached.has(path));
}

/** Doors of a package that lead nowhere, and folders of it without a door. */
export function exportFindings(
  exports: Readonly<Record<string, unknown>>,
  folders: readonly string[],
): string[] {
  const doors = Object.keys(exports).flatMap((name) => /^\.\/([a-z-]+)$/.exec(name)?.[1] ?? []);
  return [
    ...folders
      .filter((folder) => !doors.includes(folder))
      .map((folder) => `src/${folder} has an index.ts and "exports" has no "./${folder}"`),
    ...doors
      .filter((door) => !folders.includes(door))
      .map((door) => `"exports" has "./${door}" and src/${door} has no index.ts`),
    ...doors
      .filter((door) => exports[`./${door}`] !== `./src/${door}/index.ts`)
      .map((door) => `"./${door}" of "exports" is not ./src/${door}/index.ts`),
  ];
}
