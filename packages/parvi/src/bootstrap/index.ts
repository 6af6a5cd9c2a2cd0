// Layer 6: how nodes that know nobody find or form a cluster.

export {
  type Bootstrap,
  type BootstrapPorts,
  type BootstrapStart,
  bootstrapKey,
  joinsBySeedNodes,
  startBootstrap,
} from './bootstrap.ts';
export { checkBootstrapFiles } from './check-files.ts';
export { type ContactPoint, contactPointOfUrl, matchesSelf } from './contact-point.ts';
// For layers above and for tests: the pure core.
export { step } from './coordinator.ts';
export { BootstrapError, type BootstrapErrorCode, bootstrapErrorCodes } from './errors.ts';
export { type BootstrapSummary, explanation, summaryOf } from './explanation.ts';
export {
  type JoinDecider,
  type JoinDecision,
  type JoinRules,
  type JoinSituation,
  lowestAddressDecider,
  type Observation,
  type WaitsFor,
} from './join-decider.ts';
export {
  type BootstrapOptions,
  type BootstrapTlsOptions,
  bootstrapOptionRules,
  bootstrapSettings,
  bootstrapTlsOptionRules,
} from './options.ts';
export type { ProbeClient } from './probe-client.ts';
export type {
  BootstrapEffect,
  BootstrapEvent,
  BootstrapMoment,
  BootstrapSelf,
  BootstrapSettings,
} from './protocol.ts';
export { type BootstrapState, newBootstrap } from './state.ts';
