// The configuration file: one JSON object with sections and options.

import { readFileSync } from 'node:fs';
import { errorLine } from '../runtime/index.ts';
import { ConfigError } from './errors.ts';

/** Reads a text file whole; throws what the file system says. */
export type ReadTextFile = (path: string) => string;

export const readTextFile: ReadTextFile = (path) => readFileSync(path, 'utf8');

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
