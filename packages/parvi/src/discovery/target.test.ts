import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sameAddress, signedBytesOf } from './ip-address.ts';
import { compareTargets, type ResolvedTarget, targetKey, targetText } from './target.ts';

const target = (host: string, port?: number, ip?: string): ResolvedTarget => ({ host, port, ip });

describe('the order of targets', () => {
  it('takes the bytes of addresses as signed numbers, as the JVM does', () => {
    const ips = ['10.0.0.5', '10.0.0.127', '10.0.0.200', '10.0.0.128', '200.0.0.1', '9.0.0.255'];
    const sorted = ips.map((ip) => target(ip, 7626, ip)).sort(compareTargets);
    expect(sorted.map(({ ip }) => ip)).toEqual([
      '200.0.0.1',
      '9.0.0.255',
      '10.0.0.128',
      '10.0.0.200',
      '10.0.0.5',
      '10.0.0.127',
    ]);
  });

  it('puts targets without an address first, then goes by host and port', () => {
    const targets = [
      target('b', 1, '10.0.0.1'),
      target('a', 2, '10.0.0.1'),
      target('a', undefined, '10.0.0.1'),
      target('z', 9),
      target('B', 9),
    ];
    expect(targets.sort(compareTargets).map(targetKey)).toEqual([
      'B|9|',
      'z|9|',
      'a||10.0.0.1',
      'a|2|10.0.0.1',
      'b|1|10.0.0.1',
    ]);
  });

  it('puts an address of four bytes before one of sixteen that begins alike', () => {
    const [first] = [target('x', 1, 'a00:1::'), target('x', 1, '10.0.0.1')].sort(compareTargets);
    expect(first?.ip).toBe('10.0.0.1');
  });

  it('is the same whatever order they come in', () => {
    const byte = fc.integer({ min: 0, max: 255 });
    const some = fc.record({
      host: fc.constantFrom('a', 'b'),
      port: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
      ip: fc.option(
        fc.tuple(byte, byte).map(([c, d]) => `10.0.${c}.${d}`),
        { nil: undefined },
      ),
    });
    fc.assert(
      fc.property(fc.array(some, { maxLength: 8 }), (targets) => {
        const sorted = targets.toSorted(compareTargets).map(targetKey);
        expect(targets.toReversed().sort(compareTargets).map(targetKey)).toEqual(sorted);
      }),
    );
  });

  it('is shown as host and port, and the address where that says more', () => {
    expect(targetText(target('a.test', 7626, '10.0.0.1'))).toBe('a.test:7626 (10.0.0.1)');
    expect(targetText(target('fd00::1', 7626, 'fd00::1'))).toBe('[fd00::1]:7626');
  });
});

describe('the text of an IP address', () => {
  it.each([
    ['10.0.0.200', [10, 0, 0, -56]],
    ['::1', [...new Array<number>(15).fill(0), 1]],
    ['[fd00::5]', [-3, 0, ...new Array<number>(13).fill(0), 5]],
    ['::ffff:10.0.0.1', [10, 0, 0, 1]],
    ['1:2:3:4:5:6:7:8', [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8]],
  ])('gives the bytes of %s', (text, bytes) => {
    expect([...(signedBytesOf(text) ?? [])]).toEqual(bytes);
  });

  it.each([
    '',
    'app.test',
    '10.0.0',
    '10.0.0.256',
    '1::2::3',
    '1:2:3',
    'fd00::g',
    '1:2:3:4:5:6:7:8:9',
  ])('is not "%s"', (text) => {
    expect(signedBytesOf(text)).toBeUndefined();
  });

  it('means the same in every spelling', () => {
    expect(sameAddress('fd00:0:0:0:0:0:0:5', 'FD00::5')).toBe(true);
    expect(sameAddress('10.0.0.1', '10.0.0.2')).toBe(false);
    expect(sameAddress('app', 'app')).toBe(false);
  });
});
