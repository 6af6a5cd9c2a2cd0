// The configuration file: one JSON object with sections and options.

import { readFileSync, statSync } from 'node:fs';
import { errorLine } from '../runtime/index.ts';
import { ConfigError } from './errors.ts';

/** Reads a text file whole; throws what the file system says. */
export type ReadTextFile = (path: string) => string;

export const readTextFile: ReadTextFile = (path) => readFileSync(path, 'utf8');

/** Far more than all certificates of a system's authorities. */
const secretBytesMax = 1024 * 1024;

/**
 * As {@link readTextFile}, for keys, certificates and secrets: a node reads them again while it runs, and a pipe or a device
 * would hold it up.
 */
export const readSecretFile: ReadTextFile = (path) => {
  const found = statSync(path);
  if (!found.isFile()) throw new Error('it is no regular file; copy what it holds into one');
  if (found.size > secretBytesMax) {
    throw new Error(`it has ${found.size} bytes, more than any such file (${secretBytesMax})`);
  }
  return readTextFile(path);
};

/** @throws ConfigError `CONFIG_FILE_UNREADABLE`, `CONFIG_FILE_INVALID` */
export function parseConfigFile(path: string, read: ReadTextFile): unknown {
  let text: string;
  try {
    text = read(path);
  } catch (cause) {
    throw new ConfigError(
      'CONFIG_FILE_UNREADABLE',
      `Cannot read the configuration file "${path}": ${errorLine(cause)}; check the path given by --config or the environment`,
      { fields: { path }, cause },
    );
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ConfigError(
      'CONFIG_FILE_INVALID',
      `Cannot read the configuration file "${path}" as JSON: ${errorLine(cause)}`,
      { fields: { path }, cause },
    );
  }
}
