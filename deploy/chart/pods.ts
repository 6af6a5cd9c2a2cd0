// The processes that the chart's pods are: their words and variables as a container runtime would hand them over.

import { at, type KubernetesObject } from './chart.ts';
import { podSpecOf } from './restricted.ts';

/** What Kubernetes tells a pod about itself. */
export interface PodFacts {
  readonly name: string;
  readonly namespace: string;
  readonly ip: string;
}

export interface PodProcess {
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** The first container of the object's pods; references such as `$(POD_IP)` are resolved as Kubernetes does. */
export function podProcess(
  object: KubernetesObject,
  { name, namespace, ip }: PodFacts,
): PodProcess {
  const facts: Readonly<Record<string, string>> = {
    'metadata.name': name,
    'metadata.namespace': namespace,
    'status.podIP': ip,
    'spec.nodeName': 'machine-1',
  };
  const container = at(podSpecOf(object), 'containers', 0);
  const environment: Record<string, string> = {};
  for (const variable of listAt(container, 'env')) {
    const field = at(variable, 'valueFrom', 'fieldRef', 'fieldPath');
    const text = field === undefined ? at(variable, 'value') : facts[String(field)];
    environment[String(at(variable, 'name'))] = String(text).replace(
      /\$\((\w+)\)/g,
      (reference, referred: string) => environment[referred] ?? reference,
    );
  }
  return { words: listAt(container, 'args').map(String), environment };
}

/** Variables whose value stands in the manifest, by name. */
export function writtenVariables(object: KubernetesObject): ReadonlyMap<string, string> {
  const variables = listAt(podSpecOf(object), 'containers', 0, 'env');
  return new Map(
    variables
      .filter((one) => at(one, 'value') !== undefined)
      .map((one) => [String(at(one, 'name')), String(at(one, 'value'))]),
  );
}

export function listAt(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}
