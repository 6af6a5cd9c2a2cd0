// Makes what is published of this package: ESM with types below `dist`, and a package.json that leads there instead of
// to the sources. Within the repository nothing is built: there the sources run as they are.
//
//   node build.mjs <folder>   builds into that folder, ready for `npm pack <folder>`
//   npm pack                  the same in place: `prepack` puts the built form here, `postpack` takes it back

import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const own = dirname(dirname(fileURLToPath(import.meta.url)));
const root = dirname(dirname(own));
const sourceManifest = join(own, 'package.json');
const keptManifest = join(own, 'package.source.json');

/** Builds the package into an empty or absent folder. */
export function buildPackage(folder) {
  const dist = join(folder, 'dist');
  mkdirSync(folder, { recursive: true });
  const compiler = join(root, 'node_modules', '.bin', 'tsc');
  const words = ['-p', join(own, 'tsconfig.build.json'), '--outDir', dist];
  const { status, stdout, error } = spawnSync(compiler, words, { encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(`Cannot build the package: ${error?.message ?? stdout}`, { cause: error });
  }
  // The compiler writes `.js` into imports of JavaScript, but leaves those of declarations alone.
  for (const path of filesBelow(dist)) if (path.endsWith('.d.ts')) rewriteImports(path);
  copyFileSync(join(own, 'README.md'), join(folder, 'README.md'));
  copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  const manifest = JSON.parse(readFileSync(sourceManifest, 'utf8'));
  writeFileSync(
    join(folder, 'package.json'),
    `${JSON.stringify(publishedManifest(manifest), null, 2)}\n`,
  );
}

/** The manifest with exports of what was built, and without what is of use in the repository only. */
export function publishedManifest({ scripts: _, exports, ...manifest }) {
  const published = Object.entries(exports).map(([name, source]) => [name, builtPaths(source)]);
  const bin = { parvi: './dist/parvi-command.js' };
  return { ...manifest, bin, exports: Object.fromEntries(published) };
}

function builtPaths(source) {
  const match = /^\.\/src\/(.*)\.ts$/.exec(source);
  if (match === null) return source;
  return { types: `./dist/${match[1]}.d.ts`, default: `./dist/${match[1]}.js` };
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function rewriteImports(path) {
  const text = readFileSync(path, 'utf8');
  const rewritten = text.replace(
    /(\bfrom |\bimport\()(['"])(\.{1,2}\/[^'"]+)\.ts\2/g,
    (_, before, quote, specifier) => `${before}${quote}${specifier}.js${quote}`,
  );
  if (rewritten !== text) writeFileSync(path, rewritten);
}

/** Puts the built form into this folder. What a broken attempt left behind is taken back first. */
function prepack() {
  postpack();
  const staging = mkdtempSync(join(tmpdir(), 'parvi-build-'));
  try {
    buildPackage(staging);
    cpSync(join(staging, 'dist'), join(own, 'dist'), { recursive: true });
    copyFileSync(join(staging, 'LICENSE'), join(own, 'LICENSE'));
    renameSync(sourceManifest, keptManifest);
    copyFileSync(join(staging, 'package.json'), sourceManifest);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

function postpack() {
  if (existsSync(keptManifest)) renameSync(keptManifest, sourceManifest);
  for (const name of ['dist', 'LICENSE']) rmSync(join(own, name), { recursive: true, force: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [target] = process.argv.slice(2);
  if (target === undefined) {
    process.stderr.write('node build.mjs <folder>\n');
    process.exitCode = 2;
  } else if (target === '--prepack') prepack();
  else if (target === '--postpack') postpack();
  else buildPackage(target);
}
