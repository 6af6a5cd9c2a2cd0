import { describe, expect, it } from 'vitest';
import { lowestAddressDecider } from './join-decider.ts';
import { sampleRules, sampleSituation, sampleTarget } from './sample-situations.ts';

const ips = ['10.0.0.5', '10.0.0.200', '10.0.0.6'];

describe('the decision of a node', () => {
  it('is to form a cluster when it is the lowest of all, with bytes as signed numbers', () => {
    const decisions = ips.map((ip) => lowestAddressDecider(sampleSituation(ip, ips), sampleRules));
    const wait = { kind: 'keepProbing', waitsFor: 'the lowest' };
    expect(decisions).toEqual([wait, { kind: 'joinSelf' }, wait]);
  });

  it('is to join a cluster that is seen, at once, by five members at most', () => {
    const members = [1, 2, 3, 4, 5, 6].map((each) => `pekko://app@10.0.1.${each}:25520`);
    const situation = sampleSituation('10.0.0.200', ips, {
      changedAtMs: 60_000,
      observations: [{ target: sampleTarget('10.0.0.5'), seedNodes: members }],
    });
    expect(lowestAddressDecider(situation, sampleRules)).toEqual({
      kind: 'joinSeedNodes',
      addresses: members.slice(0, 5),
    });
  });

  it('is to wait when the only member known is the process before it at the same address', () => {
    const situation = sampleSituation('10.0.0.200', ips, {
      observations: [
        { target: sampleTarget('10.0.0.5'), seedNodes: ['pekko://app@10.0.0.200:25520'] },
      ],
    });
    expect(lowestAddressDecider(situation, sampleRules)).toEqual({
      kind: 'keepProbing',
      waitsFor: 'a cluster',
    });
  });

  it.each([
    ['contact points', {}, { requiredContactPointNr: 4 }],
    ['a stable set', { changedAtMs: 55_001 }, {}],
    [
      'answers',
      { observations: ips.slice(0, 2).map((ip) => ({ target: sampleTarget(ip), seedNodes: [] })) },
      {},
    ],
    ['a cluster', {}, { newClusterEnabled: false }],
  ] as const)('is to wait for %s', (waitsFor, changes, rules) => {
    const situation = sampleSituation('10.0.0.200', ips, changes);
    const decision = lowestAddressDecider(situation, { ...sampleRules, ...rules });
    expect(decision).toEqual({ kind: 'keepProbing', waitsFor });
  });

  it('is to wait until discovery finds the node itself', () => {
    const decision = lowestAddressDecider(sampleSituation('10.0.0.9', ips), sampleRules);
    expect(decision).toEqual({ kind: 'keepProbing', waitsFor: 'itself' });
  });

  it('counts the contact points that answer, not those that were found', () => {
    const situation = sampleSituation('10.0.0.200', ips, {
      observations: [{ target: sampleTarget('10.0.0.200'), seedNodes: [] }],
    });
    const rules = { ...sampleRules, contactWithAllContactPoints: false };
    expect(lowestAddressDecider(situation, rules)).toEqual({
      kind: 'keepProbing',
      waitsFor: 'contact points',
    });
  });

  it('takes the lowest of those that answer when not all need to', () => {
    const answering = ['10.0.0.5', '10.0.0.6'];
    const observations = answering.map((ip) => ({ target: sampleTarget(ip), seedNodes: [] }));
    const rules = { ...sampleRules, contactWithAllContactPoints: false };
    const situation = sampleSituation('10.0.0.5', ips, { observations });
    expect(lowestAddressDecider(situation, rules)).toEqual({ kind: 'joinSelf' });
  });

  it('is not to be a cluster of one by accident', () => {
    const rules = { ...sampleRules, requiredContactPointNr: 1 };
    const situation = sampleSituation('10.0.0.5', ['10.0.0.5']);
    expect(lowestAddressDecider(situation, rules)).toEqual({
      kind: 'keepProbing',
      waitsFor: 'others',
    });
    const decision = lowestAddressDecider(situation, { ...rules, formAlone: true });
    expect(decision).toEqual({ kind: 'joinSelf' });
  });
});
