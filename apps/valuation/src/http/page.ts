// The built page. In a checkout it is built from source when that is newer; in an image it is built beforehand.

import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const webDirectory = fileURLToPath(new URL('../../web', import.meta.url));
const pageDirectory = join(webDirectory, 'dist');

function newestMs(directory: string): number {
  const times = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs);
  return Math.max(0, ...times);
}

function isFresh(): boolean {
  const built = join(pageDirectory, 'index.html');
  if (!existsSync(built)) return false;
  const source = join(webDirectory, 'src');
  return !existsSync(source) || statSync(built).mtimeMs >= newestMs(source);
}

/** The folder of the built page; builds it first when it is missing or older than its source. */
export async function ensurePage(): Promise<string> {
  if (!isFresh()) {
    const { build } = await import('vite');
    await build({ configFile: join(webDirectory, 'vite.config.ts'), logLevel: 'error' });
  }
  return pageDirectory;
}
