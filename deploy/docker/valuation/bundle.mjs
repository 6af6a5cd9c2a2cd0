// Puts the grid's programs together for an image: `node deploy/docker/valuation/bundle.mjs DIRECTORY` fills the directory
// with one minified set of modules, and beside them, in the places of a checkout, the files that they read while running.
// A bundle starts faster and holds ten megabytes less than some three hundred sources, and no package comes with it.

import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { build as buildPage } from 'vite';
import { billOfMaterials, packageOf } from './sbom.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Where a program starts in the image, by the source that it is made of. */
const programs = {
  'apps/valuation/bin/valuation.mjs': 'apps/valuation/src/cli/main.ts',
  'apps/valuation/src/grid/threads/pricing-thread.mjs':
    'apps/valuation/src/grid/threads/pricing-thread.ts',
  'apps/valuation/src/intake/intake-thread.mjs': 'apps/valuation/src/intake/intake-thread.ts',
  'packages/parvi/bin/parvi.mjs': 'packages/parvi/src/parvi-command.ts',
  'healthcheck.mjs': 'deploy/docker/valuation/healthcheck.mjs',
};

/** Read while running. */
const files = [
  'apps/valuation/package.json',
  'apps/valuation/portfolio',
  'apps/valuation/web/dist',
];

/** The page's builder, as an image has the page built already, and what a library tries to load and does without. */
const leftOut = ['vite', 'supports-color'];

/** As the launcher of a checkout has it: what is loaded at the start stays, so the young generation need not grow on it. */
const beginning = {
  'apps/valuation/bin/valuation.mjs':
    "import { setFlagsFromString } from 'node:v8';\nsetFlagsFromString('--semi-space-growth-factor=1');\n",
};

/** Modules ask where they are to find the files beside them; bundled, they must answer as their sources would. */
const placesOfSources = {
  name: 'places-of-sources',
  transform(code, id) {
    if (!code.includes('import.meta.')) return null;
    const source = id.split('?')[0];
    if (!source.startsWith(root) || source.includes('node_modules')) return null;
    const url = `new URL(${JSON.stringify(join('..', relative(root, source)))}, import.meta.url)`;
    return code
      .replace(/import\.meta\.url\b/g, `${url}.href`)
      .replace(/import\.meta\.dirname\b/g, `new URL('.', ${url}).pathname.slice(0, -1)`);
  },
};

async function bundle(directory) {
  rmSync(directory, { recursive: true, force: true });
  const page = await buildPage({
    configFile: join(root, 'apps/valuation/web/vite.config.ts'),
    logLevel: 'error',
  });
  const sources = Object.values(programs);
  const built = await rolldown({
    cwd: root,
    input: Object.fromEntries(sources.map((source, i) => [`program-${i}`, join(root, source)])),
    platform: 'node',
    external: leftOut,
    plugins: [placesOfSources],
    logLevel: 'warn',
  });
  const modules = await built.write({
    dir: join(directory, 'lib'),
    format: 'esm',
    minify: true,
    sourcemap: false,
    entryFileNames: '[name].mjs',
    chunkFileNames: '[name]-[hash].mjs',
  });
  await built.close();
  Object.keys(programs).forEach((place, i) => {
    const file = join(directory, place);
    const library = relative(dirname(file), join(directory, 'lib', `program-${i}.mjs`));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${beginning[place] ?? ''}await import('./${library}');\n`);
  });
  for (const path of files) {
    cpSync(join(root, path), join(directory, path), { recursive: true });
  }
  const chunks = [...modules.output, ...page.output].filter(({ type }) => type === 'chunk');
  const packages = new Set(
    chunks.flatMap((chunk) => Object.keys(chunk.modules).map(packageOf)).filter(Boolean),
  );
  const bill = billOfMaterials({ root, workspace: 'valuation', packages });
  writeFileSync(join(directory, 'sbom.cdx.json'), `${bill}\n`);
}

const [target] = process.argv.slice(2);
if (target === undefined) {
  process.stderr.write('Usage: node deploy/docker/valuation/bundle.mjs DIRECTORY\n');
  process.exitCode = 2;
} else {
  await bundle(resolve(target));
}
