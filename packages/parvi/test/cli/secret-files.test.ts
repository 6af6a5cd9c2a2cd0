// Which files the command as a process reads: of the node's own secret what a node takes, of what a person names also pipes.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const program = fileURLToPath(new URL('../../bin/parvi.mjs', import.meta.url));

/** With `x` piped to it. */
function parvi(words: string, variables: Readonly<Record<string, string>> = {}) {
  const { status, stderr } = spawnSync(
    'sh',
    ['-c', `printf x | "$0" "$1" ${words}`, process.execPath, program],
    { encoding: 'utf8', env: { PATH: process.env.PATH, ...variables } },
  );
  return { status, stderr };
}

it('reads no device or pipe as the secret of the node beside it', () => {
  for (const path of ['/dev/null', '/dev/stdin']) {
    const { status, stderr } = parvi('cluster show', {
      PARVI_MANAGEMENT_AUTHENTICATION_SCHEME: 'bearer',
      PARVI_MANAGEMENT_AUTHENTICATION_SECRET_FILE: path,
    });
    expect(stderr).toContain(`Cannot read "${path}": it is no regular file`);
    expect(status).toBe(2);
  }
});

it('reads authorities from a pipe', () => {
  const { status, stderr } = parvi('--ca /dev/stdin cluster show');
  expect(stderr).toContain('Cannot use "/dev/stdin" of --ca: ');
  expect(status).toBe(2);
});
