// The short form of `npm run faults`: two of its cases, on a network that the run makes and removes; and the lease that its
// nodes decide by.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { FileLease, leaseOwner } from '../faults/file-lease.ts';

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
  const { output: one } = await faults(['--list', 'partition, majority']);
  expect(one.trimEnd().split('\n').length, 'a whole name is that case alone').toBe(1);
  expect((await faults(['no such case'])).code).toBe(2);
});

it('a lease on a disk is held by one of many who ask at once, until it is given back or has run out', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'lease-test-'));
  const timeToLiveMs = 1_000_000;
  let atMs = Date.now();
  const nowMs = () => atMs;
  const owners = ['a', 'b', 'c', 'd', 'e', 'f'];
  const leases = owners.map((owner) => {
    return new FileLease({ directory, owner, timeToLiveMs, nowMs });
  });
  const ask = () => Promise.all(leases.map((lease) => lease.acquire(() => undefined)));
  const holder = async () => owners.indexOf((await leaseOwner(directory)) ?? '');
  const only = (index: number) => owners.map((_, i) => i === index);
  try {
    const first = await ask();
    expect(first.filter(Boolean).length).toBe(1);
    expect(first).toEqual(only(await holder()));
    expect(await ask(), 'asked again by all, the holder among them').toEqual(first);
    const other = (first.indexOf(true) + 1) % owners.length;
    expect(await leases[other]?.release(), 'given back by one who does not hold it').toBe(true);
    expect(await ask()).toEqual(first);
    expect(await leases[first.indexOf(true)]?.release()).toBe(true);
    expect(await leases[other]?.acquire(() => undefined)).toBe(true);
    expect(await ask()).toEqual(only(other));
    atMs += timeToLiveMs;
    const late = (other + 1) % owners.length;
    expect(await leases[late]?.acquire(() => undefined)).toBe(true);
    expect(await leases[other]?.acquire(() => undefined)).toBe(false);
    expect(await holder()).toBe(late);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  const outOfReach = new FileLease({ directory, owner: 'a', timeToLiveMs });
  await expect(outOfReach.acquire(() => undefined)).rejects.toThrow('ENOENT');
});
