// The command as a process of its own: what only its real streams and its start can show.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const valuation = join(import.meta.dirname, '..', '..', 'bin', 'valuation.mjs');

interface Ended {
  readonly code: number;
  readonly error: string;
}

/** Runs the command by a shell, which redirects its output. */
function ended(words: string): Promise<Ended> {
  return new Promise((resolve) => {
    const line = `"$NODE" "$VALUATION" ${words}`;
    const env = { PATH: process.env.PATH, NODE: process.execPath, VALUATION: valuation };
    execFile('/bin/sh', ['-c', line], { env }, (failure, _out, error) => {
      resolve({ code: typeof failure?.code === 'number' ? failure.code : 0, error });
    });
  });
}

describe('the command', () => {
  // Only Linux has a device that is always full.
  it.skipIf(!existsSync('/dev/full'))(
    'says in one line that a disk is full',
    async () => {
      const generate = 'portfolio generate -n 2000';
      const file = await ended(`${generate} -o /dev/full`);
      const out = await ended(`${generate} >/dev/full`);
      const help = await ended('--help >/dev/full');
      expect(file).toEqual({
        code: 1,
        error: 'valuation: Cannot write "/dev/full": ENOSPC: no space left on device, write\n',
      });
      const full = 'Cannot write to standard output: ENOSPC: no space left on device, write';
      for (const run of [out, help])
        expect(run).toEqual({ code: 1, error: `valuation: ${full}\n` });
    },
    30_000,
  );

  it('ends well when the reader of its output has seen enough', async () => {
    expect(await ended('portfolio generate -n 20000 | head -n 1')).toEqual({ code: 0, error: '' });
  }, 30_000);

  it('does not start a controller whose spool directory cannot be used', async () => {
    const { code, error } = await ended(
      `controller --remote.port 0 --http.port 0 --controller.spool-directory "${import.meta.filename}/spool"`,
    );
    expect(code).toBe(1);
    expect(error).toMatch(
      /^valuation: Cannot use the spool directory ".*spool": ENOTDIR[^\n]* \(GRID_DISK_FAILED\)\n$/,
    );
  }, 30_000);
});
