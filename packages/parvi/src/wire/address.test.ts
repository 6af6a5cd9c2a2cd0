import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Address,
  addressText,
  compareAddresses,
  compareUniqueAddresses,
  parseAddress,
  sameUniqueAddress,
  uniqueAddressText,
  WireError,
} from './index.ts';

const here: Address = { protocol: 'pekko', system: 'Sys', host: '10.0.0.9', port: 25520 };

describe('an address', () => {
  it('is read in all the spellings that deployments use', () => {
    const defaults = { protocol: 'pekko', system: 'Sys', port: 25520 };
    for (const [text, expected] of [
      ['pekko://Sys@10.0.0.9:25520', here],
      ['akka://Sys@10.0.0.9:25520', { ...here, protocol: 'akka' }],
      ['akka.tcp://Sys@10.0.0.9:25520', { ...here, protocol: 'akka' }],
      ['akka.ssl.tcp://Sys@10.0.0.9:25520', { ...here, protocol: 'akka' }],
      ['Sys@10.0.0.9:25520', here],
      ['10.0.0.9:25520', here],
      ['10.0.0.9', here],
      ['[::1]:7', { ...here, host: '[::1]', port: 7 }],
      ['pekko://Sys@[2001:db8::1]:7', { ...here, host: '[2001:db8::1]', port: 7 }],
      ['node-0.grid.local', { ...here, host: 'node-0.grid.local' }],
    ] as const) {
      expect(parseAddress(text, defaults), text).toEqual(expected);
    }
  });

  it('takes the protocol of this system where old configuration still names another', () => {
    const defaults = { protocol: 'pekko', protocolForced: true };
    expect(parseAddress('akka.tcp://Sys@10.0.0.9:25520', defaults)).toEqual(here);
  });

  it('that cannot be read is refused with the text and what is wrong', () => {
    for (const text of [
      '',
      'pekko://Sys@',
      'pekko://Sys@host:99999',
      'pekko://Sys@host:0',
      'host:port',
      'a b:1',
      '::1:5',
      'pekko://Sys',
      'http://host/path',
      '-sys@host:1',
    ]) {
      const read = (): Address => parseAddress(text, { system: 'Sys', port: 1 });
      expect(read, text).toThrow(WireError);
      expect(read, text).toThrow(JSON.stringify(text).slice(1, -1));
    }
    expect(() => parseAddress('host:1')).toThrow('does not name the actor system');
    expect(() => parseAddress('Sys@host')).toThrow('has no port');
  });

  it('survives its own text', () => {
    const addresses = fc.record({
      protocol: fc.constantFrom('pekko', 'akka'),
      system: fc.stringMatching(/^[a-zA-Z0-9][a-zA-Z0-9_-]{0,20}$/),
      host: fc.oneof(
        fc.domain(),
        fc.ipV4(),
        fc.ipV6().map((ip) => `[${ip}]`),
      ),
      port: fc.integer({ min: 1, max: 65535 }),
    });
    fc.assert(
      fc.property(addresses, (address) => {
        expect(parseAddress(addressText(address))).toEqual(address);
      }),
    );
  });

  it('without host names this system', () => {
    expect(addressText({ protocol: 'pekko', system: 'Sys', host: '', port: 0 })).toBe(
      'pekko://Sys',
    );
  });
});

describe('the order of addresses', () => {
  it('compares hosts as text and ports as numbers, and nothing else', () => {
    const at = (host: string, port: number): Address => ({ ...here, host, port });
    expect(compareAddresses(at('10.0.0.10', 1), at('10.0.0.9', 1))).toBeLessThan(0);
    expect(compareAddresses(at('a', 9), at('a', 10))).toBeLessThan(0);
    expect(compareAddresses(here, { ...here, protocol: 'akka', system: 'Other' })).toBe(0);
  });

  it('puts uids in as signed numbers', () => {
    const low = { address: here, uid: -1n };
    const high = { address: here, uid: 1n };
    expect(compareUniqueAddresses(low, high)).toBeLessThan(0);
    expect(compareUniqueAddresses(high, low)).toBeGreaterThan(0);
    expect(compareUniqueAddresses(low, { ...low })).toBe(0);
    expect(sameUniqueAddress(low, high)).toBe(false);
    expect(uniqueAddressText(low)).toBe('pekko://Sys@10.0.0.9:25520#-1');
  });
});
