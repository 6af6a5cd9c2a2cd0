// Tells Kubernetes to remove young pods first. Of pods that are alike it removes any; each time it hits the oldest member,
// everything that lives there (leader of the jobs, singletons) has to move. The cost of a pod is an annotation that it
// may set on itself (Pekko Management, rolling-update-kubernetes, `PodDeletionCostAnnotator`).

import type { ActorSystem } from '../actor/index.ts';
import {
  type Cluster,
  clusterOf,
  compareAge,
  type Member,
  type MemberStatus,
  memberEvents,
} from '../cluster/index.ts';
import { errorLine } from '../runtime/index.ts';
import type { ApiServer } from './api-server.ts';
import { KubernetesError } from './errors.ts';
import { podPath } from './own-pod.ts';

export const podDeletionCostAnnotation = 'controller.kubernetes.io/pod-deletion-cost';
export const podDeletionCostMembersDefault = 3;
const costOfOldest = 10_000;
const costStep = 100;
const retryMs = 5000;

export interface PodDeletionCostOptions {
  readonly namespace: string;
  readonly podName: string;
  /** How many of the oldest members have a cost. Default 3. */
  readonly members?: number;
}

/** Of members that have an age, and a pod that may still be removed. */
const agedStatuses: ReadonlySet<MemberStatus> = new Set([
  'Up',
  'Leaving',
  'PreparingForShutdown',
  'ReadyForShutdown',
]);

/**
 * The cost of the own pod: 10000 for the oldest member, 100 less for each younger one, 0 for all but the oldest few;
 * `undefined` before this node is Up.
 */
export function deletionCost(
  members: readonly Member[],
  selfKey: string,
  membersMax: number,
): number | undefined {
  const aged = members.filter(({ status }) => agedStatuses.has(status)).sort(compareAge);
  const rank = aged.findIndex(({ node }) => node.key === selfKey);
  if (rank < 0) return undefined;
  return rank < membersMax ? Math.max(costOfOldest - rank * costStep, 0) : 0;
}

export interface PodDeletionCost {
  /** The cost that the API server has taken. */
  readonly told: number | undefined;
  close(): void;
}

/**
 * Keeps the annotation `controller.kubernetes.io/pod-deletion-cost` of the own pod at what its age says. Needs the verb
 * `patch` for pods. A refusal (4xx) is logged and ends it, as nothing changes by asking again; other failures, and
 * refusals that pass (401, 408, 409, 429), are tried again every 5 s. Ends with the system.
 *
 * @throws ClusterError `CLUSTER_NOT_STARTED`
 */
export function startPodDeletionCost(
  system: ActorSystem,
  options: PodDeletionCostOptions,
  api: ApiServer,
): PodDeletionCost {
  const annotator = new Annotator(system, clusterOf(system), options, api);
  void system.whenTerminated.then(() => annotator.close());
  return annotator;
}

class Annotator implements PodDeletionCost {
  readonly #system: ActorSystem;
  readonly #cluster: Cluster;
  readonly #options: PodDeletionCostOptions;
  readonly #api: ApiServer;
  readonly #subscription: { cancel(): void };
  #told: number | undefined;
  #isBusy = false;
  #isClosed = false;
  #retry: { cancel(): void } | undefined;

  constructor(
    system: ActorSystem,
    cluster: Cluster,
    options: PodDeletionCostOptions,
    api: ApiServer,
  ) {
    this.#system = system;
    this.#cluster = cluster;
    this.#options = options;
    this.#api = api;
    this.#subscription = cluster.subscribe([...memberEvents], () => this.#look());
    this.#look();
  }

  get told(): number | undefined {
    return this.#told;
  }

  close(): void {
    this.#isClosed = true;
    this.#subscription.cancel();
    this.#retry?.cancel();
  }

  #wanted(): number | undefined {
    const { state, self } = this.#cluster;
    const { members = podDeletionCostMembersDefault } = this.#options;
    return deletionCost(state.members, self.key, members);
  }

  #look(): void {
    const cost = this.#wanted();
    if (this.#isClosed || this.#isBusy || cost === undefined || cost === this.#told) return;
    this.#retry?.cancel();
    this.#isBusy = true;
    void this.#tell(cost).then((again) => {
      this.#isBusy = false;
      if (again === 'never') this.close();
      else if (again === 'later') this.#lookLater();
      else this.#look();
    });
  }

  #lookLater(): void {
    if (this.#isClosed) return;
    this.#retry = this.#system.runtime.timers.after(retryMs, () => this.#look());
  }

  async #tell(cost: number): Promise<'now' | 'later' | 'never'> {
    const { namespace, podName } = this.#options;
    const body = { metadata: { annotations: { [podDeletionCostAnnotation]: String(cost) } } };
    try {
      await this.#api.request('PATCH', podPath(namespace, podName), body, {
        contentType: 'application/merge-patch+json',
      });
      this.#told = cost;
      return 'now';
    } catch (error) {
      const isFinal = isRefusal(error);
      const next = isFinal ? 'it is not tried again' : `it is tried again in ${retryMs / 1000} s`;
      this.#system.log.warn(
        { podName, cost, reason: errorLine(error) },
        `The cost of deleting this pod could not be told to Kubernetes; ${next}`,
      );
      return isFinal ? 'never' : 'later';
    }
  }
}

/** A token about to rotate, requests that were late, crossed another or were too many. */
const passing: ReadonlySet<number> = new Set([401, 408, 409, 429]);

function isRefusal(error: unknown): boolean {
  const status = error instanceof KubernetesError ? Number(error.fields.status) : Number.NaN;
  return status >= 400 && status < 500 && !passing.has(status);
}
