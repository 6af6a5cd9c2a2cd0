// Layer 2: actors of one process, and the seam at which remoting and cluster hang on.

export {
  type ActorDefinition,
  actor,
  type Become,
  type Behavior,
  become,
  type Handler,
  type HandlerResult,
  type Handlers,
  type Receiver,
  type Setup,
  type Signals,
  type Stop,
  stop,
  type TypedMessage,
} from './actor.ts';
export type { ActorState, ActorTree, ActorTreeOptions, ActorView } from './actor-tree.ts';
export { callSafely } from './callbacks.ts';
export type { ActorContext, ActorTimers, WatchOptions } from './context.ts';
export {
  CoordinatedShutdown,
  type CoordinatedShutdownOptions,
  type PhaseReport,
  type ShutdownPhaseOptions,
  type ShutdownReport,
  type ShutdownTask,
} from './coordinated-shutdown.ts';
export {
  type DeadLetter,
  type DeadLetterReason,
  type DeadLetters,
  deadLetterEvent,
  deadLetterReasons,
  messageName,
  type UndeliveredMessage,
} from './dead-letters.ts';
export { ActorError, type ActorErrorCode, AskTimeoutError, actorErrorCodes } from './errors.ts';
export { EventStream, EventType, eventType, type Subscription } from './event-stream.ts';
export { ExtensionKey, extensionKey } from './extension.ts';
export { mailboxOwner } from './internal/adapters.ts';
// For layers above: what remoting and cluster need beyond the public API.
export type { Dispatcher } from './internal/dispatcher.ts';
export { LocalRef } from './internal/local-ref.ts';
export type { RefProvider } from './internal/resolver.ts';
export {
  type Deliver,
  hasWildcards,
  selectionElementsMax,
  selectionText,
  selectionTooLarge,
} from './internal/selection-walk.ts';
export { DeadLetterRef } from './internal/stand-in-ref.ts';
export { checkNodeVersion } from './node-version.ts';
export {
  type ActorOptions,
  type ActorSystemOptions,
  actorSettings,
  type DeadLetterOptions,
  type MailboxOptions,
  type MailboxOverflow,
} from './options.ts';
export {
  identify,
  kill,
  poisonPill,
  readActorIdentity,
  readIdentify,
  SelectedMessage,
} from './protocol.ts';
export {
  ActorRef,
  type AskDoor,
  type AskOptions,
  type Replies,
  type ReplyOf,
  refKey,
  type SystemMessage,
  sameRef,
  sendSystem,
  type Termination,
  undeliverable,
} from './ref.ts';
export { type GroupOptions, group, type PoolOptions, pool, type RouterOptions } from './router.ts';
export {
  type ConsistentHashing,
  createRouting,
  type Routing,
  type RoutingStrategy,
} from './routing.ts';
export { ActorSelection } from './selection.ts';
export {
  type ShutdownPhase,
  type ShutdownReason,
  shutdownPhases,
  shutdownReasons,
} from './shutdown-phases.ts';
export type { RestartRule, Supervision, SupervisionRule } from './supervision.ts';
export { ActorSystem, type ActorSystemCreateOptions, type ActorSystemPorts } from './system.ts';
