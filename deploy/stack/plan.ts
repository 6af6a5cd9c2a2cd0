// What is done to a Kubernetes cluster to set the grid up with gateway and monitoring, and to take it down again, as a list
// of commands. Nothing is run here, so that the same list can be shown, tested and carried out.

import { join } from 'node:path';
import { chartFolder, type Topology } from '../chart/chart.ts';

const gatewayFolder = join(import.meta.dirname, '..', 'gateway');

export const gateways = ['auto', 'gateway-api', 'emissary', 'none'] as const;
export const monitorings = ['auto', 'operator', 'annotations', 'none'] as const;

export interface StackOptions {
  readonly namespace: string;
  readonly release: string;
  readonly topology: Topology;
  /** Files of values for the chart; the last wins. */
  readonly values: readonly string[];
  /** `NAME:TAG`; the chart's own when absent. */
  readonly image: string | undefined;
  /** Words of a command that takes the image's name and puts it where the cluster finds it. */
  readonly load: readonly string[] | undefined;
  readonly gateway: (typeof gateways)[number];
  readonly monitoring: (typeof monitorings)[number];
  /** Label by which Prometheus' operator finds its objects, such as `release=prometheus`. */
  readonly monitoringLabel: string | undefined;
}

/** What was seen of the cluster. */
export interface ClusterFacts {
  /** Name of the context in the kubeconfig. */
  readonly context: string;
  /** Groups of its API, such as `monitoring.coreos.com`; undefined when it could not be asked. */
  readonly groups: readonly string[] | undefined;
}

export interface Step {
  readonly what: string;
  readonly program: string;
  readonly words: readonly string[];
  readonly input?: string;
}

export interface Plan {
  readonly steps: readonly Step[];
  /** What will not work as it is, and what to do. */
  readonly notes: readonly string[];
}

/** Commands that bring an image to clusters that run on one machine. */
export const loaders: Readonly<Record<string, readonly string[]>> = {
  kind: ['kind', 'load', 'docker-image'],
  minikube: ['minikube', 'image', 'load'],
};

/** Marks the namespace as made by `up`, so that `down` deletes no other. */
export const stackLabel = 'parvi/stack';

/** What the cluster must know for a file to be taken; the first has policies of Envoy Gateway. */
const gatewayGroups = {
  'gateway-api': ['gateway.networking.k8s.io', 'gateway.envoyproxy.io'],
  emissary: ['getambassador.io'],
};
/** Where the proxies run that such a gateway starts. */
const gatewayNamespaces = { 'gateway-api': 'envoy-gateway-system', emissary: 'emissary' };
const gatewayFiles = { 'gateway-api': 'httproute.yaml', emissary: 'mapping.yaml' };

export function upPlan(options: StackOptions, facts: ClusterFacts): Plan {
  const gateway = chosenGateway(options, facts);
  const monitoring = chosenMonitoring(options, facts);
  const steps: Step[] = [];
  if (options.load !== undefined && options.image !== undefined) {
    const [program = '', ...words] = options.load;
    steps.push({ what: 'load the image', program, words: [...words, options.image] });
  }
  steps.push(
    {
      what: `make the namespace ${options.namespace}`,
      ...kubectl(facts, 'apply', '--server-side', '--filename', '-'),
      input: JSON.stringify(namespaceOf(options)),
    },
    {
      what: 'pack what the chart depends on',
      program: 'helm',
      words: ['dependency', 'build', chartFolder],
    },
    {
      what: `install the grid with topology ${options.topology}`,
      program: 'helm',
      words: installWords(options, facts, { gateway, monitoring }),
    },
  );
  if (gateway !== 'none') steps.push(gatewayStep('apply', gateway, options, facts));
  steps.push({
    what: 'have a trade priced through the service',
    ...helm(facts, options, 'test', options.release, '--logs'),
  });
  return { steps, notes: notesOf(options, facts, { gateway, monitoring }) };
}

/** `isOurs`: the namespace has been made by `up`. */
export function downPlan(options: StackOptions, facts: ClusterFacts, isOurs: boolean): Plan {
  const gateway = chosenGateway(options, facts);
  const steps: Step[] = [];
  if (gateway !== 'none') steps.push(gatewayStep('delete', gateway, options, facts));
  steps.push({
    what: 'remove the grid',
    ...helm(facts, options, 'uninstall', options.release, '--ignore-not-found', '--wait'),
  });
  if (!isOurs) {
    const note = `The namespace ${options.namespace} stays: "up" did not make it`;
    return { steps, notes: [note] };
  }
  steps.push({
    what: `delete the namespace ${options.namespace}`,
    ...kubectl(facts, 'delete', 'namespace', options.namespace, '--ignore-not-found'),
  });
  return { steps, notes: [] };
}

