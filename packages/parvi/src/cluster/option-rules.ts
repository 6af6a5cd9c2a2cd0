// What the options of the cluster may be. A detector that never or always suspects, or an interval of nothing, is
// refused by name at the start instead of being found out at the first failure.

import {
  anyText,
  durationFrom,
  flag,
  listOfTexts,
  nonEmptyText,
  numberFrom,
  type OptionRule,
  type OptionRules,
  orOff,
  positiveNumber,
  section,
  type WrongOption,
  wholeNumber,
  wrongOption,
} from '../runtime/index.ts';
import type { ClusterOptions, FailureDetectorOptions, SplitBrainOptions } from './options.ts';

const interval = durationFrom(1);
const duration = durationFrom(0);
const durationOrOff = orOff(duration);

const seedNodes: OptionRule = {
  takes: 'a list of addresses, as text ("pekko://System@host:port", "host:port") or as values',
  accepts: (value) => Array.isArray(value) && value.every(isSeed),
};

function isSeed(value: unknown): boolean {
  if (typeof value === 'string') return true;
  if (!section.accepts(value)) return false;
  const part = (name: string): unknown => Reflect.get(Object(value), name);
  const port = part('port');
  return (
    ['protocol', 'system', 'host'].every((name) => nonEmptyText.accepts(part(name))) &&
    wholeNumber(1).accepts(port) &&
    Number(port) <= 65_535
  );
}

const wholeNumberByRole: OptionRule = {
  takes: 'an object of whole numbers of at least 1, by role',
  accepts: (value) =>
    section.accepts(value) && Object.values(Object(value)).every(wholeNumber(1).accepts),
};

export const clusterOptionRules: OptionRules<ClusterOptions> = {
  seedNodes,
  roles: listOfTexts,
  dataCenter: nonEmptyText,
  appVersion: anyText,
  acceptProtocols: listOfTexts,
  seedNodeTimeout: interval,
  joinRetryInterval: interval,
  retryUnsuccessfulJoinAfter: orOff(interval),
  shutdownAfterUnsuccessfulJoin: durationOrOff,
  allowWeaklyUp: durationOrOff,
  membersMin: wholeNumber(1),
  membersMinByRole: wholeNumberByRole,
  periodicTasksInitialDelay: duration,
  gossipInterval: interval,
  gossipTimeToLive: interval,
  gossipDifferentViewProbability: numberFrom(0, 1),
  reduceGossipDifferentViewProbability: numberFrom(0),
  leaderActionsInterval: interval,
  unreachableReaperInterval: interval,
  pruneTombstonesAfter: interval,
  quarantineRemovedNodeAfter: duration,
  failureDetector: section,
  splitBrain: orOff(section),
  joinConfig: section,
  enforceJoinConfig: flag,
  shutdownWhenDown: flag,
};

export const failureDetectorOptionRules: OptionRules<FailureDetectorOptions> = {
  heartbeatInterval: interval,
  threshold: positiveNumber,
  samplesMax: wholeNumber(1),
  minStdDeviation: interval,
  acceptableHeartbeatPause: duration,
  monitoredByMembers: wholeNumber(1),
  expectedResponseAfter: interval,
};

/** What a strategy needs is known, and checked, where it is made. */
const byStrategy: OptionRule = { takes: 'what its strategy needs', accepts: () => true };

export const splitBrainOptionRules: OptionRules<SplitBrainOptions> = {
  strategy: byStrategy,
  quorumSize: byStrategy,
  role: anyText,
  stableAfter: duration,
  downAllWhenUnstable: durationOrOff,
  downIfAlone: flag,
  lease: {
    takes: 'an object with the functions acquire and release',
    accepts: (value) =>
      section.accepts(value) &&
      ['acquire', 'release'].every(
        (name) => typeof Reflect.get(Object(value), name) === 'function',
      ),
  },
  acquireLeaseDelayForMinority: duration,
  releaseLeaseAfter: duration,
};

/** The first option of the cluster, with its section, whose value cannot work. */
export function wrongClusterOption(options: ClusterOptions): WrongOption | undefined {
  const { failureDetector = {}, splitBrain = 'off' } = options;
  return (
    wrongOption(options, clusterOptionRules) ??
    wrongOption(failureDetector, failureDetectorOptionRules, 'failureDetector.') ??
    (splitBrain === 'off'
      ? undefined
      : wrongOption(splitBrain, splitBrainOptionRules, 'splitBrain.'))
  );
}
