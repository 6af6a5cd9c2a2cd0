// Why this node is in no cluster yet, in one sentence for people: what is known, what it waits for, and what is likely
// to be wrong.

import { targetKey, targetText } from '../discovery/index.ts';
import { parseAddress } from '../wire/index.ts';
import { contactPointText, matchesSelf } from './contact-point.ts';
import { lowestTarget, type WaitsFor } from './join-decider.ts';
import { isFresh, nameUnknown, systemForeign } from './probing.ts';
import type { BootstrapState, Probe } from './state.ts';

export interface BootstrapSummary {
  readonly phase: BootstrapState['phase'];
  /** How many contact points discovery has found; `undefined` when it has not answered. */
  readonly discovered: number | undefined;
  readonly answering: number;
  readonly required: number;
  /** Those that do not answer, and why. */
  readonly silent: readonly string[];
  readonly lowest: string | undefined;
  readonly isSelfFound: boolean;
  readonly waitsFor: WaitsFor | undefined;
}

export function summaryOf(state: BootstrapState, nowMs: number): BootstrapSummary {
  const { contacts, settings, self, phase, waitsFor } = state;
  const targets = contacts?.targets ?? [];
  const lowest = lowestTarget(targets);
  return {
    phase,
    discovered: contacts?.targets.length,
    answering: targets.filter((target) => {
      const probe = state.probes.get(targetKey(target));
      return probe !== undefined && isFresh(probe, settings, nowMs);
    }).length,
    required: settings.requiredContactPointNr,
    silent: silentOnes(state, nowMs).map(silenceText),
    lowest: lowest === undefined ? undefined : targetText(lowest),
    isSelfFound: targets.some((target) => matchesSelf(target, self.contactPoint)),
    waitsFor,
  };
}

interface Silence {
  readonly place: string;
  readonly reason: string;
}

const silenceText = ({ place, reason }: Silence): string => `${place} (${reason})`;

function silentOnes(state: BootstrapState, nowMs: number): readonly Silence[] {
  return (state.contacts?.targets ?? []).flatMap((target) => {
    const probe = state.probes.get(targetKey(target));
    if (probe !== undefined && isFresh(probe, state.settings, nowMs)) return [];
    return [{ place: targetText(target), reason: reasonOf(probe) }];
  });
}

function reasonOf(probe: Probe | undefined): string {
  if (probe === undefined) return 'not probed, as actors are reached there and not management';
  return probe.failure ?? 'no answer yet';
}

/** More would fill the line. */
const silentShownMax = 5;

export function explanation(state: BootstrapState, nowMs: number): string {
  const seconds = Math.round((nowMs - state.startedAtMs) / 1000);
  return `Not in a cluster after ${seconds} s: ${situation(state, nowMs)}`;
}

function situation(state: BootstrapState, nowMs: number): string {
  const summary = summaryOf(state, nowMs);
  const { serviceName } = state.settings.query;
  if (state.phase === 'joining') {
    return `asked [${state.joining.join(', ')}] for admission and has no answer; check that they run and can be reached from here by exactly these addresses`;
  }
  if (summary.discovered === undefined) {
    return `discovery has not answered for service "${serviceName}" (${state.lookupFailure ?? 'its first answer is under way'})`;
  }
  const { discovered, answering, required } = summary;
  const leftOut = state.contacts?.leftOut ?? 0;
  const others =
    leftOut === 0
      ? ''
      : ` (and left out ${leftOut} with other ports than ${state.settings.fallbackPort}: set bootstrap.portName, or filterOnFallbackPort off)`;
  const counted = `found ${discovered} contact point${discovered === 1 ? '' : 's'} of service "${serviceName}"${others}, ${answering} of them answer, and ${required} must`;
  return `${counted}; ${silentText(state, silentOnes(state, nowMs)) ?? advice(state, summary)}`;
}

function advice(state: BootstrapState, summary: BootstrapSummary): string {
  const { discovered = 0, required } = summary;
  if (summary.waitsFor === 'a cluster') return clusterText(state, summary);
  if (discovered === 0) {
    return 'discovery finds nobody: check service name, port name and label selector, and that DNS tells of pods that are not ready (publishNotReadyAddresses)';
  }
  if (!summary.isSelfFound) return selfText(state);
  if (discovered < required) {
    return 'waiting for more to start; if all run, bootstrap.requiredContactPointNr is above the number of nodes, or discovery leaves out nodes that are not ready (in DNS, publishNotReadyAddresses), or a port name or label is not that of all, or a list (discovery.config.endpoints) lacks some';
  }
  return waitingText(state, summary);
}

/** Each kind with its remedy; `undefined` when all answer. */
function silentText(state: BootstrapState, silent: readonly Silence[]): string | undefined {
  const isUnknown = ({ reason }: Silence): boolean => reason === nameUnknown;
  const isForeign = ({ reason }: Silence): boolean => reason.startsWith(systemForeign);
  const kinds: readonly (readonly [string, readonly Silence[], string])[] = [
    [
      'no answer from',
      silent.filter((one) => !isUnknown(one) && !isForeign(one)),
      'check that management runs there, that the port is that of management, and that network policies let it through',
    ],
    [
      'no address of',
      silent.filter(isUnknown),
      'correct the name where discovery has it from, such as discovery.config.endpoints, or see why DNS lacks it',
    ],
    [
      'no use for the answer of',
      silent.filter(isForeign),
      `give all nodes the name of this system (system.name), "${systemOf(state)}", or have discovery find none of another`,
    ],
  ];
  const told = kinds.filter(([, ones]) => ones.length > 0);
  if (told.length === 0) return undefined;
  return told.map(([what, ones, remedy]) => `${what} ${listed(ones)}; ${remedy}`).join('; ');
}

function listed(silent: readonly Silence[]): string {
  const shown = silent.slice(0, silentShownMax).map(silenceText).join(', ');
  return silent.length > silentShownMax
    ? `${shown} and ${silent.length - silentShownMax} more`
    : shown;
}

const systemOf = ({ self }: BootstrapState): string => parseAddress(self.address).system;

function clusterText({ settings }: BootstrapState, { lowest }: BootstrapSummary): string {
  if (!settings.newClusterEnabled) {
    return 'waiting for a cluster to join, as bootstrap.newClusterEnabled is off and so this node forms none';
  }
  return `waiting for the cluster to notice that the process before this one is gone, as nobody but that is known to be in it (lowest contact point: ${lowest ?? 'none'})`;
}

function selfText({ self }: BootstrapState): string {
  return `discovery does not find this node, which answers at ${contactPointText(self.contactPoint)}; set management.host and management.port to what discovery finds, or a node that it finds must form the cluster`;
}

function waitingText(state: BootstrapState, { waitsFor, lowest }: BootstrapSummary): string {
  switch (waitsFor) {
    case 'others':
      return 'discovery finds this node alone, and a cluster of one is not formed by accident; if it is meant to be alone set bootstrap.formAlone, else check service name and label selector';
    case 'the lowest':
      return `waiting for ${lowest ?? 'the lowest'} to form the cluster, as the lowest of all; look at what its log says, and that all nodes find each other under the same addresses`;
    default: {
      const seconds = state.settings.stableMarginMs / 1000;
      return `waiting for the set of contact points to stay the same for ${seconds} s`;
    }
  }
}
