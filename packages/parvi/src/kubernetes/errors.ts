// Errors of this layer. Codes are stable; the catalogue is compared with the error reference.

import { ParviError, type ParviErrorOptions } from '../runtime/index.ts';

export class KubernetesError extends ParviError {
  constructor(code: KubernetesErrorCode, message: string, options: ParviErrorOptions = {}) {
    super(code, message, options);
  }
}

/** Every code this layer raises or logs, with what to do about it. */
export const kubernetesErrorCodes = {
  KUBERNETES_NOT_IN_CLUSTER:
    'Nothing says where the API server is: run in a pod, or set kubernetes.apiServer',
  KUBERNETES_FILE_UNREADABLE:
    'A file of the service account cannot be read: mount its token, or set the path',
  KUBERNETES_POD_UNKNOWN: 'The name of the own pod is not known: hand it in as POD_NAME',
  KUBERNETES_OPTION_INVALID: 'An option has no usable value; the message names it',
  KUBERNETES_UNREACHABLE:
    'The API server gave no answer in time: check network policies, its address and certificate',
  KUBERNETES_UNAUTHORIZED:
    'The API server does not take the token, also after reading it anew: check the service account',
  KUBERNETES_FORBIDDEN: 'The service account lacks a right: add the rule that the message names',
  KUBERNETES_NOT_FOUND: 'The API server has no such thing: check namespace and name',
  KUBERNETES_CONFLICT: 'Somebody else changed or made the same thing first: read it again',
  KUBERNETES_REFUSED: 'The API server refused a request; the message quotes why',
  KUBERNETES_ANSWER_INVALID: 'An answer is not what an API server gives: see who answers there',
  KUBERNETES_LEASE_UNCERTAIN:
    'A lease could not be acquired or renewed in time, so whose it is is not known; see the cause',
  KUBERNETES_REVISION_UNKNOWN:
    'The revision of the deployment cannot be told: run in a Deployment, or set cluster.appVersion',
} as const satisfies Record<string, string>;

export type KubernetesErrorCode = keyof typeof kubernetesErrorCodes;

/** Whether it is an error of this layer with that code. */
export function hasCode(error: unknown, code: KubernetesErrorCode): boolean {
  return error instanceof KubernetesError && error.code === code;
}
