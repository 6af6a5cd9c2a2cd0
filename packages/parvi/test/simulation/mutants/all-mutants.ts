// All mutants, and what they are held against: the protocol as it is.

import { bootstrapMutants } from './bootstrap-mutants.ts';
import { membershipMutants } from './membership-mutants.ts';
import type { Mutant } from './mutant.ts';
import { remotingMutants } from './remoting-mutants.ts';

export const allMutants: readonly Mutant[] = [
  ...membershipMutants,
  ...remotingMutants,
  ...bootstrapMutants,
];

/** Nobody may catch these: else the others are caught by whatever is wrong with the attempts. */
export const soundMutants: readonly Mutant[] = [
  {
    name: 'nothing wrong with membership',
    file: 'cluster/gossip.ts',
    find: 'tombstones.set(node.key,',
    replace: 'tombstones.set(node.key,',
    seedsMax: 5,
  },
  {
    name: 'nothing wrong with remoting',
    file: 'remote/peer.ts',
    find: 'if (!this.control.isAnswered) {',
    replace: 'if (!this.control.isAnswered) {',
    seedsMax: 5,
  },
  {
    name: 'nothing wrong with bootstrap',
    file: 'bootstrap/join-decider.ts',
    find: 'targets.toSorted(compareTargets)[0]',
    replace: 'targets.toSorted(compareTargets)[0]',
    seedsMax: 60,
  },
];
