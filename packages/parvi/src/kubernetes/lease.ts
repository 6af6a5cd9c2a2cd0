// The shell around the lease's state machine: requests to the API server, the heartbeat's timer, and promises.

import type { Lease } from '../cluster/index.ts';
import type { Logger } from '../observe/index.ts';
import { errorLine, type Runtime } from '../runtime/index.ts';
import type { ApiAnswer, ApiServer } from './api-server.ts';
import { hasCode, KubernetesError } from './errors.ts';
import {
  type LeaseEffect,
  type LeaseEvent,
  type LeaseRules,
  type LeaseState,
  newLease,
  step,
} from './lease-machine.ts';
import { leaseBody, leaseResourceName, leasesPath, readLease } from './lease-resource.ts';
import { type LeaseOptions, leaseSettings } from './options.ts';

export interface KubernetesLeaseOptions extends LeaseOptions {
  /** Becomes the name of the resource; the same for all contenders. */
  readonly name: string;
  /** Another for each contender. */
  readonly owner: string;
  readonly namespace: string;
}

export interface KubernetesLeasePorts {
  readonly api: ApiServer;
  readonly runtime: Pick<Runtime, 'timers' | 'clock'>;
  readonly log: Logger;
}

export interface KubernetesLease extends Lease {
  /** Whether this owner holds it, as far as it knows. */
  readonly isHeld: boolean;
  /** Gives no more signs of life: the lease runs out by itself. Releasing it might let the losers of a partition go on. */
  close(): void;
}

/**
 * A lease in Kubernetes (`coordination.k8s.io`), for which Parvi nodes and Pekko nodes with `NativeKubernetesLease` can
 * contend.
 *
 * Promises: at most one owner holds it, as long as the clocks of the contenders differ by less than two heartbeat
 * intervals; an owner that ended without a word has lost it after the timeout less two intervals, 96 s by default; a
 * holder that cannot renew it says so (`onLost`) after half of the timeout. It needs the verbs `get`, `create` and
 * `update` for leases.
 *
 * @throws KubernetesError `KUBERNETES_OPTION_INVALID`; rejections of `acquire` and `release` as of `ApiServer.request`,
 * and `KUBERNETES_LEASE_UNCERTAIN`
 */
export function kubernetesLease(
  options: KubernetesLeaseOptions,
  ports: KubernetesLeasePorts,
): KubernetesLease {
  const name = leaseResourceName(options.name);
  if (name === '') {
    throw new KubernetesError(
      'KUBERNETES_OPTION_INVALID',
      `Cannot use the lease "${options.name}": nothing of its name is left in lower-case letters, digits and dashes; name it with those`,
      { fields: { name: options.name } },
    );
  }
  const rules = { ...leaseSettings(options), owner: options.owner };
  return new LeaseShell(name, options.namespace, rules, ports);
}

interface Waiting {
  readonly resolve: (done: boolean) => void;
  readonly reject: (error: unknown) => void;
}

