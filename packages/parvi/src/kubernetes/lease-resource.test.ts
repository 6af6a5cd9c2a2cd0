import { describe, expect, it } from 'vitest';
import { leaseBody, leaseResourceName, readLease } from './lease-resource.ts';

describe('the name of a lease', () => {
  it.each([
    ['Valuation-pekko-sbr', 'valuation-pekko-sbr'],
    ['my_system.v1-pekko-sbr', 'my-system-v1-pekko-sbr'],
    ['Größe ﬁx', 'groefix'],
    ['--a$b--', 'ab'],
    [`${'a'.repeat(62)}-bcd`, 'a'.repeat(62)],
    ['…', ''],
  ])('%s becomes %s, as with Pekko', (name, expected) => {
    expect(leaseResourceName(name)).toBe(expected);
  });
});

describe('a lease as JSON', () => {
  const timeMs = Date.UTC(2026, 8, 21, 14, 13, 20);
  const owner = 'app@10.0.0.5:17355';

  it("is written as Pekko's NativeKubernetesLease writes it", () => {
    expect(leaseBody('app-pekko-sbr', { holder: owner, timeMs }, '812')).toEqual({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'app-pekko-sbr', resourceVersion: '812' },
      spec: { holderIdentity: owner, acquireTime: '2026-09-21T14:13:20.000000Z' },
    });
    expect(leaseBody('a', { holder: '', timeMs }).metadata).toEqual({ name: 'a' });
  });

  it('is read with microseconds', () => {
    expect(
      readLease({
        metadata: { resourceVersion: '7' },
        spec: { holderIdentity: owner, acquireTime: '2026-09-21T14:13:20.250999Z' },
      }),
    ).toEqual({ holder: owner, timeMs: timeMs + 250, version: '7' });
  });

  it('is free without a holder', () => {
    const record = { holder: '', timeMs: 0, version: '7' };
    expect(readLease({ metadata: { resourceVersion: '7' }, spec: {} })).toEqual(record);
    expect(readLease({ metadata: { resourceVersion: '7' } })).toEqual(record);
  });

  it('is refused when it is something else', () => {
    const metadata = { resourceVersion: '7' };
    expect(() => readLease({ metadata, spec: { acquireTime: 'soon' } })).toThrow('time "soon"');
    expect(() => readLease({ metadata, spec: { holderIdentity: 7 } })).toThrow('holder 7');
    expect(() => readLease({ spec: {} })).toThrow('version undefined');
    expect(() => readLease(null)).toThrow('Cannot read a lease');
  });
});
