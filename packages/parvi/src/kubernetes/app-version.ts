// The version of the application as Kubernetes counts it: the revision of the Deployment, which rises with each rollout.
// It stands as an annotation at the ReplicaSet that owns the pod (Pekko Management, rolling-update-kubernetes,
// `AppVersionRevision`).

import type { Timers } from '../runtime/index.ts';
import type { ApiServer } from './api-server.ts';
import { hasCode, KubernetesError } from './errors.ts';
import { podPath } from './own-pod.ts';

export const revisionAnnotation = 'deployment.kubernetes.io/revision';
const triesMax = 5;
const pauseMs = 1000;

/**
 * The revision, such as `"7"`. Needs the verb `get` for pods and replicasets. Tried five times, a second apart, unless a
 * right is missing.
 *
 * @throws KubernetesError `KUBERNETES_REVISION_UNKNOWN`, its cause is the last failure; as a rejection
 */
export async function appVersionFromRevision(
  api: ApiServer,
  pod: { readonly namespace: string; readonly podName: string },
  timers: Timers,
): Promise<string> {
  for (let tries = 1; ; tries++) {
    try {
      return await revisionOf(api, pod);
    } catch (cause) {
      const isHopeless =
        hasCode(cause, 'KUBERNETES_FORBIDDEN') || hasCode(cause, 'KUBERNETES_REVISION_UNKNOWN');
      if (!isHopeless && tries < triesMax) {
        await new Promise<void>((resolve) => timers.after(pauseMs, resolve));
        continue;
      }
      if (hasCode(cause, 'KUBERNETES_REVISION_UNKNOWN')) throw cause;
      throw unknownRevision(pod.podName, 'the API server did not tell it', cause);
    }
  }
}

async function revisionOf(
  api: ApiServer,
  { namespace, podName }: { readonly namespace: string; readonly podName: string },
): Promise<string> {
  const pod = await api.request('GET', podPath(namespace, podName));
  const owners: unknown = at(pod.body, 'metadata', 'ownerReferences');
  const owner = Array.isArray(owners)
    ? owners.find((one) => at(one, 'kind') === 'ReplicaSet')
    : undefined;
  const name: unknown = at(owner, 'name');
  if (typeof name !== 'string') {
    throw unknownRevision(podName, 'no ReplicaSet owns it, so no Deployment made it');
  }
  const path = `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/replicasets/${encodeURIComponent(name)}`;
  const replicaSet = await api.request('GET', path);
  const revision: unknown = at(replicaSet.body, 'metadata', 'annotations', revisionAnnotation);
  if (typeof revision === 'string' && /^\d+$/.test(revision)) return revision;
  throw unknownRevision(
    podName,
    `its ReplicaSet "${name}" has no annotation ${revisionAnnotation}`,
  );
}

function at(value: unknown, ...names: readonly string[]): unknown {
  return names.reduce<unknown>((one, name) => Reflect.get(Object(one), name), value);
}

function unknownRevision(podName: string, why: string, cause?: unknown): KubernetesError {
  return new KubernetesError(
    'KUBERNETES_REVISION_UNKNOWN',
    `Cannot tell the revision of pod "${podName}": ${why}; run it in a Deployment and let it get pods and replicasets, or set cluster.appVersion instead of kubernetes.appVersionFromRevision`,
    { fields: { podName }, cause },
  );
}
