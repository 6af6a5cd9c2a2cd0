// Discovery by the Kubernetes API: the pods of a namespace that a label selector finds.

import type { ApiServer } from '../kubernetes/index.ts';
import { type Logger, LogLimiter } from '../observe/index.ts';
import { type Clock, errorLine } from '../runtime/index.ts';
import type { ServiceDiscovery, ServiceQuery } from './discovery.ts';
import { DiscoveryError } from './errors.ts';
import { type Pod, podListSchema, podTargets, portNamesOf } from './pods.ts';
import type { ResolvedTarget } from './target.ts';

export interface KubernetesDiscoveryOptions {
  /** `%s` stands for the name of the service. Default `app=%s`. */
  readonly podLabelSelector?: string | undefined;
  /** Default `cluster.local`. */
  readonly podDomain?: string | undefined;
  /** The pod's address as host, instead of `10-0-0-5.<namespace>.pod.<podDomain>`. Default false, as in Pekko. */
  readonly useRawIp?: boolean | undefined;
  /** A container that must have started. Default none. */
  readonly containerName?: string | undefined;
}

export interface KubernetesDiscoveryPorts {
  readonly api: ApiServer;
  /** Of the pods; asked once. */
  readonly namespace: () => Promise<string>;
  readonly log: Logger;
  readonly clock: Clock;
}

export function kubernetesDiscovery(
  options: KubernetesDiscoveryOptions,
  ports: KubernetesDiscoveryPorts,
): ServiceDiscovery {
  const pods = new PodLookups(options, ports);
  return { name: 'kubernetes-api', lookup: (query, limitMs) => pods.lookup(query, limitMs) };
}

class PodLookups {
  readonly #options: KubernetesDiscoveryOptions;
  readonly #ports: KubernetesDiscoveryPorts;
  readonly #advice: LogLimiter;
  #namespace: string | undefined;

  constructor(options: KubernetesDiscoveryOptions, ports: KubernetesDiscoveryPorts) {
    this.#options = options;
    this.#ports = ports;
    const { log, clock } = ports;
    this.#advice = new LogLimiter({ log, clock, intervalMs: 60_000 });
  }

  async lookup(query: ServiceQuery, limitMs: number): Promise<readonly ResolvedTarget[]> {
    this.#namespace ??= await this.#ports.namespace();
    const namespace = this.#namespace;
    const selector = (this.#options.podLabelSelector ?? 'app=%s').replaceAll(
      '%s',
      query.serviceName,
    );
    const pods = await this.#pods(namespace, selector, limitMs);
    const targets = podTargets(pods, {
      portName: query.portName,
      namespace,
      podDomain: this.#options.podDomain ?? 'cluster.local',
      useRawIp: this.#options.useRawIp ?? false,
      containerName: this.#options.containerName,
    });
    if (targets.length === 0) this.#advise(pods, { namespace, selector, portName: query.portName });
    return targets;
  }

  async #pods(namespace: string, selector: string, limitMs: number): Promise<readonly Pod[]> {
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods?labelSelector=${encodeURIComponent(selector)}`;
    const fields = { namespace, selector };
    const answer = await this.#ports.api
      .request('GET', path, undefined, { limitMs })
      .catch((cause: unknown) => {
        throw new DiscoveryError(
          'DISCOVERY_KUBERNETES_FAILED',
          `Cannot list the pods with label "${selector}" in namespace "${namespace}": ${errorLine(cause)}`,
          { fields, cause },
        );
      });
    const list = podListSchema.safeParse(answer.body);
    if (list.success) return list.data.items ?? [];
    throw new DiscoveryError(
      'DISCOVERY_KUBERNETES_ANSWER_INVALID',
      `Cannot list the pods with label "${selector}" in namespace "${namespace}": the answer is no list of pods (${list.error.issues[0]?.path.join('.') ?? ''}: ${list.error.issues[0]?.message ?? ''})`,
      { fields, cause: list.error },
    );
  }

  /** Once a minute, as lookups are many. */
  #advise(pods: readonly Pod[], asked: Asked): void {
    const { problem, advice } = adviceFor(pods, asked);
    this.#advice.write(problem, 'warn', { ...asked }, advice);
  }
}

interface Asked {
  readonly namespace: string;
  readonly selector: string;
  readonly portName: string | undefined;
}

/** Why pods that there are, or are not, have led to no target. */
function adviceFor(
  pods: readonly Pod[],
  { namespace, selector, portName = '' }: Asked,
): { readonly problem: string; readonly advice: string } {
  const where = `label "${selector}" in namespace "${namespace}"`;
  if (pods.length === 0) {
    return {
      problem: 'no pods',
      advice: `There are no pods with ${where}; compare it with the labels of the pods`,
    };
  }
  const ports = portNamesOf(pods);
  if (portName !== '' && !ports.includes(portName)) {
    const known = ports.length === 0 ? 'they name no port' : `their ports are ${ports.join(', ')}`;
    return {
      problem: 'no port',
      advice: `None of the ${pods.length} pods with ${where} has a container port named "${portName}": ${known}`,
    };
  }
  return {
    problem: 'no running pod',
    advice: `None of the ${pods.length} pods with ${where} runs, has an address and is not being deleted`,
  };
}
