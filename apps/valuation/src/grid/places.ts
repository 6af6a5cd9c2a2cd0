// Where the actors of the grid are found on their nodes. Apart from the actors, so that a node loads only its own kind.

import type { ActorRef, ActorSystem } from 'parvi/actor';
import type { ControllerMessage } from './protocol.ts';

export const controllerPath = '/user/grid-controller';
export const workerPath = '/user/grid-worker';

/** The controller on a node, by the node's address. */
export function controllerAt(system: ActorSystem, address: string): ActorRef<ControllerMessage> {
  return system.resolve(`${address}${controllerPath}`);
}
