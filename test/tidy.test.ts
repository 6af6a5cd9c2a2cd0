// Form that tools do not hold by themselves: layers, banned calls, lengths, catalogues, dead files. Every finding says
// where it is and what to do. The checkers are themselves tested on small examples in tidy/*.test.ts.

import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { bannedFindings, formFindings, portImplementations } from './tidy/banned.ts';
import { catalogueFindings, errorCodesOf } from './tidy/error-codes.ts';
import { layerFindings } from './tidy/layers.ts';
import { lengthFindings, longParts, parameterFindings, type Ratchet } from './tidy/lengths.ts';
import { exportFindings, unreachedFiles } from './tidy/reach.ts';
import {
  isCode,
  isTest,
  isTestSupport,
  readText,
  repositoryFiles,
  sourceFile,
} from './tidy/source-file.ts';
import { textFindings, titleFindings } from './tidy/texts.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const paths = repositoryFiles(root);
const files = paths.filter(isCode).map((path) => sourceFile(path, readText(root, path)));
const sources = files.filter((file) => !isTest(file.path));
const isToolkit = (path: string): boolean => path.startsWith('packages/parvi/src/');
const isRuntime = (path: string): boolean => path.startsWith('packages/parvi/src/runtime/');
/** Where a process of the toolkit's own begins: what it hands to the rest comes from the process itself. */
const isCommand = (path: string): boolean => path === 'packages/parvi/src/parvi-command.ts';

/** Lengths accepted once, with the reason. They may only shrink. */
const acceptedLengths: Ratchet = {};

/** Where reading starts: the doors of the packages, commands, pages, scripts. */
const entries = [
  ...paths.filter(isCommand),
  ...paths.filter((path) => /^packages\/[^/]+\/src\/([^/]+\/)?index\.ts$/.test(path)),
  ...paths.filter((path) => /^apps\/[^/]+\/(src\/cli\/main\.ts|web\/src\/main\.tsx)$/.test(path)),
  ...paths.filter((path) => /^apps\/[^/]+\/bin\/[^/]+\.mjs$/.test(path)),
];

describe('the repository', () => {
  it('has files to look at in every part', () => {
    expect(files.filter((file) => isToolkit(file.path)).length).toBeGreaterThan(100);
    expect(files.filter((file) => file.path.startsWith('apps/')).length).toBeGreaterThan(50);
    expect(entries.length).toBeGreaterThan(5);
  });

  it('keeps to its layers', () => {
    expect(files.flatMap(layerFindings)).toEqual([]);
  });

  it('takes time, chance, network and the process from ports', () => {
    const checked = files.filter(
      ({ path }) => isToolkit(path) && !isRuntime(path) && !isCommand(path),
    );
    expect(checked.flatMap(bannedFindings)).toEqual([]);
    expect(portImplementations.filter((path) => !paths.includes(path))).toEqual([]);
  });

  it('does without star exports, default exports, enums and double casts', () => {
    const configured = /(\.config\.ts|^scripts\/count-reporter\.mjs)$/;
    const checked = files.filter((file) => !configured.test(file.path));
    expect(checked.flatMap(formFindings)).toEqual([]);
  });

  it('has files and functions of a readable length', () => {
    const long = new Map(files.flatMap((file) => [...longParts(file, isTest(file.path))]));
    expect(lengthFindings(long, acceptedLengths)).toEqual([]);
    expect(sources.flatMap(parameterFindings)).toEqual([]);
  });

  it('explains every error code', () => {
    const used = new Set(
      sources
        .filter((file) => /^(packages|apps)\/[^/]+\/src\//.test(file.path))
        .flatMap((file) => [...errorCodesOf(file)]),
    );
    expect(catalogueFindings(used, readText(root, 'docs/reference/errors.md'))).toEqual([]);
  });

  it('has no file that nobody uses', () => {
    const checked = sources.filter((file) =>
      /^(packages|apps)\/[^/]+\/(src|web)\//.test(file.path),
    );
    const scopes = checked.filter(
      (file) => !/\.config\.ts$/.test(file.path) && !isTestSupport(file.path),
    );
    expect(unreachedFiles(scopes, entries)).toEqual([]);
  });

  it('has a door for each folder of the toolkit', () => {
    const manifest: unknown = JSON.parse(readText(root, 'packages/parvi/package.json'));
    const exports = (manifest as { exports: Record<string, unknown> }).exports;
    const folders = paths.flatMap(
      (path) => /^packages\/parvi\/src\/([^/]+)\/index\.ts$/.exec(path)?.[1] ?? [],
    );
    expect(exportFindings(exports, folders)).toEqual([]);
  });

  it('says nothing unfinished and names no machine', () => {
    const spoken =
      /\.(ts|tsx|mjs|js|md|json|sh|css|html|proto|cpp|hpp|java|yaml|yml|toml)$|^\.ci\//;
    const generated = /(^|\/)(package-lock\.json|fixtures\/|golden\/.*\.json$)|_pb\.(d\.ts|js)$/;
    const texts = paths.filter((path) => spoken.test(path) && !generated.test(path));
    expect(texts.flatMap((path) => textFindings(path, readText(root, path)))).toEqual([]);
  });

  it('gives every page one title', () => {
    const pages = paths.filter((path) => path.endsWith('.md'));
    expect(pages.flatMap((path) => titleFindings(path, readText(root, path)))).toEqual([]);
  });
});
