// Tracing as the layers see it: what is traced now, and how a span begins and ends. What records spans and sends them
// somewhere is behind a port and is loaded only where tracing is on.

import { type Clock, fastRandom, type Random } from '../runtime/index.ts';
import type { DeliveryPorts, SpanDeliveries } from './span-deliveries.ts';
import type { TraceContext } from './trace-context.ts';

export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

export interface SpanStart {
  readonly name: string;
  readonly kind?: SpanKind;
  /** Left out: what is traced now. */
  readonly parent?: TraceContext | undefined;
  readonly attributes?: SpanAttributes;
  /** Whether somebody outside the cluster began the parent: it counts as a trace that begins here, not to cost more. */
  readonly fromOutside?: boolean;
}

/** A piece of work that is recorded. */
export interface TraceSpan {
  /** For what is part of it. */
  readonly context: TraceContext;
  set(attributes: SpanAttributes): void;
  fail(error: Error): void;
  /** Once; later calls do nothing. */
  end(): void;
}

/** Records spans and sends them somewhere. */
export interface SpanRecorder {
  record(
    start: Required<Pick<SpanStart, 'name' | 'kind' | 'attributes'>>,
    parent: TraceContext | undefined,
  ): TraceSpan;
  /** Says this of the node with all spans that are sent from now on, besides what is said already. */
  describe?(about: SpanAttributes): void;
  /** Sends what is left; never rejects. */
  close(): Promise<void>;
  /** What becomes of spans, for who sends them away. */
  readonly deliveries?: SpanDeliveries;
}

export interface TracingOptions {
  readonly recorder: SpanRecorder;
  readonly random: Random;
  /** Share of the traces begun here that are recorded, 0 to 1. */
  readonly sampleRatio: number;
  /** Traces begun and recorded here in a second, on average; more are not recorded. */
  readonly tracesPerSecond: number;
  readonly clock: Clock;
}

/** What a quiet time leaves may be used up to so much later: requests do not come evenly. */
const burstMs = 100;

/**
 * Decides at the beginning of a trace whether it is recorded; all of its parts, on other nodes too, follow that decision.
 * What is not recorded carries nothing and costs next to nothing.
 */
export class Tracing {
  /** What runs now is part of this; `undefined` outside recorded traces. Not kept across `await`: keep it and {@link run}. */
  current: TraceContext | undefined = undefined;
  readonly #recorder: SpanRecorder;
  /** Strong chance is too dear for what decides no more than this. */
  readonly #chance: Random;
  /** Natural logarithm of the share that is not recorded. */
  readonly #logUnsampled: number;
  /** So many traces begin unrecorded before the next recorded one. */
  #unsampledLeft: number;
  readonly #clock: Clock;
  readonly #intervalMs: number;
  /** When the next trace may begin; in the past while there are fewer than allowed. */
  #nextMs = Number.NEGATIVE_INFINITY;

  constructor(options: TracingOptions) {
    this.#recorder = options.recorder;
    this.#chance = fastRandom(options.random);
    this.#logUnsampled = Math.log1p(-options.sampleRatio);
    this.#unsampledLeft = this.#drawUnsampled();
    this.#clock = options.clock;
    this.#intervalMs = 1000 / options.tracesPerSecond;
  }

  /** Begins a span, which must be ended; `undefined` when the trace is not recorded. */
  start(given: SpanStart): TraceSpan | undefined {
    // Nearly all requests end here, so nothing more stands in their way.
    if (this.#unsampledLeft > 0 && given.parent === undefined && this.current === undefined) {
      this.#unsampledLeft--;
      return undefined;
    }
    return this.#startSampled(given);
  }

  #startSampled(given: SpanStart): TraceSpan | undefined {
    const parent = given.parent ?? this.current;
    if (!this.#isSampled(given, parent)) return undefined;
    const { name, kind = 'internal', attributes = {} } = given;
    return this.#recorder.record({ name, kind, attributes }, parent);
  }

  #isSampled({ fromOutside }: SpanStart, parent: TraceContext | undefined): boolean {
    if (parent !== undefined) return parent.sampled && (fromOutside !== true || this.#mayBegin());
    this.#unsampledLeft = this.#drawUnsampled();
    return this.#mayBegin();
  }

  /**
   * Tosses for each of many are as likely to fail so many times in a row (the geometric distribution), and one draw for all
   * of them costs less than one for each.
   */
  #drawUnsampled(): number {
    if (this.#logUnsampled === 0) return Number.POSITIVE_INFINITY;
    // Above 0, which has no logarithm, and never above 1.
    const chance = (this.#chance.uint32() + 0.5) / 2 ** 32;
    return Math.floor(Math.log(chance) / this.#logUnsampled);
  }

  /** Whether one more may begin now; it is counted then. */
  #mayBegin(): boolean {
    const nowMs = this.#clock.nowMs();
    const nextMs = Math.max(this.#nextMs, nowMs - burstMs);
    if (nextMs > nowMs) return false;
    this.#nextMs = nextMs + this.#intervalMs;
    return true;
  }

  /** Does the work, up to its first `await`, as a part of that trace, or of none. */
  run<T>(context: TraceContext | undefined, work: () => T): T {
    const before = this.current;
    this.current = context;
    try {
      return work();
    } finally {
      this.current = before;
    }
  }

  /** A promise's work as a span, which ends with it. */
  async span<T>(given: SpanStart, work: () => Promise<T>): Promise<T> {
    const span = this.start(given);
    if (span === undefined) return await work();
    try {
      return await this.run(span.context, work);
    } catch (thrown) {
      span.fail(thrown instanceof Error ? thrown : new Error(String(thrown)));
      throw thrown;
    } finally {
      span.end();
    }
  }

  /** Says this of the node with all spans that are sent from now on, as OpenTelemetry's attributes of a resource. */
  describe(about: SpanAttributes): void {
    this.#recorder.describe?.(about);
  }

  /** Counts in these metrics what is sent and dropped, and says in this log that spans do not arrive. */
  reportTo(ports: DeliveryPorts): void {
    this.#recorder.deliveries?.reportTo(ports);
  }

  close(): Promise<void> {
    return this.#recorder.close();
  }
}
