// The Pod Security Standard "restricted" (Kubernetes documentation, "Pod Security Standards"), as far as it concerns pods
// on Linux: a namespace that enforces it takes the chart's pods.

import { at, type KubernetesObject, nameOf } from './chart.ts';

const volumeKinds = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);

/** The specification of the pods of an object, if it makes any. */
export function podSpecOf(object: KubernetesObject): unknown {
  return object.kind === 'Pod' ? object.spec : at(object.spec, 'template', 'spec');
}

/** Everything by which the pods of an object are refused. */
export function restrictedFindings(object: KubernetesObject): string[] {
  const spec = podSpecOf(object);
  if (at(spec, 'containers') === undefined) return [];
  const own = podFindings(spec);
  const containers = ['containers', 'initContainers', 'ephemeralContainers'].flatMap((list) =>
    Object.values(Object(at(spec, list))),
  );
  const inner = containers.flatMap((container) =>
    containerFindings(container, at(spec, 'securityContext')).map(
      (finding) => `container ${String(at(container, 'name'))} ${finding}`,
    ),
  );
  return [...own, ...inner].map((finding) => `${nameOf(object)}: ${finding}`);
}

function podFindings(spec: unknown): string[] {
  const findings = ['hostNetwork', 'hostPID', 'hostIPC']
    .filter((name) => at(spec, name) === true)
    .map((name) => `has ${name}`);
  if (at(spec, 'securityContext', 'sysctls') !== undefined) findings.push('sets sysctls');
  for (const volume of Object.values(Object(at(spec, 'volumes')))) {
    const [kind = ''] = Object.keys(Object(volume)).filter((name) => name !== 'name');
    if (!volumeKinds.has(kind)) findings.push(`has a volume of kind ${kind}`);
  }
  return findings;
}

function containerFindings(container: unknown, pod: unknown): string[] {
  const own = at(container, 'securityContext');
  const inForce = (...path: readonly string[]): unknown => at(own, ...path) ?? at(pod, ...path);
  const dropped = at(own, 'capabilities', 'drop');
  const added = Object.values(Object(at(own, 'capabilities', 'add')));
  const profile = inForce('seccompProfile', 'type');
  const ports = Object.values(Object(at(container, 'ports')));
  const rules: readonly (readonly [boolean, string])[] = [
    [at(own, 'privileged') === true, 'is privileged'],
    [at(own, 'allowPrivilegeEscalation') !== false, 'may gain privileges'],
    [inForce('runAsNonRoot') !== true, 'may run as root'],
    [inForce('runAsUser') === 0, 'runs as user 0'],
    [!Array.isArray(dropped) || !dropped.includes('ALL'), 'keeps capabilities'],
    [added.some((name) => name !== 'NET_BIND_SERVICE'), 'adds capabilities'],
    [profile !== 'RuntimeDefault' && profile !== 'Localhost', 'has no seccomp profile'],
    [ports.some((port) => at(port, 'hostPort') !== undefined), 'takes a port of the machine'],
    [(at(own, 'procMount') ?? 'Default') !== 'Default', 'sees more of /proc'],
  ];
  return rules.filter(([isBroken]) => isBroken).map(([, finding]) => finding);
}
