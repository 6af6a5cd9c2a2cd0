// /parvi/version, /parvi/config, /parvi/event-loop, /parvi/associations, /parvi/members: what this node is, how it was set
// up, how it keeps up, whom it speaks with, and what it knows of the members beyond `/cluster/members`.

import type { ActorSystem } from '../actor/index.ts';
import { compareAge, type Member } from '../cluster/index.ts';
import { type ConfigEntry, maskedText, originText } from '../config/index.ts';
import type { AssociationView, Remoting } from '../remote/index.ts';
import { isoTime, type LoopDelay, nodeVersion, parviVersion } from '../runtime/index.ts';
import { addressText } from '../wire/index.ts';
import { jsonAnswer, messageAnswer } from './answers.ts';
import type { ClusterPort } from './cluster-port.ts';
import type { JsonValue } from './json-text.ts';
import type { Handler, Route } from './protocol.ts';

export interface NodeRoutesOptions {
  readonly system: ActorSystem;
  readonly cluster: ClusterPort | undefined;
  readonly remoting: Pick<Remoting, 'associations'> | undefined;
  readonly loopDelay: LoopDelay;
  readonly config: { entries(): readonly ConfigEntry[] } | undefined;
  readonly appVersion: string | undefined;
}

/** Names of options whose values are nobody's business, should a schema not say so. */
const secretKey = /(password|passphrase|secret|token|credential|(api|access|private)[-_]?key)s?$/i;

export function nodeRoutes(options: NodeRoutesOptions): Route[] {
  const { cluster, remoting, config } = options;
  const route = (name: string, GET: Handler): Route => ({
    path: `/parvi/${name}`,
    match: 'exact',
    group: 'other',
    methods: { GET },
  });
  return [
    route('version', () => jsonAnswer(versionView(options))),
    route('config', () =>
      config === undefined
        ? messageAnswer('The application has not handed its configuration to management', 404)
        : jsonAnswer({ options: config.entries().map(optionView) }),
    ),
    route('event-loop', () => jsonAnswer(loopView(options.loopDelay))),
    route('associations', () =>
      jsonAnswer({ associations: (remoting?.associations() ?? []).map(associationView) }),
    ),
    ...(cluster === undefined
      ? []
      : [route('members', () => jsonAnswer(detailedMembersView(cluster)))]),
  ];
}

function versionView({ system, cluster, appVersion }: NodeRoutesOptions): JsonValue {
  const { clock } = system.runtime;
  const uptimeMs = clock.nowMs() - system.startedAtMs;
  return {
    parvi: parviVersion,
    node: nodeVersion,
    appVersion: cluster?.selfMember.appVersion ?? appVersion,
    system: system.name,
    address: system.address === undefined ? undefined : addressText(system.address),
    uid: String(system.uid),
    startedAt: isoTime(clock.wallMs() - uptimeMs),
    uptimeSeconds: Math.round(uptimeMs / 1000),
  };
}

function optionView({ key, shown, origin, effect }: ConfigEntry): JsonValue {
  const value = shown !== '' && secretKey.test(key) ? maskedText : shown;
  return { key, value, origin: originText(origin), effect };
}

function loopView(delay: LoopDelay): JsonValue {
  const seconds = (ms: number): number => Math.round(ms * 1000) / 1e6;
  return {
    delaySeconds: {
      p50: seconds(delay.quantileMs(0.5)),
      p90: seconds(delay.quantileMs(0.9)),
      p99: seconds(delay.quantileMs(0.99)),
      max: seconds(delay.maxMs()),
    },
  };
}

function associationView({ address, uid, idleMs, streams, ...view }: AssociationView): JsonValue {
  return {
    address: addressText(address),
    uid: uid === undefined ? undefined : String(uid),
    idleMs: Math.round(idleMs),
    streams: streams.map((stream) => ({ ...stream })),
    incarnations: view.incarnations,
    quarantined: view.quarantined === undefined ? undefined : { ...view.quarantined },
    compression: { ...view.compression },
    unacknowledgedSystemMessages: view.unacknowledgedSystemMessages,
  };
}

/** In the order of age. */
function detailedMembersView({ state, self, unreachability }: ClusterPort): JsonValue {
  const observers = new Map(
    unreachability.map(({ subject, observers: by }) => [
      subject.key,
      by.map(({ addressKey }) => addressKey),
    ]),
  );
  const seen = new Set(state.seenBy.map(({ key }) => key));
  const view = (member: Member, age: number): JsonValue => {
    const { node, status, roles, dataCenter, appVersion } = member;
    const observedBy = observers.get(node.key) ?? [];
    return {
      node: node.addressKey,
      nodeUid: String(node.uid),
      status,
      roles,
      dataCenter,
      appVersion,
      age: age + 1,
      self: node.key === self.key,
      leader: node.key === state.leader?.key,
      reachable: observedBy.length === 0,
      reachableFromHere: !observedBy.includes(self.addressKey),
      observedBy,
      seen: seen.has(node.key),
    };
  };
  return { selfNode: self.addressKey, members: [...state.members].sort(compareAge).map(view) };
}