interface Chosen {
  readonly gateway: 'none' | keyof typeof gatewayFiles;
  readonly monitoring: Exclude<StackOptions['monitoring'], 'auto'>;
}

function installWords(
  options: StackOptions,
  facts: ClusterFacts,
  { gateway, monitoring }: Chosen,
): string[] {
  const { release, values, image, topology } = options;
  const given = values.flatMap((file) => ['--values', file]);
  const set = [`topology=${topology}`];
  if (image !== undefined) {
    const colon = image.lastIndexOf(':');
    set.push(`image.repository=${image.slice(0, colon)}`);
    given.push('--set-string', `image.tag=${image.slice(colon + 1)}`);
  }
  if (gateway !== 'none') {
    set.push(`networkPolicy.gatewayNamespaces={${gatewayNamespaces[gateway]}}`);
  }
  if (monitoring === 'operator') {
    for (const part of ['serviceMonitor', 'rules', 'dashboards']) {
      set.push(`monitoring.${part}.enabled=true`);
    }
    const label = options.monitoringLabel;
    for (const part of label === undefined ? [] : ['serviceMonitor', 'rules']) {
      given.push('--set-string', `monitoring.${part}.labels.${label}`);
    }
  }
  if (monitoring === 'annotations') set.push('monitoring.scrapeAnnotations=true');
  return [
    ...helm(facts, options, 'upgrade', '--install', release, chartFolder).words,
    ...given,
    ...set.flatMap((one) => ['--set', one]),
    '--wait',
    '--timeout',
    '5m',
  ];
}

/** Pods that could do harm are refused there. */
function namespaceOf({ namespace, release }: StackOptions) {
  const labels = { [stackLabel]: release, 'pod-security.kubernetes.io/enforce': 'restricted' };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } };
}

function gatewayStep(
  verb: 'apply' | 'delete',
  gateway: keyof typeof gatewayFiles,
  { namespace }: StackOptions,
  facts: ClusterFacts,
): Step {
  const file = join(gatewayFolder, gatewayFiles[gateway]);
  const how = verb === 'apply' ? ['--server-side'] : ['--ignore-not-found'];
  return {
    what: `${verb === 'apply' ? 'set up' : 'remove'} the gateway's route (${gateway})`,
    ...kubectl(facts, verb, '--namespace', namespace, ...how, '--filename', file),
  };
}

function chosenGateway(
  { gateway }: StackOptions,
  { groups = [] }: ClusterFacts,
): 'none' | keyof typeof gatewayGroups {
  if (gateway !== 'auto') return gateway;
  if (gatewayGroups['gateway-api'].every((group) => groups.includes(group))) return 'gateway-api';
  return gatewayGroups.emissary.every((group) => groups.includes(group)) ? 'emissary' : 'none';
}

function chosenMonitoring(
  { monitoring }: StackOptions,
  { groups = [] }: ClusterFacts,
): Exclude<StackOptions['monitoring'], 'auto'> {
  if (monitoring !== 'auto') return monitoring;
  return groups.includes('monitoring.coreos.com') ? 'operator' : 'annotations';
}

function notesOf(options: StackOptions, { groups }: ClusterFacts, chosen: Chosen): string[] {
  const notes: string[] = [];
  if (groups === undefined) {
    notes.push('The cluster could not be asked what it has: its gateway is taken for none');
  } else if (!groups.includes('metrics.k8s.io')) {
    notes.push('The cluster has no metrics-server: workers are not scaled by load');
  }
  if (groups !== undefined && chosen.gateway === 'none' && options.gateway === 'auto') {
    notes.push(
      'The cluster has neither Envoy Gateway nor Emissary: with another implementation of the Gateway API set httpRoute.enabled and httpRoute.parentRefs in the values; else reach the grid by kubectl port-forward or a Service of type LoadBalancer',
    );
  }
  if (
    groups !== undefined &&
    chosen.monitoring === 'annotations' &&
    options.monitoring === 'auto'
  ) {
    notes.push(
      "Prometheus' operator is not there: pods are annotated for a Prometheus that looks for prometheus.io/scrape",
    );
  }
  return notes;
}

function kubectl({ context }: ClusterFacts, ...words: readonly string[]) {
  return { program: 'kubectl', words: ['--context', context, ...words] };
}

function helm({ context }: ClusterFacts, { namespace }: StackOptions, ...words: readonly string[]) {
  return {
    program: 'helm',
    words: [...words, '--kube-context', context, '--namespace', namespace],
  };
}
