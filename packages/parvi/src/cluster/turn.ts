// One step of the state machine in progress: the moment it happens at, chance, and the effects collected so far.

import type { Random } from '../runtime/index.ts';
import type { Address } from '../wire/index.ts';
import type { ClusterEvent } from './events.ts';
import type { ClusterNode } from './node.ts';
import type { ClusterActor, ClusterInput, ClusterMessage, Correspondent } from './protocol.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Why the whole actor system has to shut down; the names that Pekko logs. */
export type ShutdownReason =
  | 'ClusterLeaving'
  | 'ClusterDowning'
  | 'ClusterJoinUnsuccessful'
  | 'IncompatibleConfigurationDetected';

/** What the shell has to do; a step itself does nothing. */
export type Effect =
  /** To the other node's actor by its well-known path. */
  | {
      readonly type: 'send';
      readonly to: Address;
      readonly actor: ClusterActor;
      readonly from: ClusterActor;
      readonly message: ClusterMessage;
    }
  /** To whoever sent the message that is being handled. */
  | {
      readonly type: 'reply';
      readonly to: Correspondent;
      readonly from: ClusterActor;
      readonly message: ClusterMessage;
    }
  | { readonly type: 'schedule'; readonly afterMs: number; readonly input: ClusterInput }
  | { readonly type: 'publish'; readonly event: ClusterEvent }
  | {
      readonly type: 'quarantine';
      readonly node: ClusterNode;
      readonly reason: string;
      readonly harmless: boolean;
    }
  /** Whoever watches actors there is told that they are gone. */
  | { readonly type: 'addressTerminated'; readonly node: ClusterNode }
  | { readonly type: 'runCoordinatedShutdown'; readonly reason: ShutdownReason }
  | { readonly type: 'acquireLease' }
  | { readonly type: 'releaseLease' }
  | { readonly type: 'log'; readonly level: LogLevel; readonly text: string }
  /** The cluster part of this node has ended and takes no more input. */
  | { readonly type: 'stopped' };

/** The moment of a step and the chance it may use. */
export interface Moment {
  /** Monotonic. */
  readonly nowMs: number;
  /** Since the Unix epoch. */
  readonly wallMs: number;
  readonly random: Random;
}

export class Turn implements Moment {
  readonly nowMs: number;
  readonly wallMs: number;
  readonly random: Random;
  readonly effects: Effect[] = [];
  readonly #self: ClusterNode;

  constructor(moment: Moment, self: ClusterNode) {
    this.nowMs = moment.nowMs;
    this.wallMs = moment.wallMs;
    this.random = moment.random;
    this.#self = self;
  }

  /** From this node's daemon to the other's. */
  send(to: Address, message: ClusterMessage): void {
    this.effects.push({ type: 'send', to, actor: 'daemon', from: 'daemon', message });
  }

  reply(to: Correspondent, message: ClusterMessage): void {
    this.effects.push({ type: 'reply', to, from: 'daemon', message });
  }

  schedule(afterMs: number, input: ClusterInput): void {
    this.effects.push({ type: 'schedule', afterMs, input });
  }

  log(level: LogLevel, text: string): void {
    const line = `Cluster Node [${this.#self.addressKey}] - ${text}`;
    this.effects.push({ type: 'log', level, text: line });
  }
}
