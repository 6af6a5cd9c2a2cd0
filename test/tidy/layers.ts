// The layer rule: a folder imports itself and folders below it, through their index.ts, and nobody's internal/.

import { type Import, importsOf, isTest, isTestSupport, type SourceFile } from './source-file.ts';

/** Folders of the toolkit in order of use. Those of layers 0 to 2 do not import others of their own number. */
export const toolkitLayers: readonly (readonly [folder: string, layer: number])[] = [
  ['runtime', 0],
  ['config', 1],
  ['wire', 1],
  ['observe', 1],
  ['actor', 2],
  ['remote', 3],
  ['persistence', 3],
  ['cluster', 4],
  ['kubernetes', 4],
  ['discovery', 4],
  ['singleton', 5],
  ['replicated', 5],
  ['delivery', 5],
  ['sharding', 6],
  ['client', 6],
  ['bootstrap', 6],
  ['management', 7],
  ['testkit', 8],
  ['cli', 8],
];

/** Folders of an application in the order in which a trade flows down them. */
export const applicationOrder: Readonly<Record<string, readonly string[]>> = {
  valuation: ['instruments', 'market', 'kernels', 'pricing', 'intake', 'grid', 'http', 'cli'],
};

const toolkit = 'packages/parvi/src/';

interface Place {
  readonly folder: string;
  readonly rest: string;
}

function placeIn(base: string, path: string): Place | undefined {
  if (!path.startsWith(base)) return undefined;
  const [folder = '', ...rest] = path.slice(base.length).split('/');
  return rest.length === 0 ? { folder: '', rest: folder } : { folder, rest: rest.join('/') };
}

/** What is wrong with the imports of a file, one sentence each. */
export function layerFindings(file: SourceFile): string[] {
  return importsOf(file).flatMap((one) => {
    const why =
      internalReason(file, one) ??
      fixtureReason(file, one) ??
      toolkitReason(file, one) ??
      applicationReason(file, one);
    return why === undefined ? [] : [`${file.path}:${one.line} imports "${one.specifier}": ${why}`];
  });
}

function internalReason(file: SourceFile, { specifier, target }: Import): string | undefined {
  const path = target ?? specifier;
  const at = path.lastIndexOf('internal/');
  if (at < 0 || (at > 0 && path[at - 1] !== '/')) return undefined;
  if (target !== undefined && file.path.startsWith(target.slice(0, at))) return undefined;
  return 'internal/ is for its own folder only; use what the index.ts above it exports';
}

function fixtureReason(file: SourceFile, { target }: Import): string | undefined {
  const forTests = isTest(file.path) || isTestSupport(file.path);
  // Commands of a checkout begin as its scripts do; the published package and images have others.
  const isLauncher = /^(packages|apps)\/[^/]+\/bin\//.test(file.path);
  if (isLauncher && target?.startsWith('scripts/')) return undefined;
  return target === undefined || forTests || !isTestSupport(target)
    ? undefined
    : 'it is there for tests only';
}

function toolkitReason(file: SourceFile, { target, specifier }: Import): string | undefined {
  const from = placeIn(toolkit, file.path);
  if (from === undefined) return undefined;
  if (/^parvi(\/|$)/.test(specifier)) return 'inside the toolkit paths are relative';
  const to = target === undefined ? undefined : placeIn(toolkit, target);
  if (to === undefined || to.folder === from.folder) return undefined;
  if (isTest(file.path) && to.folder === 'testkit') return undefined;
  // Recorded bytes and their like serve the tests of the layers above as well.
  if (isTest(file.path) && to.rest.startsWith('fixtures/') && isBelow(to.folder, from.folder)) {
    return undefined;
  }
  if (to.folder === '') return 'the front door of the package is for users; import the folder';
  const fromLayer = layerOf(from.folder);
  const toLayer = layerOf(to.folder);
  if (toLayer === undefined) return `"${to.folder}" is not in the list of layers`;
  if (from.folder !== '' && fromLayer === undefined) {
    return `"${from.folder}" is not in the list of layers`;
  }
  if (fromLayer !== undefined && !isBelow(to.folder, from.folder)) {
    return `${to.folder} (layer ${toLayer}) is not below ${from.folder} (layer ${fromLayer})`;
  }
  return to.rest === 'index.ts'
    ? undefined
    : `other folders are used through ${to.folder}/index.ts`;
}

function layerOf(folder: string): number | undefined {
  return toolkitLayers.find(([name]) => name === folder)?.[1];
}

function isBelow(lower: string, upper: string): boolean {
  const lowerLayer = layerOf(lower) ?? 0;
  const upperLayer = layerOf(upper) ?? 0;
  if (lowerLayer !== upperLayer) return lowerLayer < upperLayer;
  const position = (folder: string) => toolkitLayers.findIndex(([name]) => name === folder);
  return lowerLayer >= 3 && position(lower) < position(upper);
}

function applicationReason(file: SourceFile, { target }: Import): string | undefined {
  const [, app] = /^apps\/([^/]+)\//.exec(file.path) ?? [];
  if (app === undefined || target === undefined) return undefined;
  if (target.startsWith('packages/')) return 'applications use the public names, such as "parvi"';
  // A test may borrow from above what makes its input.
  if (isTest(file.path)) return undefined;
  const order = applicationOrder[app] ?? [];
  const from = placeIn(`apps/${app}/src/`, file.path);
  const to = placeIn(`apps/${app}/src/`, target);
  if (from === undefined || to === undefined || to.folder === from.folder) return undefined;
  const [upper, lower] = [order.indexOf(from.folder), order.indexOf(to.folder)];
  if (from.folder !== '' && upper < 0)
    return `"${from.folder}" is not in the order of the application`;
  if (to.folder !== '' && lower < 0) return `"${to.folder}" is not in the order of the application`;
  return upper < 0 || lower < upper ? undefined : `${to.folder} comes after ${from.folder}`;
}
