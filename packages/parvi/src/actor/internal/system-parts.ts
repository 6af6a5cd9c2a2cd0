// The parts of an actor system that do not know the system itself, put together once from options and ports.

import { HealthRegistry, type Logger, MetricsRegistry, silentLogger } from '../../observe/index.ts';
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
}

/** @throws ActorError `ACTOR_SYSTEM_NAME_INVALID` */
export function systemParts(options: ActorSystemOptions, ports: PartsPorts): SystemParts {
  const settings = actorSettings(options);
  const runtime = ports.runtime ?? systemRuntime();
  const { clock, timers, turns } = runtime;
  const log = (ports.log ?? silentLogger).child({ system: options.name });
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
  return { runtime, log, metrics, health, eventStream, dispatcher, deadLetters, asks };
}
