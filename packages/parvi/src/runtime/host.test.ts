import { expect, it } from 'vitest';
import { bareHost, urlHost } from './host.ts';

it.each([
  ['node-1.shop', 'node-1.shop', 'node-1.shop'],
  ['10.0.0.5', '10.0.0.5', '10.0.0.5'],
  ['fd00::5', '[fd00::5]', 'fd00::5'],
  ['[fd00::5]', '[fd00::5]', 'fd00::5'],
])('%s stands in a URL as %s, and is dialled as %s', (host, inUrl, bare) => {
  expect([urlHost(host), bareHost(host)]).toEqual([inUrl, bare]);
});
