// What a command sends so that a node lets it in. Never from the command line, where others of the machine would see it.

import type { EnvironmentRecord, ReadTextFile } from '../config/index.ts';
import { variableText } from '../runtime/index.ts';
import { ownManagementUrl } from './own-management.ts';

export interface Credentials {
  /** Value of the header `authorization`. */
  readonly header: string;
  /** The variables that they come from, for a person. */
  readonly source: string;
}

export const tokenVariable = 'MANAGEMENT_TOKEN';
export const passwordVariables = 'MANAGEMENT_USER and MANAGEMENT_PASSWORD';

/**
 * Those given for commands, else those of the node beside the command, which are sent to that node only.
 *
 * @throws what reading the file of the node's secret throws
 */
export function credentialsFor(
  url: string,
  environment: EnvironmentRecord,
  readText: ReadTextFile,
): Credentials | undefined {
  const given = givenCredentials(environment);
  if (given !== undefined || url !== ownManagementUrl(environment)) return given;
  return ownCredentials(environment, readText);
}

function givenCredentials(environment: EnvironmentRecord): Credentials | undefined {
  // Read from a file they often end with the end of a line.
  const credential = (name: string): string => (environment[name] ?? '').replace(/[\r\n]+$/, '');
  const token = credential('MANAGEMENT_TOKEN');
  if (token !== '') return { header: bearer(token), source: tokenVariable };
  const password = credential('MANAGEMENT_PASSWORD');
  if (password === '') return undefined;
  const user = environment.MANAGEMENT_USER ?? 'parvi';
  return { header: basic(user, password), source: passwordVariables };
}

function ownCredentials(
  environment: EnvironmentRecord,
  readText: ReadTextFile,
): Credentials | undefined {
  const named = (name: string): string => `PARVI_MANAGEMENT_AUTHENTICATION_${name}`;
  const own = (name: string): string | undefined => variableText(environment, named(name));
  const scheme = own('SCHEME');
  const path = own('SECRET_FILE');
  // The file wins, as with the node.
  const secret = path === undefined ? own('SECRET') : readText(path).trim();
  if (!secret || (scheme !== 'basic' && scheme !== 'bearer')) return undefined;
  const source = named(path === undefined ? 'SECRET' : 'SECRET_FILE');
  const header = scheme === 'bearer' ? bearer(secret) : basic(own('USER') ?? 'parvi', secret);
  return { header, source };
}

const bearer = (token: string): string => `Bearer ${token}`;
const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
