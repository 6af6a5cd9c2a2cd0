// A lease as the API server keeps it: group coordination.k8s.io, in the form in which Pekko's NativeKubernetesLease reads
// and writes it, so that nodes of both kinds can contend for one. Only holder and acquireTime say anything: acquireTime
// is the last sign of life, an empty holder means free; renewTime and leaseDurationSeconds are not used.

import { isoTime } from '../runtime/index.ts';
import { KubernetesError } from './errors.ts';

export interface LeaseRecord {
  /** Empty: nobody. */
  readonly holder: string;
  /** Last sign of life of the holder, milliseconds since 1970. */
  readonly timeMs: number;
  /** Changes with each write; a write must name the last one. */
  readonly version: string;
}

const nameLengthMax = 63;

/**
 * The name of the resource for the name of a lease (Pekko Management 1.x, `AbstractKubernetesLease`): decomposed, lower
 * case, `_` and `.` as `-`, without all that is not in `[-a-z0-9]`, 63 characters at most, no dash at either end. Names
 * that differ only in what is lost here are one lease.
 */
export function leaseResourceName(name: string): string {
  const kept = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[_.]/g, '-')
    .replace(/[^-a-z0-9]/g, '');
  return kept.slice(0, nameLengthMax).replace(/^-+|-+$/g, '');
}

export function leasesPath(namespace: string): string {
  return `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/leases`;
}

/** The body of a create (no version) or an update. */
export function leaseBody(name: string, record: Omit<LeaseRecord, 'version'>, version?: string) {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, ...(version === undefined ? {} : { resourceVersion: version }) },
    spec: {
      holderIdentity: record.holder,
      // Six digits of a second, as Kubernetes' MicroTime wants them.
      acquireTime: isoTime(record.timeMs).replace('Z', '000Z'),
    },
  } as const;
}

/**
 * A lease that something else has made may lack both fields of its spec: nobody holds it.
 *
 * @throws KubernetesError `KUBERNETES_ANSWER_INVALID`
 */
export function readLease(body: unknown): LeaseRecord {
  const metadata: unknown = Reflect.get(Object(body), 'metadata');
  const spec: unknown = Reflect.get(Object(body), 'spec');
  const version: unknown = Reflect.get(Object(metadata), 'resourceVersion');
  const holder: unknown = Reflect.get(Object(spec), 'holderIdentity') ?? '';
  const time: unknown = Reflect.get(Object(spec), 'acquireTime') ?? isoTime(0);
  const timeMs = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  if (typeof version !== 'string' || typeof holder !== 'string' || Number.isNaN(timeMs)) {
    throw new KubernetesError(
      'KUBERNETES_ANSWER_INVALID',
      `Cannot read a lease: it has version ${JSON.stringify(version)}, holder ${JSON.stringify(holder)} and time ${JSON.stringify(time)}; see what else writes to it`,
    );
  }
  return { holder, timeMs, version };
}
