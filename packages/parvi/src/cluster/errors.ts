// The errors of this layer, by code.

import { ParviError, type ParviErrorOptions } from '../runtime/index.ts';

export const clusterErrors = {
  CLUSTER_OPTION_INVALID: 'An option of the cluster has a value that cannot work',
  CLUSTER_SPLIT_BRAIN_CONTRADICTION:
    'The split-brain resolver found no consistent picture and downs all members',
  CLUSTER_SUBSCRIPTION_EMPTY: 'A subscription names no event',
  CLUSTER_SUBSCRIPTION_INVALID: 'A subscription was given something else than a list of events',
  CLUSTER_ENDED: 'The cluster part of a node has ended before it became Up',
  CLUSTER_NOT_STARTED: 'The actor system has no cluster',
} as const;

export type ClusterErrorCode = keyof typeof clusterErrors;

export class ClusterError extends ParviError {
  declare readonly code: ClusterErrorCode;

  constructor(code: ClusterErrorCode, message: string, options?: ParviErrorOptions) {
    super(code, message, options);
  }
}
