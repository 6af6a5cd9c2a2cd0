// Heartbeats of all detectors: they take the control stream, and one that is lost is not worth a dead letter, for its loss
// is what the detectors are there to notice.

import { SelectedMessage } from '../actor/index.ts';
import { WireMessage } from '../wire/index.ts';

const heartbeatKinds = new Set<unknown>([
  'arteryHeartbeat',
  'arteryHeartbeatRsp',
  'heartbeat',
  'heartbeatRsp',
]);

/** Whether the message, or what a selection carries, is a heartbeat or its answer. */
export function isHeartbeat(message: unknown): boolean {
  const content = message instanceof SelectedMessage ? message.message : message;
  return content instanceof WireMessage && heartbeatKinds.has(content.message.kind);
}
