import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkSpoolDirectory, fileSpoolDisk, memorySpoolDisk, type SpoolDisk } from './spool.ts';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'spool-test-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const disks: readonly [string, () => SpoolDisk][] = [
  ['files', () => fileSpoolDisk(directory)],
  ['memory', () => memorySpoolDisk()],
];

describe.each(disks)('a spool in %s', (_, openDisk) => {
  it('gives back what was appended, wherever it lies', async () => {
    const disk = openDisk();
    const file = await disk.create();
    const offsets = await Promise.all([
      file.append(Uint8Array.from([1, 2, 3])),
      file.append(new Uint8Array(5000).fill(7)),
      file.append(Uint8Array.from([4])),
    ]);
    expect(offsets).toEqual([0, 3, 5003]);
    expect(file.bytes).toBe(5004);
    expect([...(await file.read(1, 3))]).toEqual([2, 3, 7]);
    expect([...(await file.read(5002, 2))]).toEqual([7, 4]);
    await disk.close();
  });

  it('keeps files apart', async () => {
    const disk = openDisk();
    const [a, b] = [await disk.create(), await disk.create()];
    await a.append(Uint8Array.from([1]));
    await b.append(Uint8Array.from([2]));
    expect([...(await a.read(0, 1)), ...(await b.read(0, 1))]).toEqual([1, 2]);
    await disk.close();
  });
});

describe('a spool in files', () => {
  it('leaves nothing behind that has a name', async () => {
    const disk = fileSpoolDisk(directory);
    const file = await disk.create();
    await file.append(new Uint8Array(10));
    const [home = ''] = await readdir(directory);
    expect(await readdir(join(directory, home))).toEqual([]);
    await disk.close();
    expect(await readdir(directory)).toEqual([]);
  });

  it('says what to do when it cannot be written', async () => {
    const nowhere = join(import.meta.filename, 'spool');
    const disk = fileSpoolDisk(nowhere);
    await expect(disk.create()).rejects.toMatchObject({
      code: 'GRID_DISK_FAILED',
      message: expect.stringContaining(nowhere),
    });
  });

  it('is tried out before there are jobs, which leaves nothing behind', async () => {
    await checkSpoolDirectory(directory);
    expect(await readdir(directory)).toEqual([]);
    const nowhere = join(import.meta.filename, 'spool');
    await expect(checkSpoolDirectory(nowhere)).rejects.toMatchObject({
      code: 'GRID_DISK_FAILED',
      message: expect.stringMatching(/^Cannot use the spool directory ".*": ENOTDIR.*; choose/),
    });
  });

  it('refuses to read behind its end', async () => {
    const disk = fileSpoolDisk(directory);
    const file = await disk.create();
    await expect(file.read(0, 1)).rejects.toMatchObject({ code: 'GRID_DISK_FAILED' });
    await disk.close();
  });
});
