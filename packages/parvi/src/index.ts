// The package's front door: what an application needs day to day. Special needs have their own doors (`parvi/cluster`, …).

import { ActorError, ActorSystem as ActorSystemClass } from './actor/index.ts';
import { startSystem } from './start.ts';

/** An actor system, alone or as a node of a cluster. */
export type ActorSystem = ActorSystemClass;

/** What comes of `new ActorSystem(…)` in a program without types. */
function noSystemByNew(): never {
  throw new ActorError(
    'ACTOR_ARGUMENT_INVALID',
    'Cannot make an actor system by calling or constructing it: use "await ActorSystem.start({ name })"',
  );
}

/** `start` puts a whole node together; `create` makes a system of this process alone. */
export const ActorSystem: {
  readonly start: typeof startSystem;
  readonly create: typeof ActorSystemClass.create;
} = Object.assign(noSystemByNew, { start: startSystem, create: ActorSystemClass.create });

export {
  type ActorContext,
  type ActorDefinition,
  ActorError,
  type ActorOptions,
  ActorRef,
  type ActorSystemPorts,
  AskTimeoutError,
  actor,
  type Behavior,
  become,
  type DeadLetter,
  deadLetterEvent,
  eventType,
  group,
  type Handlers,
  pool,
  type Receiver,
  type ShutdownPhase,
  type Supervision,
  shutdownPhases,
  shutdownReasons,
  stop,
  type Termination,
} from './actor/index.ts';
export type { BootstrapOptions } from './bootstrap/index.ts';
export { bootstrapOptionsOf } from './bootstrap-section.ts';
export {
  Cluster,
  type ClusterOptions,
  clusterOf,
  type Member,
  memberEvents,
  reachabilityEvents,
} from './cluster/index.ts';
export type { DiscoveryOptions } from './discovery/index.ts';
export type { KubernetesOptions } from './kubernetes/index.ts';
export type { ManagementOptions } from './management/index.ts';
export { managementOptionsOf } from './management-section.ts';
export {
  clusterOptionsOf,
  kubernetesOptionsOf,
  type NodeConfig,
  nodeSchema,
  remotingOptionsOf,
  startOptionsOf,
} from './node-options.ts';
export { silentLogger, type TelemetryOptions } from './observe/index.ts';
export type { RemotingOptions } from './remote/index.ts';
export {
  type Cancellable,
  type Clock,
  type Duration,
  durationMs,
  durationText,
  errorLine,
  isOptionError,
  isoTime,
  newUuid,
  ParviError,
  type ProcessPort,
  type Random,
  type Runtime,
  seededRandom,
  systemProcess,
  systemRuntime,
  type Timers,
  toError,
} from './runtime/index.ts';
export type { StartOptions } from './start-options.ts';
export { telemetryOptionsOf } from './telemetry-section.ts';
