import { ManualTime } from 'parvi/testkit';
import { describe, expect, it } from 'vitest';
import type { ControllerLink } from './controller-link.ts';
import { KeyClaims, type KeyedJob, type KeyWishPorts, wishForKey } from './key-claims.ts';
import { KeyWait } from './key-wait.ts';
import type { Answer, JobQuery } from './protocol.ts';

const [here, there] = ['pekko://grid@host1:1', 'pekko://grid@host2:1'];
const job: KeyedJob = { id: 'j1', digest: 'd' };

describe('the keeper of keys', () => {
  it('lets the first have a key, and the others wait until its job is there', () => {
    const claims = new KeyClaims(new ManualTime().clock);
    expect(claims.claim('k', here)).toEqual({ state: 'yours' });
    expect(claims.claim('k', there)).toEqual({ state: 'held' });
    claims.end('k', here, job);
    expect(claims.claim('k', there)).toEqual({ state: 'taken', job });
  });

  it('gives a key on when there was no job, the holder is gone, or it is silent for long', () => {
    const time = new ManualTime();
    const claims = new KeyClaims(time.clock);
    const ends = [
      () => claims.end('k', here, undefined),
      () => claims.holderGone(here),
      () => time.advance(6000),
    ];
    for (const end of ends) {
      expect(claims.claim('k', here)).toEqual({ state: 'yours' });
      expect(claims.claim('k', there)).toEqual({ state: 'held' });
      end();
      expect(claims.claim('k', there)).toEqual({ state: 'yours' });
      claims.end('k', there, undefined);
    }
  });

  it('does not take the end of one for that of another', () => {
    const claims = new KeyClaims(new ManualTime().clock);
    claims.claim('k', here);
    claims.end('k', there, undefined);
    expect(claims.claim('k', there)).toEqual({ state: 'held' });
  });
});

describe('who wishes for a key', () => {
  const time = new ManualTime();
  const asked: JobQuery[] = [];
  const wishing = (ask: (query: JobQuery) => Promise<Answer<unknown>>, isReachable = true) => {
    const link: ControllerLink = {
      address: there,
      isReachable: () => isReachable,
      tell: () => undefined,
      ask: (query) => {
        asked.push(query);
        return ask(query);
      },
    };
    const claims = new KeyClaims(time.clock);
    const ports: KeyWishPorts = {
      timers: time.timers,
      selfAddress: here,
      links: () => [link],
      claims,
    };
    return { ports, claims };
  };
  /** Half of all keys are kept by the other. */
  const keys = Array.from({ length: 20 }, (_, i) => `k${i}`);
  const jobOf = async (key: string, ports: KeyWishPorts) => {
    const wish = await wishForKey(key, () => undefined, new KeyWait(key, time.timers), ports);
    if (wish.job === undefined) wish.end();
    return wish.job;
  };

  it('asks the other for the keys that it keeps, and nobody for its own', async () => {
    asked.length = 0;
    const { ports } = wishing(async () => ({ ok: true, value: { state: 'taken', job } }));
    const jobs = await Promise.all(keys.map((key) => jobOf(key, ports)));
    expect(jobs.filter((each) => each !== undefined)).toHaveLength(asked.length);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.length).toBeLessThan(keys.length);
  });

  it.each([
    [
      'refuses, as one that knows no keys',
      async (): Promise<Answer<unknown>> => ({
        ok: false,
        code: 'JOB_UNKNOWN',
        message: '',
        fields: {},
      }),
    ],
    ['says something else', async (): Promise<Answer<unknown>> => ({ ok: true, value: undefined })],
    ['cannot be asked', () => Promise.reject(new Error('no'))],
  ])('has it when the keeper %s', async (_what, ask) => {
    const { ports } = wishing(ask);
    for (const key of keys) expect(await jobOf(key, ports)).toBeUndefined();
  });

  it('waits a second for a keeper that is silent, and does not ask one out of reach', async () => {
    const { ports } = wishing(() => new Promise(() => undefined));
    let had = 0;
    const all = Promise.all(keys.map((key) => jobOf(key, ports).then(() => had++)));
    await time.settleAsync();
    expect(had).toBeLessThan(keys.length);
    time.advance(1000);
    await all;
    expect(had).toBe(keys.length);
    const away = wishing(() => new Promise(() => undefined), false);
    for (const key of keys) expect(await jobOf(key, away.ports)).toBeUndefined();
  });

  it('is told after 20 s that the key is held for longer, and asks no more', async () => {
    const { ports } = wishing(async () => ({ ok: true, value: { state: 'held' } }));
    const ends = keys.map((key) => jobOf(key, ports).catch((error: unknown) => error));
    const all = Promise.all(ends);
    asked.length = 0;
    await time.advanceAsync(19_900);
    const before = asked.length;
    expect(before).toBeGreaterThan(0);
    await time.advanceAsync(200);
    const refused = (await all).filter((end) => end !== undefined);
    expect(refused.length).toBeGreaterThan(0);
    for (const refusal of refused) {
      expect(refusal).toMatchObject({
        code: 'IDEMPOTENCY_KEY_BUSY',
        fields: { field: 'Idempotency-Key', retryAfterSeconds: 5 },
      });
    }
    asked.length = 0;
    await time.advanceAsync(5000);
    expect(asked).toEqual([]);
  });
});
