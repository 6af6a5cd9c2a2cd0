// Everything that may be wrong with bootstrap, one thing at a time.

import type { Mutant } from './mutant.ts';

const decider = 'bootstrap/join-decider.ts';

export const bootstrapMutants: readonly Mutant[] = [
  {
    name: 'bytes of IP addresses compared as unsigned',
    file: 'discovery/ip-address.ts',
    find: 'Int8Array.from(bytes)',
    replace: 'Uint8Array.from(bytes)',
    seedsMax: 60,
  },
  {
    name: 'missing IP addresses rank last',
    file: 'discovery/target.ts',
    find: 'return Number(a !== undefined) - Number(b !== undefined);',
    replace: 'return 1;',
    seedsMax: 60,
  },
  {
    name: 'a cluster formed before the view is stable',
    file: decider,
    find: "if (nowMs - changedAtMs < rules.stableMarginMs) return 'a stable set';",
    replace: '',
    seedsMax: 300,
  },
  {
    name: 'required are the discovered, not the answering',
    file: decider,
    find: 'observations.length < rules.requiredContactPointNr',
    replace: 'contactPoints.length < rules.requiredContactPointNr',
    seedsMax: 300,
  },
  {
    name: 'a cluster formed although some do not answer',
    file: decider,
    find: 'rules.contactWithAllContactPoints &&',
    replace: 'false &&',
    seedsMax: 300,
  },
  {
    name: 'anybody forms a cluster, not the lowest alone',
    file: decider,
    find: 'lowest === undefined || !matchesSelf(lowest, self)',
    replace: 'lowest === undefined',
    seedsMax: 60,
  },
  {
    name: 'the highest forms the cluster',
    file: decider,
    find: 'targets.toSorted(compareTargets)[0]',
    replace: 'targets.toSorted(compareTargets).at(-1)',
    seedsMax: 60,
  },
  {
    name: 'another port of the own address taken for itself',
    file: 'bootstrap/contact-point.ts',
    find: 'target.port !== self.port',
    replace: 'false',
    seedsMax: 300,
  },
  {
    name: 'a cluster that is there not seen',
    file: decider,
    find: 'if (seeds.size > 0) {',
    replace: 'if (seeds.size > 99) {',
    seedsMax: 60,
  },
  {
    name: 'each lookup starts the stable margin anew',
    file: 'bootstrap/coordinator.ts',
    find: 'changedAtMs: before.changedAtMs',
    replace: 'changedAtMs: found.changedAtMs',
    seedsMax: 60,
  },
  {
    name: 'a lookup that failed ends all lookups',
    file: 'bootstrap/coordinator.ts',
    find: 'return nextLookup({ ...failed, ...warned, isLookingUp: false }, turn);',
    replace: 'return failed;',
    seedsMax: 60,
  },
  {
    name: 'never looks again after its seed nodes have died',
    file: 'bootstrap/coordinator.ts',
    find: "if (state.phase !== 'joining' || attempt !== state.joinAttempts) return state;",
    replace: 'return state;',
    seedsMax: 300,
  },
  {
    name: 'a contact point that was given up is not probed again',
    file: 'bootstrap/probing.ts',
    find: 'known === undefined || known.isStopped',
    replace: 'known === undefined',
    seedsMax: 60,
  },
];
