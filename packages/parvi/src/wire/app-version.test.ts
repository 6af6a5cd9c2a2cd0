// Expected values were read off Pekko's `Version`, branch by branch.

import { describe, expect, it } from 'vitest';
import { isAppVersion } from './app-version.ts';

describe('the version of an application', () => {
  it.each([
    ['one number', '7'],
    ['one number of any size, which counts as a word', '20261121190530'],
    ['one word', 'v1-rc+3'],
    ['two numbers', '1.2'],
    ['three numbers', '1.2.3'],
    ['the largest numbers', '2147483647.2147483647.2147483647'],
    ['a qualifier', '1.2.3-SNAPSHOT'],
    ['a count of commits', '1.2+10-1234abcd'],
    ['a qualifier with a number of any size', '1.2.3-20261121190530-x'],
    ['a number with leading zeros', '1.0000000000000002'],
    ['a negative number in front', '-1.2'],
    ['dots at its end', '1.2..'],
  ])('is read with %s', (_, text) => {
    expect(isAppVersion(text)).toBe(true);
  });

  it.each([
    ['nothing', ''],
    ['dots alone', '...'],
    ['four numbers', '1.2.3.4'],
    ['a first number beyond 32 bits', '99999999999.1'],
    ['a last number beyond 32 bits', '1.0.20261121190530'],
    ['a last number one beyond 32 bits', '1.0.2147483648'],
    ['a number beyond 32 bits before a qualifier', '1.2147483648-rc1'],
    ['a word before a dot', 'v1.2.3'],
    ['a qualifier before a dot', '1.2-rc.1'],
    ['a sign after a dot', '1.-2'],
    ['nothing between dots', '1..2'],
    ['nothing before a dot', '.1'],
    ['a blank', '1. 2'],
  ])('is not read with %s', (_, text) => {
    expect(isAppVersion(text)).toBe(false);
  });
});
