// Layer 0: the only door to time, chance, turns, process and console, and the few words everybody uses.

export { AssertionFailedError, assert, unreachable } from './assert.ts';
export { BoundedQueue } from './bounded-queue.ts';
export { certificatesIn } from './certificates.ts';
export { type Clock, isoTime, systemClock } from './clock.ts';
export { type Duration, type DurationUnit, durationMs, durationText } from './duration.ts';
export {
  type ErrorFields,
  errorLine,
  isOptionError,
  ParviError,
  type ParviErrorOptions,
  toError,
} from './errors.ts';
export { bareHost, urlHost } from './host.ts';
export { base64Counter, newActorUid, newSystemUid, newUuid } from './ids.ts';
export { type LineOutput, openLineOutput } from './line-output.ts';
export { type LoopDelay, monitorLoopDelay } from './loop-delay.ts';
export {
  anyText,
  durationFrom,
  flag,
  listOfTexts,
  nonEmptyText,
  numberFrom,
  type OptionRule,
  type OptionRules,
  optionWithValue,
  orOff,
  positiveNumber,
  section,
  type WrongOption,
  wholeNumber,
  wrongOption,
} from './option-rules.ts';
export {
  hostName,
  nodeVersion,
  type ProcessPort,
  type StopSignal,
  systemProcess,
} from './process.ts';
export { type ProcessUsage, systemUsage } from './process-usage.ts';
export {
  fastRandom,
  type Random,
  randomFloat,
  randomInt,
  randomInt64,
  randomPick,
  randomShuffle,
  seededRandom,
  systemRandom,
} from './random.ts';
export { type Runtime, systemRuntime } from './runtime.ts';
export { type Cancellable, systemTimers, type Timers } from './timers.ts';
export { systemTurns, type Turns } from './turns.ts';
export { isServiceLink, variableText } from './variables.ts';
export { parviVersion } from './version.ts';
