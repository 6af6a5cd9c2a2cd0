// The phases of coordinated shutdown and the reasons for one. Phases, order and limits are Pekko's
// (`reference.conf`, `coordinated-shutdown.phases`).

export interface ShutdownPhaseDefinition {
  readonly name: string;
  readonly timeoutMs: number;
}

/** In the order in which they run. */
export const shutdownPhases = [
  { name: 'before-service-unbind', timeoutMs: 5000 },
  { name: 'service-unbind', timeoutMs: 5000 },
  { name: 'service-requests-done', timeoutMs: 5000 },
  { name: 'service-stop', timeoutMs: 5000 },
  { name: 'before-cluster-shutdown', timeoutMs: 5000 },
  { name: 'cluster-sharding-shutdown-region', timeoutMs: 10_000 },
  { name: 'cluster-leave', timeoutMs: 5000 },
  { name: 'cluster-exiting', timeoutMs: 10_000 },
  { name: 'cluster-exiting-done', timeoutMs: 5000 },
  { name: 'cluster-shutdown', timeoutMs: 5000 },
  { name: 'before-actor-system-terminate', timeoutMs: 5000 },
  { name: 'actor-system-terminate', timeoutMs: 10_000 },
] as const satisfies readonly ShutdownPhaseDefinition[];

export type ShutdownPhase = (typeof shutdownPhases)[number]['name'];

/** Why a system shuts down; `exitCode` is what its process ends with. */
export interface ShutdownReason {
  readonly name: string;
  readonly exitCode: number;
}

/** Pekko's reasons; those with exit code 255 (Pekko writes -1) tell whoever runs the process to start it anew. */
export const shutdownReasons = {
  unknown: { name: 'unknown', exitCode: 0 },
  actorSystemTerminate: { name: 'actorSystemTerminate', exitCode: 0 },
  processSignal: { name: 'processSignal', exitCode: 0 },
  guardianFailed: { name: 'guardianFailed', exitCode: 1 },
  clusterDowning: { name: 'clusterDowning', exitCode: 255 },
  clusterJoinUnsuccessful: { name: 'clusterJoinUnsuccessful', exitCode: 255 },
  incompatibleConfigurationDetected: { name: 'incompatibleConfigurationDetected', exitCode: 1 },
  clusterLeaving: { name: 'clusterLeaving', exitCode: 0 },
} as const satisfies Record<string, ShutdownReason>;
