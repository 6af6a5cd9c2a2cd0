// What an actor system counts about itself, and how the metrics registry reads it.

import type { MetricsRegistry } from '../../observe/index.ts';
import { type DeadLetterReason, deadLetterReasons } from '../dead-letters.ts';
import type { ActorCounts } from './host.ts';
import type { MailboxFigures } from './mailbox-figures.ts';

/** What other parts of the system know. */
export interface SystemViews {
  /** Dead letters of a reason. */
  deadLetters(reason: DeadLetterReason): number;
  mailboxes(): MailboxFigures;
  /** Messages that actors have handled. */
  handled(): number;
  /** Actors that wait for their turn. */
  runQueue(): number;
  askTimeouts(): number;
}

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

  register(metrics: MetricsRegistry, views: SystemViews): void {
    const counter = (name: string, help: string, read: () => number): void => {
      metrics.read({ kind: 'counter', name, help, read });
    };
    const gauge = (name: string, help: string, read: () => number): void => {
      metrics.read({ kind: 'gauge', name, help, read });
    };
    gauge('parvi_actors', 'Actors that are alive, without guardians', () => this.living);
    counter('parvi_actors_started_total', 'Actors started', () => this.#started);
    counter('parvi_actor_failures_total', 'Failures of actors', () => this.#failed);
    counter('parvi_actor_restarts_total', 'Restarts of actors', () => this.#restarted);
    counter('parvi_actor_messages_handled_total', 'Messages that actors took', views.handled);
    gauge('parvi_dispatcher_waiting_actors', 'Actors that wait for their turn', views.runQueue);
    counter('parvi_ask_timeouts_total', 'Asks that got no reply in time', views.askTimeouts);
    gauge(
      'parvi_mailbox_messages',
      'Messages that wait in mailboxes',
      () => views.mailboxes().waiting,
    );
    gauge(
      'parvi_mailbox_longest_messages',
      'Messages that wait in the fullest mailbox',
      () => views.mailboxes().longest,
    );
    gauge(
      'parvi_stashed_messages',
      'Messages that actors have put aside until later',
      () => views.mailboxes().stashed,
    );
    metrics.read({
      kind: 'counter',
      name: 'parvi_dead_letters_total',
      help: 'Messages that reached nobody, by reason',
      labels: ['reason'],
      read: () =>
        deadLetterReasons.map((reason) => ({ labels: [reason], value: views.deadLetters(reason) })),
    });
  }
}
