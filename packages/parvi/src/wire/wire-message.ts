// A message of one of Pekko's own protocols (membership, stock messages, selections, control) on its way through code that
// otherwise carries users' values. The wrapper keeps the two apart: a user's `{ kind: 'leave' }` is never mistaken for
// the cluster's.

import type { ClusterMessage } from './cluster-messages.ts';
import type { ControlMessage } from './control-messages.ts';
import type { MiscMessage } from './misc-messages.ts';
import type { SelectionMessage } from './selection.ts';
import type { SystemMessage } from './system-messages.ts';

export interface WireMessages {
  readonly 5: ClusterMessage;
  readonly 6: SelectionMessage;
  readonly 16: MiscMessage;
  readonly 17: ControlMessage;
  readonly 22: SystemMessage;
}

/**
 * What the cluster says again by itself, or says to nodes that may be gone, and the last word of an actor to a watcher
 * that has ended too. Source: Pekko marks heartbeats, the search for seed nodes, `ExitingConfirmed` and
 * `DeathWatchNotification` as `DeadLetterSuppression`; here gossip is too, for the next round repeats it.
 */
const suppressedKinds: ReadonlySet<string> = new Set<
  ClusterMessage['kind'] | SystemMessage['kind']
>([
  'initJoin',
  'initJoinAck',
  'initJoinNack',
  'heartbeat',
  'heartbeatRsp',
  'gossipEnvelope',
  'gossipStatus',
  'exitingConfirmed',
  'deathWatchNotification',
]);

export class WireMessage<Id extends keyof WireMessages = keyof WireMessages> {
  readonly serializerId: Id;
  readonly message: WireMessages[Id];

  constructor(serializerId: Id, message: WireMessages[Id]) {
    this.serializerId = serializerId;
    this.message = message;
  }

  /** That it finds its recipient gone is ordinary: not worth a line in the log. */
  get deadLetterSuppressed(): boolean {
    const { serializerId, message } = this;
    return (serializerId === 5 || serializerId === 22) && suppressedKinds.has(message.kind);
  }
}

export function isWireMessage<Id extends keyof WireMessages>(
  value: unknown,
  serializerId: Id,
): value is WireMessage<Id> {
  return value instanceof WireMessage && value.serializerId === serializerId;
}

export const clusterMessage = (message: ClusterMessage): WireMessage<5> =>
  new WireMessage(5, message);
export const selectionMessage = (message: SelectionMessage): WireMessage<6> =>
  new WireMessage(6, message);
export const miscMessage = (message: MiscMessage): WireMessage<16> => new WireMessage(16, message);
export const controlMessage = (message: ControlMessage): WireMessage<17> =>
  new WireMessage(17, message);
