// Layer 4: what a node asks of Kubernetes, over a client of its API server.

export {
  type ApiAnswer,
  type ApiRequestOptions,
  type ApiServer,
  type KubernetesPorts,
  kubernetesApi,
} from './api-server.ts';
export {
  type Environment,
  type PodEnvironment,
  podEnvironment,
  podVariables,
} from './environment.ts';
export {
  hasCode,
  KubernetesError,
  type KubernetesErrorCode,
  kubernetesErrorCodes,
} from './errors.ts';
export type { HttpAnswer, HttpDoor, HttpRequest, ReadFile } from './http-door.ts';
export {
  type KubernetesLease,
  type KubernetesLeaseOptions,
  type KubernetesLeasePorts,
  kubernetesLease,
} from './lease.ts';
export { leaseResourceName } from './lease-resource.ts';
export { ownNamespace } from './namespace.ts';
export { KubernetesNode, type KubernetesNodePorts } from './node-part.ts';
export type { KubernetesOptions, LeaseOptions } from './options.ts';
export { ownPodName } from './own-pod.ts';
export {
  type PodDeletionCost,
  type PodDeletionCostOptions,
  podDeletionCostAnnotation,
  startPodDeletionCost,
} from './pod-deletion-cost.ts';
