// Runs the pure state machine of membership in a real system: feeds it inputs one at a time, performs its effects, and
// tells whoever waits for a change.

import type { Logger } from '../../observe/index.ts';
import {
  type Cancellable,
  unreachable as neverReached,
  type Runtime,
  toError,
} from '../../runtime/index.ts';
import type { ClusterEvent } from '../events.ts';
import { step } from '../membership.ts';
import type { MembershipState } from '../membership-state.ts';
import type { ClusterNode } from '../node.ts';
import type { ClusterInput } from '../protocol.ts';
import type { Effect, ShutdownReason } from '../turn.ts';

/** What the driver needs of the system that it runs in. */
export interface DriverPorts {
  readonly runtime: Runtime;
  readonly log: Logger;
  readonly send: (effect: Extract<Effect, { type: 'send' }>) => void;
  readonly reply: (effect: Extract<Effect, { type: 'reply' }>) => void;
  readonly publish: (event: ClusterEvent) => void;
  readonly quarantine: (node: ClusterNode, reason: string, harmless: boolean) => void;
  readonly addressTerminated: (node: ClusterNode) => void;
  readonly shutDown: (reason: ShutdownReason) => void;
  readonly acquireLease: () => void;
  readonly releaseLease: () => void;
  /** Puts an input that is due into the line of inputs. */
  readonly enqueue: (input: ClusterInput) => void;
  /** Called after each step and its effects. */
  readonly afterStep: (state: MembershipState) => void;
}

interface Waiter {
  readonly isOver: (state: MembershipState) => boolean;
  readonly resolve: () => void;
}

export class CoreDriver {
  readonly #ports: DriverPorts;
  readonly #timers = new Set<Cancellable>();
  readonly #waiters = new Set<Waiter>();
  #state: MembershipState;

  constructor(state: MembershipState, ports: DriverPorts) {
    this.#state = state;
    this.#ports = ports;
  }

  get state(): MembershipState {
    return this.#state;
  }

  get isStopped(): boolean {
    return this.#state.phase.name === 'stopped';
  }

  feed(input: ClusterInput): void {
    if (this.isStopped) return;
    const { runtime, afterStep } = this.#ports;
    try {
      const { clock, random } = runtime;
      const moment = { nowMs: clock.nowMs(), wallMs: clock.wallMs(), random };
      const { state, effects } = step(this.#state, input, moment);
      this.#state = state;
      for (const effect of effects) this.#perform(effect);
    } catch (thrown) {
      this.#crash(input, toError(thrown));
    }
    if (this.isStopped) this.#cancelTimers();
    afterStep(this.#state);
    this.#wake();
  }

  /** Resolves as soon as the condition holds for the state, or the cluster part has ended. */
  until(isOver: (state: MembershipState) => boolean): Promise<void> {
    if (this.isStopped || isOver(this.#state)) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiters.add({ isOver, resolve });
    return promise;
  }

  #wake(): void {
    for (const waiter of this.#waiters) {
      if (!this.isStopped && !waiter.isOver(this.#state)) continue;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  }

  #perform(effect: Effect): void {
    const ports = this.#ports;
    switch (effect.type) {
      case 'send':
        ports.send(effect);
        break;
      case 'reply':
        ports.reply(effect);
        break;
      case 'schedule':
        this.#schedule(effect.afterMs, effect.input);
        break;
      case 'publish':
        ports.publish(effect.event);
        break;
      case 'log':
        ports.log[effect.level]({}, effect.text);
        break;
      case 'quarantine':
        ports.quarantine(effect.node, effect.reason, effect.harmless);
        break;
      case 'addressTerminated':
        ports.addressTerminated(effect.node);
        break;
      case 'runCoordinatedShutdown':
        ports.shutDown(effect.reason);
        break;
      case 'acquireLease':
        ports.acquireLease();
        break;
      case 'releaseLease':
        ports.releaseLease();
        break;
      case 'stopped':
        break;
      default:
        neverReached(effect);
    }
  }

  #schedule(afterMs: number, input: ClusterInput): void {
    const timer = this.#ports.runtime.timers.after(afterMs, () => {
      this.#timers.delete(timer);
      this.#ports.enqueue(input);
    });
    this.#timers.add(timer);
  }

  #cancelTimers(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  /** A bug: better no member than one that contradicts itself. The others will find this node unreachable. */
  #crash(input: ClusterInput, error: Error): void {
    const { log, shutDown } = this.#ports;
    const { self } = this.#state;
    log.error(
      { error, input: input.type },
      `Cluster Node [${self.addressKey}] - crashed, shutting down`,
    );
    this.#state = { ...this.#state, phase: { name: 'stopped' } };
    shutDown('ClusterDowning');
  }
}
