// How a router chooses: in turn, by chance, or by a key that always leads to the same routee. Pure, apart from the
// counter of the round.

import { type Random, randomInt } from '../runtime/index.ts';
import { invalidArgument } from './argument-checks.ts';
import { forgetPromise, isPromiseLike } from './callbacks.ts';
import { HashRing } from './internal/hash-ring.ts';
import { invalidOption } from './option-checks.ts';

/** What all messages of one key have in common is told by `key`; the same key goes to the same routee. */
export interface ConsistentHashing<M> {
  readonly consistentHash: (message: M) => string | number;
  /** Points a routee has on the ring, 1 to 100,000; more spread keys more evenly and make changes dearer. By default 64. */
  readonly virtualNodes?: number;
}

export type RoutingStrategy<M> = 'roundRobin' | 'random' | ConsistentHashing<M>;

/** Chooses among routees that come and go. `R` is told apart by the name that it is added under. */
export interface Routing<M, R> {
  readonly size: number;
  add(name: string, routee: R): void;
  remove(name: string): void;
  /** `undefined` when there is no routee. */
  pick(message: M): R | undefined;
  all(): Iterable<R>;
}

/** The common part: routees by name, and in a fixed order. */
abstract class RouteeList<M, R> implements Routing<M, R> {
  protected readonly names: string[] = [];
  protected readonly routees: R[] = [];

  get size(): number {
    return this.routees.length;
  }

  add(name: string, routee: R): void {
    this.remove(name);
    this.names.push(name);
    this.routees.push(routee);
  }

  remove(name: string): void {
    const index = this.names.indexOf(name);
    if (index < 0) return;
    this.names.splice(index, 1);
    this.routees.splice(index, 1);
  }

  all(): Iterable<R> {
    return this.routees.slice();
  }

  abstract pick(message: M): R | undefined;
}

class RoundRobin<M, R> extends RouteeList<M, R> {
  #next = 0;

  override pick(): R | undefined {
    if (this.#next >= this.routees.length) this.#next = 0;
    return this.routees[this.#next++];
  }
}

class ByChance<M, R> extends RouteeList<M, R> {
  readonly #random: Random;

  constructor(random: Random) {
    super();
    this.#random = random;
  }

  override pick(): R | undefined {
    const { routees } = this;
    return routees.length === 0 ? undefined : routees[randomInt(this.#random, routees.length)];
  }
}

class ByKey<M, R> implements Routing<M, R> {
  readonly #key: (message: M) => string | number;
  readonly #ring: HashRing<R>;

  constructor({ consistentHash, virtualNodes }: ConsistentHashing<M>) {
    this.#key = consistentHash;
    this.#ring = new HashRing(virtualNodes ?? 64);
  }

  get size(): number {
    return this.#ring.size;
  }

  add(name: string, routee: R): void {
    this.#ring.add(name, routee);
  }

  remove(name: string): void {
    this.#ring.remove(name);
  }

  pick(message: M): R | undefined {
    return this.#ring.find(String(now(this.#key(message))));
  }

  all(): Iterable<R> {
    return this.#ring.all();
  }
}

/** More points than this on the ring of one router help nobody. */
const virtualNodesMax = 100_000;

/** @throws ActorError `ACTOR_OPTION_INVALID` */
export function checkStrategy(strategy: unknown): void {
  if (strategy === undefined || strategy === 'roundRobin' || strategy === 'random') return;
  const { consistentHash, virtualNodes } = Object(strategy) as Record<string, unknown>;
  if (typeof consistentHash !== 'function') {
    const takes = 'it takes "roundRobin", "random" or { consistentHash: (message) => key }';
    throw invalidOption('strategy', strategy, takes);
  }
  if (virtualNodes === undefined) return;
  const isNumber = typeof virtualNodes === 'number' && Number.isInteger(virtualNodes);
  if (isNumber && virtualNodes >= 1 && virtualNodes <= virtualNodesMax) return;
  const takes = `it takes a whole number from 1 to ${virtualNodesMax}`;
  throw invalidOption('strategy.virtualNodes', virtualNodes, takes);
}

/** What a function of the application gave to choose by. @throws ActorError `ACTOR_ARGUMENT_INVALID` for a promise */
export function now<T>(given: T): T {
  if (!isPromiseLike(given)) return given;
  forgetPromise(given);
  throw invalidArgument('route by', given, 'a function that answers at once');
}

export function createRouting<M, R>(strategy: RoutingStrategy<M>, random: Random): Routing<M, R> {
  if (strategy === 'roundRobin') return new RoundRobin();
  if (strategy === 'random') return new ByChance(random);
  return new ByKey(strategy);
}
