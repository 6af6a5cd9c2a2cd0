import { describe, expect, it } from 'vitest';
import { MemoryLease } from './memory-lease.ts';

const ignore = (): void => undefined;

describe('a lease in memory', () => {
  it('is held by one owner at a time, who may ask again', async () => {
    const lease = new MemoryLease();
    const [one, other] = [lease.for('one'), lease.for('other')];
    expect(await one.acquire(ignore)).toBe(true);
    expect(await other.acquire(ignore)).toBe(false);
    expect(await one.acquire(ignore)).toBe(true);
    expect(await other.release()).toBe(true);
    expect(lease.owner).toBe('one');
    expect(await one.release()).toBe(true);
    expect(await other.acquire(ignore)).toBe(true);
  });

  it('tells its owner that it was taken away', async () => {
    const lease = new MemoryLease();
    let lost = 0;
    await lease.for('one').acquire(() => {
      lost++;
    });
    lease.take();
    lease.take();
    expect([lost, lease.owner]).toEqual([1, undefined]);
  });

  it('is denied, out of reach, and there again, as the test says', async () => {
    const lease = new MemoryLease();
    const one = lease.for('one');
    lease.deny('one');
    expect(await one.acquire(ignore)).toBe(false);
    lease.cutOff('one');
    await expect(one.acquire(ignore)).rejects.toThrow('cannot be reached by "one"');
    await expect(one.release()).rejects.toThrow('cannot be reached');
    lease.allow('one');
    expect(await one.acquire(ignore)).toBe(true);
  });
});
