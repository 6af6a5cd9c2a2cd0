// The way from the state machine's effects to refs and remoting.

import {
  type ActorRef,
  type ActorSystem,
  SelectedMessage,
  shutdownReasons,
} from '../../actor/index.ts';
import type { Remoting } from '../../remote/index.ts';
import {
  type Address,
  addressText,
  clusterMessage,
  rootPathText,
  selectionElements,
} from '../../wire/index.ts';
import type { ClusterEvent } from '../events.ts';
import { messageToWire } from '../messages.ts';
import type { ClusterActor } from '../protocol.ts';
import type { Effect, ShutdownReason } from '../turn.ts';
import type { ClusterActors, RefCorrespondent } from './cluster-actors.ts';
import type { ClusterTelemetry } from './telemetry.ts';

const daemonElements = selectionElements('/system/cluster/core/daemon');
const receiverElements = selectionElements('/system/cluster/heartbeatReceiver');

const reasonOf = {
  ClusterLeaving: shutdownReasons.clusterLeaving,
  ClusterDowning: shutdownReasons.clusterDowning,
  ClusterJoinUnsuccessful: shutdownReasons.clusterJoinUnsuccessful,
  IncompatibleConfigurationDetected: shutdownReasons.incompatibleConfigurationDetected,
} as const satisfies Record<ShutdownReason, unknown>;

/** Sends the cluster's messages in the name of its actors. */
export class ClusterSender {
  readonly #system: ActorSystem;
  readonly #telemetry: ClusterTelemetry;
  readonly #actors: () => ClusterActors;
  /** Roots of other nodes by address; selections are told there. */
  readonly #roots = new Map<string, ActorRef<unknown>>();

  constructor(system: ActorSystem, telemetry: ClusterTelemetry, actors: () => ClusterActors) {
    this.#system = system;
    this.#telemetry = telemetry;
    this.#actors = actors;
  }

  send(effect: Extract<Effect, { type: 'send' }>): void {
    const elements = effect.actor === 'heartbeatReceiver' ? receiverElements : daemonElements;
    const wire = clusterMessage(messageToWire(effect.message));
    this.#telemetry.sent(effect.message.type);
    this.#rootOf(effect.to).tell(new SelectedMessage(elements, wire), this.#sender(effect.from));
  }

  reply(effect: Extract<Effect, { type: 'reply' }>): void {
    const { ref } = effect.to as RefCorrespondent;
    if (ref === undefined) return;
    this.#telemetry.sent(effect.message.type);
    ref.tell(clusterMessage(messageToWire(effect.message)), this.#sender(effect.from));
  }

  forget(address: Address): void {
    this.#roots.delete(addressText(address));
  }

  #sender(name: ClusterActor): ActorRef<never> {
    return this.#actors().refOf(name);
  }

  #rootOf(address: Address): ActorRef<unknown> {
    const key = addressText(address);
    let root = this.#roots.get(key);
    if (root === undefined) {
      root = this.#system.resolve(rootPathText(address));
      this.#roots.set(key, root);
    }
    return root;
  }
}

export function shutDownSystem(system: ActorSystem, reason: ShutdownReason): void {
  system.coordinatedShutdown.run(reasonOf[reason]).catch(() => undefined);
}

/** Members are watched over by the cluster and not by remoting's own heartbeats. */
export function tellRemoting(remoting: Remoting, event: ClusterEvent): void {
  if (
    event.type === 'MemberJoined' ||
    event.type === 'MemberUp' ||
    event.type === 'MemberWeaklyUp'
  ) {
    remoting.memberAdded(event.member.node.address);
  }
}
