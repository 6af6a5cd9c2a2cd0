import type { LookupFunction } from 'node:net';
import { describe, expect, it } from 'vitest';
import { sharedLookup } from './shared-lookup.ts';

type Tell = Parameters<LookupFunction>[2];

function service() {
  const asked: { readonly name: string; readonly tell: Tell }[] = [];
  const heard: unknown[] = [];
  const lookup = sharedLookup((name, _options, tell) => asked.push({ name, tell }));
  const ask = (name: string, family: 4 | 6 = 4): void =>
    lookup(name, { family, all: false }, (error, address) => heard.push(error ?? address));
  return { asked, heard, ask };
}

describe('a shared lookup', () => {
  it('asks once for a name that several want at the same time, and tells all of them', () => {
    const { asked, heard, ask } = service();
    for (let i = 0; i < 3; i++) ask('peer');
    ask('other');
    ask('peer', 6);
    expect(asked.map(({ name }) => name)).toEqual(['peer', 'other', 'peer']);
    asked[0]?.tell(null, '10.0.0.1', 4);
    expect(heard).toEqual(['10.0.0.1', '10.0.0.1', '10.0.0.1']);
  });

  it('tells all of them of a failure', () => {
    const { asked, heard, ask } = service();
    ask('peer');
    ask('peer');
    const failure = new Error('ENOTFOUND');
    asked[0]?.tell(failure, '', 4);
    expect(heard).toEqual([failure, failure]);
  });

  it('asks again once it was answered, so that a changed address is seen at the next dial', () => {
    const { asked, heard, ask } = service();
    ask('peer');
    asked[0]?.tell(null, '10.0.0.1', 4);
    ask('peer');
    asked[1]?.tell(null, '10.0.0.2', 4);
    expect(heard).toEqual(['10.0.0.1', '10.0.0.2']);
  });
});