class LeaseShell implements KubernetesLease {
  readonly #name: string;
  readonly #path: string;
  readonly #rules: LeaseRules;
  readonly #ports: KubernetesLeasePorts;
  #state: LeaseState = newLease;
  #waiting: Waiting | undefined;
  #onLost: () => void = () => undefined;
  #beat: { cancel(): void } | undefined;
  /** Operations wait for the one before. */
  #last: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(name: string, namespace: string, rules: LeaseRules, ports: KubernetesLeasePorts) {
    this.#name = name;
    this.#path = leasesPath(namespace);
    this.#rules = rules;
    this.#ports = ports;
  }

  get isHeld(): boolean {
    return this.#state.phase === 'held';
  }

  acquire(onLost: () => void): Promise<boolean> {
    return this.#operation('acquire', () => {
      this.#onLost = onLost;
    });
  }

  release(): Promise<boolean> {
    return this.#operation('release', () => undefined);
  }

  close(): void {
    this.#isClosed = true;
    this.#beat?.cancel();
  }

  #operation(type: 'acquire' | 'release', before: () => void): Promise<boolean> {
    const outcome = this.#last.then(
      () =>
        new Promise<boolean>((resolve, reject) => {
          before();
          this.#waiting = { resolve, reject };
          this.#input({ type });
        }),
    );
    this.#last = outcome.catch(() => undefined);
    return outcome;
  }

  #input(event: LeaseEvent): void {
    const { clock } = this.#ports.runtime;
    const moment = { nowMs: clock.nowMs(), wallMs: clock.wallMs() };
    const { state, effects } = step(this.#state, event, moment, this.#rules);
    this.#state = state;
    if (state.phase !== 'held') this.#beat?.cancel();
    for (const effect of effects) this.#run(effect);
  }

  #run(effect: LeaseEffect): void {
    switch (effect.kind) {
      case 'read':
        this.#request('GET', `${this.#path}/${this.#name}`);
        return;
      case 'create':
        this.#request('POST', this.#path, this.#body(''));
        return;
      case 'write':
        this.#request(
          'PUT',
          `${this.#path}/${this.#name}`,
          this.#body(effect.holder, effect.version),
        );
        return;
      case 'beat':
        this.#beatAfter(effect.afterMs);
        return;
      default:
        this.#tell(effect);
    }
  }

  #tell(outcome: Exclude<LeaseEffect, { kind: 'read' | 'create' | 'write' | 'beat' }>): void {
    const fields = { lease: this.#name, owner: this.#rules.owner };
    switch (outcome.kind) {
      case 'granted':
        this.#ports.log.info(fields, 'The lease is held');
        this.#waiting?.resolve(true);
        return;
      case 'taken':
        this.#ports.log.info({ ...fields, holder: outcome.by }, 'The lease is held by another');
        this.#waiting?.resolve(false);
        return;
      case 'released':
        this.#waiting?.resolve(true);
        return;
      case 'refused':
        this.#waiting?.reject(uncertain(`acquire the lease "${this.#name}"`, outcome));
        return;
      case 'releaseFailed':
        this.#waiting?.reject(outcome.error);
        return;
      default: {
        const { why, error } = outcome;
        const cause = error === undefined ? {} : { cause: errorLine(error) };
        this.#ports.log.warn({ ...fields, why, ...cause }, 'The lease is lost');
        this.#onLost();
      }
    }
  }

  #body(holder: string, version?: string) {
    const timeMs = this.#ports.runtime.clock.wallMs();
    return leaseBody(this.#name, { holder, timeMs }, version);
  }

  #beatAfter(afterMs: number): void {
    this.#beat?.cancel();
    if (this.#isClosed) return;
    this.#beat = this.#ports.runtime.timers.after(afterMs, () => this.#input({ type: 'beat' }));
  }

  #request(method: string, path: string, body?: unknown): void {
    // Two fifths of an operation, as Pekko's `api-server-request-timeout`.
    const limitMs = (this.#rules.operationTimeoutMs * 2) / 5;
    const answer = this.#ports.api.request(method, path, body, { limitMs });
    void outcomeOf(method, answer).then((event) => this.#input(event));
  }
}

async function outcomeOf(method: string, answer: Promise<ApiAnswer>): Promise<LeaseEvent> {
  try {
    return { type: 'answered', record: readLease((await answer).body) };
  } catch (error) {
    if (hasCode(error, 'KUBERNETES_CONFLICT')) return { type: 'conflict' };
    // What cannot be found when it is to be made is the namespace.
    const isMissing = method !== 'POST' && hasCode(error, 'KUBERNETES_NOT_FOUND');
    return isMissing ? { type: 'missing' } : { type: 'failed', error };
  }
}

function uncertain(action: string, { why, error }: { why: string; error?: unknown }): unknown {
  if (error !== undefined) return error;
  return new KubernetesError(
    'KUBERNETES_LEASE_UNCERTAIN',
    `Cannot ${action}: ${why}; look at the load of the API server`,
  );
}
