// What becomes of recorded spans: how many were sent and how many were dropped, and a line in the log when they do not
// arrive. Whoever has switched tracing on would look for them in vain otherwise.

import { type Clock, errorLine } from '../runtime/index.ts';
import type { Logger } from './logger.ts';
import type { MetricsRegistry } from './metrics.ts';

export interface DeliveryPorts {
  readonly metrics: MetricsRegistry;
  readonly log: Logger;
  readonly clock: Clock;
}

/** Least time between two warnings of spans that were dropped. */
export const dropWarningIntervalMs = 300_000;

export class SpanDeliveries {
  readonly #receiver: string;
  #ports: DeliveryPorts | undefined;
  #sent = 0;
  #dropped = 0;
  /** Dropped since the last warning. */
  #untold = 0;
  #warnedAtMs: number | undefined;
  /** A warning was the last that was said. */
  #isWarned = false;

  /** `receiver` is the URL to which spans go; a user, a password and parameters in it are not shown. */
  constructor(receiver: string) {
    const { origin, pathname } = new URL(receiver);
    this.#receiver = `${origin}${pathname}`;
  }

  /** Where this is told from now on; what was counted before is in the metrics, too. */
  reportTo(ports: DeliveryPorts): void {
    this.#ports = ports;
    ports.metrics.read({
      kind: 'counter',
      name: 'parvi_trace_spans_sent_total',
      help: 'Spans that the receiver of traces has taken',
      read: () => this.#sent,
    });
    ports.metrics.read({
      kind: 'counter',
      name: 'parvi_trace_spans_dropped_total',
      help: 'Spans dropped because the receiver of traces was away, refused them, or was too slow',
      read: () => this.#dropped,
    });
  }

  sent(spans: number): void {
    this.#sent += spans;
    if (!this.#isWarned) return;
    this.#isWarned = false;
    this.#ports?.log.info(
      { dropped: this.#untold },
      `Traces are sent to "${this.#receiver}" again`,
    );
  }

  dropped(spans: number, cause: unknown): void {
    this.#dropped += spans;
    this.#untold += spans;
    const { log, clock } = this.#ports ?? {};
    if (log === undefined || clock === undefined) return;
    const nowMs = clock.nowMs();
    const sinceMs = nowMs - (this.#warnedAtMs ?? Number.NEGATIVE_INFINITY);
    if (sinceMs < dropWarningIntervalMs) return;
    const fields = { dropped: this.#untold, reason: errorLine(cause) };
    this.#warnedAtMs = nowMs;
    this.#untold = 0;
    this.#isWarned = true;
    log.warn(
      fields,
      `Traces cannot be sent to "${this.#receiver}", and their spans are dropped: ${remedyFor(cause)}`,
    );
  }
}

/** OpenTelemetry's exporter hands on the status of an answer as `code`. */
function remedyFor(cause: unknown): string {
  return cause instanceof Error && Reflect.get(cause, 'code') === 404
    ? 'the receiver takes none at this path; see that telemetry.endpoint has the right one, which mostly is "/v1/traces"'
    : 'see that the receiver runs, and that telemetry.endpoint names it';
}
