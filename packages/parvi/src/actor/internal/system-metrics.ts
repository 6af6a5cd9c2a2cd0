// What an actor system counts about itself, and how the metrics registry reads it.

import type { MetricsRegistry } from '../../observe/index.ts';
import { type DeadLetterReason, deadLetterReasons } from '../dead-letters.ts';
import type { ActorCounts } from './host.ts';

export class SystemCounts implements ActorCounts {
  #started = 0;
  #stopped = 0;
  #failed = 0;
  #restarted = 0;

  started(): void {
    this.#started++;
  }

  stopped(): void {
    this.#stopped++;
  }

  failed(): void {
    this.#failed++;
  }

  restarted(): void {
    this.#restarted++;
  }

  get living(): number {
    return this.#started - this.#stopped;
  }

  /** `deadLetters` gives the number of dead letters of a reason. */
  register(metrics: MetricsRegistry, deadLetters: (reason: DeadLetterReason) => number): void {
    const counter = (name: string, help: string, read: () => number): void => {
      metrics.read({ kind: 'counter', name, help, read });
    };
    metrics.read({
      kind: 'gauge',
      name: 'parvi_actors',
      help: 'Actors that are alive, without guardians',
      read: () => this.living,
    });
    counter('parvi_actors_started_total', 'Actors started', () => this.#started);
    counter('parvi_actor_failures_total', 'Failures of actors', () => this.#failed);
    counter('parvi_actor_restarts_total', 'Restarts of actors', () => this.#restarted);
    metrics.read({
      kind: 'counter',
      name: 'parvi_dead_letters_total',
      help: 'Messages that reached nobody, by reason',
      labels: ['reason'],
      read: () =>
        deadLetterReasons.map((reason) => ({ labels: [reason], value: deadLetters(reason) })),
    });
  }
}
