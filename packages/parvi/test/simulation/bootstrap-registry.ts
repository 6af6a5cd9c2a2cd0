// Discovery of simulated nodes: what each of them sees of the others, and when.

import type { ResolvedTarget } from '../../src/discovery/index.ts';
import { type Random, randomFloat } from '../../src/runtime/index.ts';
import type { BootstrapPlan } from './bootstrap-plan.ts';

interface Change {
  readonly atMs: number;
  readonly isThere: boolean;
}

const managementPort = 7626;

export class BootstrapRegistry {
  readonly #plan: BootstrapPlan;
  readonly #random: Random;
  /** By viewer and host, oldest first. */
  readonly #changes = new Map<string, Change[]>();
  readonly #hosts: number;

  constructor(plan: BootstrapPlan, hosts: number, random: Random) {
    this.#plan = plan;
    this.#hosts = hosts;
    this.#random = random;
  }

  contactPoint(host: number): { readonly host: string; readonly port: number } {
    const { ips, sharesIp } = this.#plan;
    const ip = ips[host] ?? '10.9.9.9';
    return { host: ip, port: sharesIp ? managementPort + host : managementPort };
  }

  /** A node starts or has ended; who looks hears of it sooner or later. */
  changed(host: number, isThere: boolean, nowMs: number): void {
    for (let viewer = 0; viewer < this.#hosts; viewer++) {
      const key = `${viewer} ${host}`;
      const changes = this.#changes.get(key) ?? [];
      const earliestMs = changes.at(-1)?.atMs ?? 0;
      const lagMs = randomFloat(this.#random) * this.#plan.discovery.lagMsMax;
      // A node knows of itself as soon as of others: late.
      changes.push({ atMs: Math.max(nowMs + lagMs, earliestMs), isThere });
      this.#changes.set(key, changes);
    }
  }

  /** What a lookup answers, and how long it takes; `undefined` when it fails. */
  look(
    viewer: number,
    nowMs: number,
  ): { readonly targets: readonly ResolvedTarget[] | undefined; readonly afterMs: number } {
    const { lookupMsMax, failing, missing, kind, partialUntilMs } = this.#plan.discovery;
    const isPartial = nowMs < partialUntilMs;
    const afterMs = randomFloat(this.#random) * lookupMsMax;
    if (isPartial && randomFloat(this.#random) < failing) return { targets: undefined, afterMs };
    const targets: ResolvedTarget[] = [];
    for (let host = 0; host < this.#hosts; host++) {
      const isListed = kind === 'list' ? this.#isPlanned(host) : this.#isSeen(viewer, host, nowMs);
      if (!isListed || (isPartial && randomFloat(this.#random) < missing)) continue;
      targets.push(this.#target(host));
    }
    return { targets, afterMs };
  }

  #isPlanned(host: number): boolean {
    return host < this.#plan.initial + this.#plan.late;
  }

  #isSeen(viewer: number, host: number, nowMs: number): boolean {
    const changes = this.#changes.get(`${viewer} ${host}`) ?? [];
    return changes.findLast(({ atMs }) => atMs <= nowMs)?.isThere ?? false;
  }

  #target(host: number): ResolvedTarget {
    const { host: ip, port } = this.contactPoint(host);
    switch (this.#plan.discovery.kind) {
      case 'list':
        return { host: ip, port, ip: undefined };
      case 'dns':
        return { host: ip, port: undefined, ip };
      case 'named':
        return { host: `${ip.replaceAll('.', '-')}.sim.pod.cluster.local`, port, ip };
    }
  }
}
