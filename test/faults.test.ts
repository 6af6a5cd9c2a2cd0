// The short form of `npm run faults`: two of its cases, on a network that the run makes and removes.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

async function faults(cases: readonly string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, ['faults/run.ts', ...cases], { cwd: root });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const ended = Promise.withResolvers<number | null>();
  child.on('error', ended.reject);
  child.on('close', ended.resolve);
  return { code: await ended.promise, output };
}

it('real nodes keep their majority in a partition, and go on without one that was killed', {
  timeout: 900_000,
}, async ({ skip }) => {
  const { code, output } = await faults(['partition, majority', 'kill -9 of a worker']);
  if (code === 0 && output.startsWith('SKIPPED')) skip(output);
  expect(output).toContain('2 passed, 0 failed');
  expect(code).toBe(0);
});

it('cases are found by any part of their name, and one that is not there is refused', async () => {
  const { output: all } = await faults(['--list']);
  const { output: some } = await faults(['--list', 'partition']);
  expect(all.split('\n').length).toBeGreaterThan(some.split('\n').length);
  expect(some).toMatch(/^partition, majority {2,}1 2 3 survive, 4 5 end themselves$/m);
  expect((await faults(['no such case'])).code).toBe(2);
});
