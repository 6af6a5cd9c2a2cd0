// A clock that is set forth and back under a running process. Only the clock of the day jumps: what measures time goes on
// evenly, as when an operator or a time service sets a clock.

import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostNumber } from './fault-network.ts';

/** Where the library is, for the process that starts the nodes. */
export const fakeTimeVariable = 'FAULTS_FAKETIME';

/**
 * Gets the library that does it; nothing is installed, the package is unpacked into the folder. To be called where there
 * is a network to the outside.
 */
export function fetchFakeTime(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const script = 'apt-get download -q libfaketime && dpkg -x libfaketime_*.deb .';
  const { status, stderr } = spawnSync('sh', ['-c', script], { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`Cannot get the package libfaketime: ${stderr}`);
  const [path] = globSync(join(folder, 'usr/lib/*/faketime/libfaketimeMT.so.1'));
  if (path === undefined) throw new Error('The package libfaketime has no library in it');
  return path;
}

const offsetFile = (directory: string, host: HostNumber): string =>
  join(directory, `clock-${host}`);

/** Variables of a process whose clock can be set by {@link setOffset}. */
export function fakeTime(directory: string, host: HostNumber): Readonly<Record<string, string>> {
  setOffset(directory, host, '+0');
  return {
    LD_PRELOAD: process.env[fakeTimeVariable] ?? '',
    FAKETIME_TIMESTAMP_FILE: offsetFile(directory, host),
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };
}

/** @param offset seconds with a sign, such as `-7200` */
export function setOffset(directory: string, host: HostNumber, offset: string): void {
  writeFileSync(offsetFile(directory, host), `${offset}\n`);
}
