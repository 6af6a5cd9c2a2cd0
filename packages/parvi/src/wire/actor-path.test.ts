import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  actorPathText,
  encodePathElement,
  isValidPathElement,
  parseActorPath,
  rootPathText,
  WireError,
} from './index.ts';

const address = { protocol: 'pekko', system: 'sys', host: '127.0.0.1', port: 25520 };

describe('an actor path', () => {
  it('is read with address, elements and incarnation', () => {
    expect(parseActorPath('pekko://sys@127.0.0.1:25520/user/a/b#-77')).toEqual({
      address,
      elements: ['user', 'a', 'b'],
      uid: -77,
    });
    expect(parseActorPath('/system/cluster')).toEqual({ elements: ['system', 'cluster'], uid: 0 });
    expect(parseActorPath('pekko://sys/user').address).toEqual({
      protocol: 'pekko',
      system: 'sys',
      host: '',
      port: 0,
    });
    expect(parseActorPath('pekko://sys@127.0.0.1:25520/temp/ask$a+~').elements[1]).toBe('ask$a+~');
  });

  it('of the root needs its slash', () => {
    expect(parseActorPath(rootPathText(address))).toEqual({ address, elements: [], uid: 0 });
    expect(() => parseActorPath('pekko://sys@127.0.0.1:25520')).toThrow('no slash');
  });

  it('that is none is refused', () => {
    for (const text of [
      '',
      'not a path',
      'user/a',
      '/user//a',
      '/user/a b',
      '/user/ä',
      '/user/a#x',
      '/user/a#',
      '/user/a#99999999999',
      '/user/%4',
      'pekko://sys@:1/user',
      'pekko://sys@host:70000/user',
    ]) {
      expect(() => parseActorPath(text), text).toThrow(WireError);
    }
  });

  it('survives its own text, whatever the names', () => {
    const names = fc.array(fc.string({ minLength: 1, unit: 'grapheme' }), { maxLength: 5 });
    const uids = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    fc.assert(
      fc.property(names, uids, fc.boolean(), (raw, uid, withAddress) => {
        const elements = raw.map(encodePathElement);
        const path = { ...(withAddress ? { address } : {}), elements, uid };
        expect(parseActorPath(actorPathText(path))).toEqual(path);
      }),
    );
  });

  it('has elements of ASCII that users do not start with a dollar sign', () => {
    expect(isValidPathElement("a-_.*$+:@&=,!~';%2F")).toBe(true);
    for (const name of ['', '$a', 'a/b', 'a b', 'ä', '%', 'a#1', 'a?', '.', '..']) {
      expect(isValidPathElement(name), name).toBe(false);
    }
    for (const name of ['ä (1)/2', '.', '..']) {
      expect(isValidPathElement(encodePathElement(name)), name).toBe(true);
    }
  });
});
