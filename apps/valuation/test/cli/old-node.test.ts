// The command on a Node that is too old to run it itself, so that it starts the pinned one.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';

const valuation = join(import.meta.dirname, '..', '..', 'bin', 'valuation.mjs');

/** Makes this Node one of version 20. */
const aged = `
  const old = { ...process.versions, node: '20.20.2' };
  Object.defineProperty(process, 'versions', { value: old });
`;

let group: number | undefined;
afterEach(() => {
  try {
    if (group !== undefined) process.kill(-group, 'SIGKILL');
  } catch (error) {
    // All have ended, as they should.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
});

it('leaves no node behind when it is killed', async () => {
  const hooks = `data:text/javascript,${encodeURIComponent(aged)}`;
  const options = ['--remote.host', '127.70.31.1', '--remote.port', '0'];
  const launcher = spawn(process.execPath, ['--import', hooks, valuation, 'worker', ...options], {
    env: { PATH: process.env.PATH },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  group = launcher.pid;
  launcher.stdout.resume();
  await once(launcher.stderr, 'data');
  launcher.kill('SIGKILL');
  // Its output is closed once nobody is left who holds it.
  const [, signal] = await once(launcher, 'close');
  expect(signal).toBe('SIGKILL');
}, 30_000);
