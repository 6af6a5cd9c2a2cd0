import { describe, expect, it } from 'vitest';
import { seededRandom } from '../runtime/index.ts';
import { gossipTarget, randomTargets } from './gossip-targets.ts';
import { type MembershipState, newMembership } from './membership-state.ts';
import { clusterSettings } from './options.ts';
import { gossipOf, memberWith, nodeAt } from './sample-values.ts';

const center = (hosts: string, name: string, firstNumber: number) =>
  hosts
    .split(' ')
    .map((host, index) =>
      memberWith(host, 'Up', { upNumber: firstNumber + index, roles: [`dc-${name}`] }),
    );

const members = [
  ...center('a b c d e f', 'one', 1),
  ...center('g h', 'two', 1),
  ...center('i j', 'three', 1),
];

function stateOf(host: string, rows = ''): MembershipState {
  const state = newMembership(nodeAt(host), clusterSettings({ dataCenter: 'one' }));
  return { ...state, gossip: gossipOf(members, { seen: 'a b c', rows }) };
}

const hostsAt = (targets: readonly { readonly node: { readonly address: { host: string } } }[]) =>
  targets.map(({ node }) => node.address.host);

/** The hosts that come up in many draws, and how many of them are in another data center. */
function draws(state: MembershipState): { readonly all: string; readonly farShare: number } {
  const random = seededRandom(3);
  const drawn = Array.from({ length: 2000 }, () => gossipTarget(state, random));
  const hosts = drawn.map((target) => target?.node.address.host ?? '-');
  const far = hosts.filter((host) => host > 'f').length;
  return { all: [...new Set(hosts)].sort().join(''), farShare: far / hosts.length };
}

describe('gossip rounds between data centers', () => {
  it('are a fifth of the rounds of the oldest members, and go to the oldest of the others', () => {
    const { all, farShare } = draws(stateOf('a'));
    expect(all).toBe('bcdefghij');
    expect(farShare).toBeGreaterThan(0.17);
    expect(farShare).toBeLessThan(0.23);
  });

  it('are left to the five oldest members', () => {
    expect(draws(stateOf('f')).all).toBe('abcde');
  });

  it('go to the next data center when nobody can be reached in one', () => {
    expect(draws(stateOf('a', 'a>g a>h')).all).toBe('bcdefij');
  });
});

describe('a member that has confirmed its exit', () => {
  it('is no target of gossip any more, though it has not seen the current version', () => {
    const confirmed = new Set([nodeAt('d').key, nodeAt('e').key]);
    const state = { ...stateOf('f'), exitingConfirmed: confirmed };
    expect(draws(state).all).toBe('abc');
    expect(hostsAt(randomTargets(state, 5, seededRandom(5))).sort()).toEqual(['a', 'b', 'c']);
  });
});

describe('gossip at turning points', () => {
  it('goes to members of the own data center, but for one place that the oldest keep for another', () => {
    const random = seededRandom(5);
    for (let i = 0; i < 50; i++) {
      const hosts = hostsAt(randomTargets(stateOf('a'), 3, random));
      expect(new Set(hosts).size).toBe(3);
      expect(hosts.filter((host) => host > 'f')).toHaveLength(1);
    }
  });

  it('stays at home when this node is not among the oldest', () => {
    const random = seededRandom(5);
    for (let i = 0; i < 50; i++) {
      const hosts = hostsAt(randomTargets(stateOf('f'), 3, random));
      expect(hosts.filter((host) => host > 'f')).toEqual([]);
      expect(hosts).toHaveLength(3);
    }
  });
});
