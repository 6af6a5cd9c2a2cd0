// Which address of a name a request goes to.

import { expect, it } from 'vitest';
import { turningLookup } from './http-door.ts';

const found = ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((address) => ({ address, family: 4 }));

it('begins with another address of a name each time, and has the others after it', () => {
  const lookup = turningLookup((_name, _options, callback) => callback(null, found));
  const given: unknown[] = [];
  for (let i = 0; i < 4; i++) lookup('shop', { all: true }, (_error, all) => given.push(all));
  const [a, b, c] = found;
  expect(given).toEqual([
    [a, b, c],
    [b, c, a],
    [c, a, b],
    [a, b, c],
  ]);
  lookup('shop', {}, (...answer) => given.push(answer));
  expect(given.at(-1)).toEqual([null, '10.0.0.2', 4]);
});

it('says why a name has no address', () => {
  const error = new Error('ENOTFOUND');
  const lookup = turningLookup((_name, _options, callback) => callback(error, []));
  let why: unknown;
  lookup('shop', { all: true }, (problem) => {
    why = problem;
  });
  expect(why).toBe(error);
});
