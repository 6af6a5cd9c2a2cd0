// The network of a simulation: ordered streams between hosts that can be slow, cut in one direction or both, or break
// and lose what is under way. Hosts are numbers; all chance comes from the seed.

import { type Random, randomFloat } from '../runtime/index.ts';

/** `drop`: what is sent is lost. `hold`: it is delivered when the link is mended, as TCP does after a short cut. */
export type LinkState = 'open' | 'drop' | 'hold';

interface Link<P> {
  state: LinkState;
  extraMs: number;
  lastDeliveryMs: number;
  /** Goes up when the connection breaks; packets of an older one are lost. */
  connection: number;
  held: P[];
}

export interface Delivery<P> {
  readonly atMs: number;
  readonly packet: P;
  readonly link: number;
  readonly connection: number;
}

export interface NetworkOptions {
  readonly latencyMsMin: number;
  readonly latencyMsMax: number;
}

export class SimNetwork<P> {
  readonly #links = new Map<number, Link<P>>();
  readonly #random: Random;
  readonly #options: NetworkOptions;
  #sent = 0;
  #lost = 0;

  constructor(random: Random, options: NetworkOptions = { latencyMsMin: 0.2, latencyMsMax: 3 }) {
    this.#random = random;
    this.#options = options;
  }

  get sent(): number {
    return this.#sent;
  }

  get lost(): number {
    return this.#lost;
  }

  /** Whether no link is cut. */
  get isWhole(): boolean {
    for (const link of this.#links.values()) if (link.state !== 'open') return false;
    return true;
  }

  /** When the packet arrives, `undefined` if it is lost or held. */
  send(from: number, to: number, packet: P, nowMs: number): Delivery<P> | undefined {
    this.#sent++;
    const link = this.#link(from, to);
    if (link.state === 'drop') {
      this.#lost++;
      return undefined;
    }
    if (link.state === 'hold') {
      link.held.push(packet);
      return undefined;
    }
    return this.#deliver(linkKey(from, to), link, packet, nowMs);
  }

  /** Whether a delivery still counts: its connection has not broken meanwhile. */
  isAlive(delivery: Delivery<P>): boolean {
    const alive = this.#links.get(delivery.link)?.connection === delivery.connection;
    if (!alive) this.#lost++;
    return alive;
  }

  /** Cuts or opens one direction; opening a held link returns what waited. */
  set(from: number, to: number, state: LinkState, nowMs: number): readonly Delivery<P>[] {
    const link = this.#link(from, to);
    if (state === 'drop' && link.state !== 'drop') this.#break(link);
    link.state = state;
    if (state !== 'open' || link.held.length === 0) return [];
    const held = link.held;
    link.held = [];
    return held.map((packet) => this.#deliver(linkKey(from, to), link, packet, nowMs));
  }

  /** The connection breaks: what is under way or held is lost, what is sent next is not. */
  breakConnection(from: number, to: number): void {
    this.#break(this.#link(from, to));
  }

  slowDown(from: number, to: number, extraMs: number): void {
    this.#link(from, to).extraMs = extraMs;
  }

  #break(link: Link<P>): void {
    link.connection++;
    this.#lost += link.held.length;
    link.held = [];
  }

  #deliver(key: number, link: Link<P>, packet: P, nowMs: number): Delivery<P> {
    const { latencyMsMin, latencyMsMax } = this.#options;
    const latencyMs = latencyMsMin + randomFloat(this.#random) * (latencyMsMax - latencyMsMin);
    const atMs = Math.max(nowMs + latencyMs + link.extraMs, link.lastDeliveryMs);
    link.lastDeliveryMs = atMs;
    return { atMs, packet, link: key, connection: link.connection };
  }

  #link(from: number, to: number): Link<P> {
    const key = linkKey(from, to);
    let link = this.#links.get(key);
    if (link === undefined) {
      link = { state: 'open', extraMs: 0, lastDeliveryMs: 0, connection: 0, held: [] };
      this.#links.set(key, link);
    }
    return link;
  }
}

function linkKey(from: number, to: number): number {
  return from * 65_536 + to;
}
