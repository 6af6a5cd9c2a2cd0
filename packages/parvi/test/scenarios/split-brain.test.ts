// Every downing strategy in whole clusters: which side survives, and that the other side ends itself.

import { describe, expect, it } from 'vitest';
import type { SplitBrainOptions } from '../../src/cluster/index.ts';
import { MemoryLease } from '../../src/testkit/index.ts';
import { Scenario } from './scenario.ts';

const rolesOf = (name: string) => ({ roles: name < 'c' ? ['core'] : ['edge'] });

/** Five members, split into `side` and the rest; the survivors, once nobody changes any more. */
function survivors(splitBrain: SplitBrainOptions, side: string, names = 'abcde'): string {
  const s = new Scenario(names, 0, {
    splitBrain: { stableAfter: '6s', ...splitBrain },
    optionsOf: rolesOf,
  });
  s.clusterUp(names);
  const other = [...names].filter((name) => !side.includes(name)).join('');
  s.cut(side, other);
  s.run(60);
  const left = [...names].filter((name) => !s.isEnded(name)).join('');
  if (left !== '') s.awaitUp(left, left, 20);
  return left;
}

describe('a strategy', () => {
  it.each<[string, SplitBrainOptions, string, string]>([
    [
      'static-quorum keeps the side that has it',
      { strategy: 'static-quorum', quorumSize: 3 },
      'ab',
      'cde',
    ],
    [
      'static-quorum keeps nobody where no side has it',
      { strategy: 'static-quorum', quorumSize: 4 },
      'ab',
      '',
    ],
    [
      'static-quorum of a role counts its members only',
      { strategy: 'static-quorum', quorumSize: 2, role: 'core' },
      'ab',
      'ab',
    ],
    ['keep-majority keeps the larger side', { strategy: 'keep-majority' }, 'ab', 'cde'],
    [
      'keep-majority of a role counts its members only',
      { strategy: 'keep-majority', role: 'core' },
      'ab',
      'ab',
    ],
    ['keep-oldest keeps the side of the oldest', { strategy: 'keep-oldest' }, 'ab', 'ab'],
    ['keep-oldest gives up an oldest that is alone', { strategy: 'keep-oldest' }, 'a', 'bcde'],
    [
      'keep-oldest keeps one that is alone when told to',
      { strategy: 'keep-oldest', downIfAlone: false },
      'a',
      'a',
    ],
    [
      'keep-oldest of a role looks for the oldest with it',
      { strategy: 'keep-oldest', role: 'edge' },
      'ab',
      'cde',
    ],
    ['down-all keeps nobody', { strategy: 'down-all' }, 'ab', ''],
  ])('%s', (_, splitBrain, side, kept) => {
    expect(survivors(splitBrain, side)).toBe(kept);
  });

  it('keep-oldest of two members keeps the older, whichever crashes or is cut off', () => {
    expect(survivors({ strategy: 'keep-oldest' }, 'a', 'ab')).toBe('a');
  });
});

describe('members that only some can reach', () => {
  it.each<[string, SplitBrainOptions, string]>([
    ['keep-majority keeps the others', { strategy: 'keep-majority' }, 'ade'],
    ['static-quorum keeps the others', { strategy: 'static-quorum', quorumSize: 3 }, 'ade'],
    ['keep-oldest keeps the others', { strategy: 'keep-oldest' }, 'ade'],
    ['down-all keeps nobody', { strategy: 'down-all' }, ''],
  ])('are downed on both ends of the broken link: %s', (_, splitBrain, kept) => {
    const s = new Scenario('abcde', 0, { splitBrain: { stableAfter: '6s', ...splitBrain } });
    s.clusterUp('abcde');
    s.cut('b', 'c');
    s.run(40);
    expect([...'abcde'].filter((name) => !s.isEnded(name)).join('')).toBe(kept);
    if (kept !== '') s.awaitUp(kept, kept, 10);
  });
});

describe('lease-majority', () => {
  const splitBrain: SplitBrainOptions = {
    strategy: 'lease-majority',
    lease: new MemoryLease().for('nobody'),
    stableAfter: '1500ms',
    acquireLeaseDelayForMinority: '1s',
    releaseLeaseAfter: '3s',
  };
  const fast = {
    gossipInterval: '200ms',
    failureDetector: { heartbeatInterval: '500ms' },
  } as const;

  it('keeps the side that gets the lease, which gives it back later', () => {
    const s = new Scenario('abcde', 0, { ...fast, splitBrain });
    s.clusterUp('abcde');
    s.cut('abc', 'de');
    s.until(() => s.cluster.lease.owner === s.process('a').node.addressKey, 20);
    s.awaitUp('abc', 'abc', 20);
    s.until(() => s.isEnded('d') && s.isEnded('e'), 20);
    s.until(() => s.cluster.lease.owner === undefined, 20);
    s.run(5);
    expect(s.cluster.lease.owner).toBeUndefined();
  });

  it('keeps the smaller side when the larger one cannot get the lease', () => {
    const s = new Scenario('abc', 0, { ...fast, splitBrain });
    s.clusterUp('abc');
    for (const name of 'bc') s.cluster.lease.deny(s.process(name).node.addressKey);
    s.cut('a', 'bc');
    s.awaitUp('a', 'a', 30);
    s.until(() => s.isEnded('b') && s.isEnded('c'), 20);
  });

  it('keeps nobody when no side can get it', () => {
    const s = new Scenario('abc', 0, { ...fast, splitBrain });
    s.clusterUp('abc');
    for (const name of 'abc') s.cluster.lease.deny(s.process(name).node.addressKey);
    s.cut('a', 'bc');
    s.until(() => [...'abc'].every((name) => s.isEnded(name)), 40);
  });
});

describe('downing without any strategy', () => {
  it('makes two clusters of a partition, each with its own leader', () => {
    const s = new Scenario('abcde', 0, { splitBrain: 'off', failureDetector: { threshold: 4 } });
    s.autoDown(1);
    s.clusterUp('abcde');
    s.cut('ab', 'cde');
    s.awaitUp('ab', 'ab', 30);
    s.awaitUp('cde', 'cde', 30);
  });

  it('does not happen to anybody while a strategy waits for things to settle', () => {
    const s = new Scenario('abcde', 0, { splitBrain: { stableAfter: '20s' } });
    s.clusterUp('abcde');
    s.cut('ab', 'cde');
    s.until(() => s.unreachable('a') === 'cde', 15);
    s.run(15);
    expect(s.members('a')).toBe('a:Up b:Up c:Up d:Up e:Up');
    s.mend('ab', 'cde');
    s.awaitUp('abcde', 'abcde', 30);
  });
});
