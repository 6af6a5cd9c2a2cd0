// /cluster/domain-events: where things stand and what happens in the cluster, as a stream that does not end by itself
// (Pekko `ClusterHttpManagementRoutes`). A client that does not keep up is left behind, not waited for.

import type { Cancellable, Timers } from '../runtime/index.ts';
import { notAcceptable, textAnswer } from './answers.ts';
import type { ClusterPort } from './cluster-port.ts';
import { eventText, heartbeatText, isTold, type ToldEvent, toldTypes } from './event-text.ts';
import type { ManagementRequest, Route, TextSink } from './protocol.ts';

const contentType = 'text/event-stream';
/** After so long a silence something is said, so that both sides notice a dead connection. */
const heartbeatMs = 10_000;
/** Events that may wait for a client. */
export const eventsWaitingMax = 128;
/** How long more of them may wait: what comes in one turn has not left the process by its end. */
const overflowMs = 1000;

export interface EventRouteOptions {
  readonly cluster: ClusterPort;
  readonly timers: Timers;
  readonly streamsMax: number;
}

/** Streams that are open now are counted by the caller. */
export interface EventStreams {
  open: number;
}

export function eventRoutes(options: EventRouteOptions, streams: EventStreams): Route[] {
  return [
    {
      path: '/cluster/domain-events',
      match: 'slash',
      group: 'other',
      methods: {
        GET: (request) => {
          if (!accepts(request)) return notAcceptable([contentType]);
          if (streams.open >= options.streamsMax) {
            const why = `There are ${streams.open} streams of events, as many as this node serves; close one of them`;
            return textAnswer(503, why, { 'retry-after': '10' });
          }
          const types = toldTypes(request.query.getAll('type'));
          return {
            status: 200,
            headers: { 'content-type': contentType },
            stream: (sink) => {
              streams.open++;
              const feed = new EventFeed(options, types, sink);
              return () => {
                streams.open--;
                feed.stop();
              };
            },
          };
        },
      },
    },
  ];
}

function accepts({ headers: { accept = '*/*' } }: ManagementRequest): boolean {
  return accept.split(',').some((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const refused = parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
    return !refused && [contentType, 'text/*', '*/*'].includes(type);
  });
}

class EventFeed {
  readonly #timers: Timers;
  readonly #sink: TextSink;
  readonly #subscription: Cancellable | undefined;
  /** What a new client is told first may be more than what may wait. */
  readonly #waitingMax: number;
  #heartbeat: Cancellable | undefined;
  #overflow: Cancellable | undefined;
  #isEnded = false;

  constructor(
    { cluster, timers }: EventRouteOptions,
    types: readonly ToldEvent['type'][],
    sink: TextSink,
  ) {
    this.#timers = timers;
    this.#sink = sink;
    this.#waitForHeartbeat();
    const tell = (event: { readonly type: string }): void => {
      if (isTold(event)) this.#write(eventText(event));
    };
    this.#subscription =
      types.length === 0 ? undefined : cluster.subscribe(types, tell, { initial: 'events' });
    this.#waitingMax = eventsWaitingMax + sink.waiting;
  }

  stop(): void {
    this.#isEnded = true;
    this.#subscription?.cancel();
    this.#heartbeat?.cancel();
    this.#overflow?.cancel();
  }

  #write(text: string): void {
    if (this.#isEnded) return;
    this.#sink.write(text);
    this.#waitForHeartbeat();
    if (this.#sink.waiting <= this.#waitingMax || this.#overflow !== undefined) return;
    this.#overflow = this.#timers.after(overflowMs, () => {
      this.#overflow = undefined;
      if (this.#sink.waiting <= this.#waitingMax) return;
      this.stop();
      this.#sink.end();
    });
  }

  #waitForHeartbeat(): void {
    this.#heartbeat?.cancel();
    this.#heartbeat = this.#timers.after(heartbeatMs, () => {
      // Who has not taken what was said before needs no proof of life.
      if (this.#sink.waiting === 0) this.#sink.write(heartbeatText);
      if (!this.#isEnded) this.#waitForHeartbeat();
    });
  }
}
