import { expect, it } from 'vitest';
import { isActive } from './membership.ts';

it.each([
  ['Joining', false],
  ['WeaklyUp', true],
  ['Up', true],
  ['Leaving', true],
  ['Exiting', true],
  ['PreparingForShutdown', true],
  ['ReadyForShutdown', true],
  ['Down', false],
  ['Removed', false],
])('a member that is %s is talked to: %s', (status, expected) => {
  expect(
    isActive({ address: 'a', roles: [], status, reachable: true, upSinceWallMs: undefined }),
  ).toBe(expected);
});
