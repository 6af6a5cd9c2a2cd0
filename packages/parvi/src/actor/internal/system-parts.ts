// The parts of an actor system that do not know the system itself, put together once from options and ports.

import {
  contextLogger,
  HealthRegistry,
  type Logger,
  MetricsRegistry,
  silentLogger,
  type Tracing,
} from '../../observe/index.ts';
import { type Runtime, systemRuntime } from '../../runtime/index.ts';
import { Asks } from '../ask.ts';
import { DeadLetters } from '../dead-letters.ts';
import { EventStream } from '../event-stream.ts';
import { type ActorSystemOptions, actorSettings } from '../options.ts';
import { Dispatcher } from './dispatcher.ts';

export interface PartsPorts {
  readonly runtime?: Runtime;
  readonly log?: Logger;
  readonly metrics?: MetricsRegistry;
  readonly health?: HealthRegistry;
  /** Traces what is told within recorded traces, here and to other nodes. */
  readonly tracing?: Tracing;
}

export interface SystemParts {
  readonly runtime: Runtime;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  readonly health: HealthRegistry;
  readonly eventStream: EventStream;
  readonly dispatcher: Dispatcher;
  readonly deadLetters: DeadLetters;
  readonly asks: Asks;
  readonly identity: LogIdentity;
}

/** What log lines say of the system besides its name. */
export interface LogIdentity {
  /** Its address, once it has one. */
  member: string | undefined;
}

/** @throws ActorError `ACTOR_SYSTEM_NAME_INVALID` */
export function systemParts(options: ActorSystemOptions, ports: PartsPorts): SystemParts {
  const settings = actorSettings(options);
  const runtime = ports.runtime ?? systemRuntime();
  const { clock, timers, turns } = runtime;
  const identity: LogIdentity = { member: undefined };
  const log = tracedLog(
    (ports.log ?? silentLogger).child({ system: options.name }),
    ports.tracing,
    identity,
  );
  const eventStream = new EventStream((error, event) =>
    log.error({ error, event }, 'Subscriber of the event stream failed'),
  );
  const dispatcher = new Dispatcher(clock, turns, (error) =>
    log.error({ error }, 'Work at the end of a turn failed'),
  );
  const deadLetters = new DeadLetters({
    eventStream,
    log,
    timers,
    logMax: settings.deadLetterLogMax,
    logWindowMs: settings.deadLetterLogWindowMs,
  });
  const asks = new Asks({
    runtime,
    dispatcher,
    deadLetters,
    timeoutMs: settings.askTimeoutMs,
    tempPrefix: `pekko://${options.name}/temp/`,
  });
  const metrics = ports.metrics ?? new MetricsRegistry();
  const health = ports.health ?? new HealthRegistry({ clock, timers });
  return { runtime, log, metrics, health, eventStream, dispatcher, deadLetters, asks, identity };
}

/** Where traces are recorded, lines name the member, and the trace that they are written in. */
function tracedLog(log: Logger, tracing: Tracing | undefined, identity: LogIdentity): Logger {
  if (tracing === undefined) return log;
  return contextLogger(log, () => {
    const member = identity.member === undefined ? {} : { member: identity.member };
    const { current } = tracing;
    if (current === undefined) return member;
    return { ...member, traceId: current.traceId, spanId: current.spanId };
  });
}
