// What a node takes from Kubernetes as its options say: the lease and the version before its cluster part starts, the
// cost of deleting its pod afterwards.

import type { ActorSystem } from '../actor/index.ts';
import type { ClusterOptions } from '../cluster/index.ts';
import { type Address, addressText } from '../wire/index.ts';
import { type ApiServer, type KubernetesPorts, kubernetesApi } from './api-server.ts';
import { appVersionFromRevision } from './app-version.ts';
import type { Environment } from './environment.ts';
import { type KubernetesLease, kubernetesLease } from './lease.ts';
import { ownNamespace } from './namespace.ts';
import type { KubernetesOptions } from './options.ts';
import { ownPodName } from './own-pod.ts';
import { startPodDeletionCost } from './pod-deletion-cost.ts';

export interface KubernetesNodePorts extends Pick<KubernetesPorts, 'http' | 'readFile'> {
  readonly environment: Environment;
}

/** A node and its Kubernetes. */
export class KubernetesNode {
  readonly #system: ActorSystem;
  readonly #options: KubernetesOptions;
  readonly #ports: KubernetesNodePorts;
  readonly #api: ApiServer;
  #lease: KubernetesLease | undefined;

  /** @throws KubernetesError `KUBERNETES_OPTION_INVALID`, `KUBERNETES_NOT_IN_CLUSTER` */
  constructor(system: ActorSystem, options: KubernetesOptions, ports: KubernetesNodePorts) {
    this.#system = system;
    this.#options = options;
    this.#ports = ports;
    this.#api = kubernetesApi(options, { ...ports, runtime: system.runtime });
    // The lease outlives its holder, so that the losers of a partition do not get it right after.
    void system.whenTerminated.then(() => this.#lease?.close());
  }

  /**
   * The options of the cluster with what Kubernetes adds to them. The owner of the lease is the own address as Pekko
   * writes it, `system@host:port`.
   *
   * @throws KubernetesError of any code, as a rejection
   */
  async clusterOptions(cluster: ClusterOptions, self: Address): Promise<ClusterOptions> {
    const namespace = await ownNamespace(this.#options, this.#ports);
    const versioned = this.#options.appVersionFromRevision
      ? { ...cluster, appVersion: await this.#revision(namespace) }
      : cluster;
    const { splitBrain } = versioned;
    if (typeof splitBrain !== 'object' || splitBrain.strategy !== 'lease-majority')
      return versioned;
    if (splitBrain.lease !== undefined) return versioned;
    const lease = kubernetesLease(
      {
        name: `${self.system}-pekko-sbr`,
        owner: addressText(self).replace(/^[^:]*:\/\//, ''),
        namespace,
        ...this.#options.lease,
      },
      { api: this.#api, runtime: this.#system.runtime, log: this.#system.log },
    );
    this.#lease = lease;
    return { ...versioned, splitBrain: { ...splitBrain, lease } };
  }

  /**
   * What goes on beside the cluster part, which must have been started.
   *
   * @throws KubernetesError `KUBERNETES_POD_UNKNOWN`, as a rejection
   */
  async attend(): Promise<void> {
    if (this.#options.podDeletionCost !== true) return;
    const { podDeletionCostMembers: members } = this.#options;
    const podName = ownPodName(this.#options, this.#ports.environment);
    const namespace = await ownNamespace(this.#options, this.#ports);
    const own = { namespace, podName, ...(members === undefined ? {} : { members }) };
    startPodDeletionCost(this.#system, own, this.#api);
  }

  #revision(namespace: string): Promise<string> {
    const podName = ownPodName(this.#options, this.#ports.environment);
    return appVersionFromRevision(this.#api, { namespace, podName }, this.#system.runtime.timers);
  }
}
