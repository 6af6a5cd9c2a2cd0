// Situations and nodes for tests of bootstrap.

import type { ResolvedTarget } from '../discovery/index.ts';
import { seededRandom } from '../runtime/index.ts';
import { step } from './coordinator.ts';
import type { JoinRules, JoinSituation } from './join-decider.ts';
import { type BootstrapOptions, bootstrapSettings } from './options.ts';
import type { BootstrapEffect, BootstrapEvent } from './protocol.ts';
import { type BootstrapState, newBootstrap } from './state.ts';

export const sampleRules: JoinRules = {
  requiredContactPointNr: 2,
  stableMarginMs: 5000,
  contactWithAllContactPoints: true,
  newClusterEnabled: true,
  formAlone: false,
};

export function sampleTarget(ip: string, port?: number): ResolvedTarget {
  return { host: ip, port, ip };
}

/** All have been found long ago and answer that they are in no cluster. */
export function sampleSituation(
  self: string,
  ips: readonly string[],
  changes: Partial<JoinSituation> = {},
): JoinSituation {
  const contactPoints = ips.map((ip) => sampleTarget(ip));
  return {
    contactPoints,
    changedAtMs: 0,
    observations: contactPoints.map((target) => ({ target, seedNodes: [] })),
    nowMs: 60_000,
    self: { scheme: 'http', host: self, port: 7626, basePath: '' },
    ownAddress: `pekko://app@${self}:25520`,
    ...changes,
  };
}

/** A coordinator in manual time: runs what it schedules, and keeps what else it wants. */
export class SampleBootstrap {
  state: BootstrapState;
  nowMs = 0;
  readonly effects: BootstrapEffect[] = [];
  readonly #random = seededRandom(1);
  #scheduled: { readonly atMs: number; readonly event: BootstrapEvent }[] = [];

  constructor(host: string, options: BootstrapOptions = {}) {
    this.state = newBootstrap(
      bootstrapSettings(
        { exponentialBackoffRandomFactor: 0, probeIntervalJitter: 0, ...options },
        { system: 'app', managementPort: 7626 },
      ),
      {
        contactPoint: { scheme: 'http', host, port: 7626, basePath: '' },
        address: `pekko://app@${host}:25520`,
        host,
        port: 25_520,
      },
    );
  }

  feed(event: BootstrapEvent): readonly BootstrapEffect[] {
    const moment = { nowMs: this.nowMs, random: this.#random };
    const { state, effects } = step(this.state, event, moment);
    this.state = state;
    for (const effect of effects) {
      if (effect.type === 'schedule') {
        this.#scheduled.push({ atMs: this.nowMs + effect.afterMs, event: effect.event });
      } else {
        this.effects.push(effect);
      }
    }
    return effects;
  }

  advance(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (;;) {
      const [next] = this.#scheduled.toSorted((a, b) => a.atMs - b.atMs);
      if (next === undefined || next.atMs > untilMs) break;
      this.#scheduled = this.#scheduled.filter((each) => each !== next);
      this.nowMs = next.atMs;
      this.feed(next.event);
    }
    this.nowMs = untilMs;
  }

  /** What it has asked for since the last time, of that type. */
  take<T extends BootstrapEffect['type']>(type: T): Extract<BootstrapEffect, { type: T }>[] {
    const taken = this.effects.filter(
      (effect): effect is Extract<BootstrapEffect, { type: T }> => effect.type === type,
    );
    const rest = this.effects.filter((effect) => effect.type !== type);
    this.effects.splice(0, this.effects.length, ...rest);
    return taken;
  }

  /** Answers the last lookup. */
  find(...ips: readonly string[]): void {
    this.take('lookup');
    const targets = ips.map((ip) => sampleTarget(ip));
    this.feed({ type: 'found', lookup: this.state.lookup, targets });
  }

  /** Answers all probes that are under way, by host; the others get no answer. */
  answer(answers: Readonly<Record<string, readonly string[]>>): void {
    for (const { key, probe, contactPoint } of this.take('probe')) {
      const { host } = contactPoint;
      const seedNodes = answers[host];
      if (seedNodes === undefined) {
        this.feed({ type: 'unanswered', key, probe, reason: 'nobody listens there' });
      } else {
        const selfNode = `pekko://app@${host}:25520`;
        this.feed({ type: 'answered', key, probe, selfNode, seedNodes });
      }
    }
  }
}
