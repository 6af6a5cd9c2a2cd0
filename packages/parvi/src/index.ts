// The package's front door: what an application needs day to day. Special needs have their own doors (`parvi/cluster`, …).

export {
  type Cancellable,
  type Clock,
  type Duration,
  durationMs,
  durationText,
  errorLine,
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
