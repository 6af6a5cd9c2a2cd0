// Routers: one ref in front of many actors. A pool starts its routees itself and replaces those that end; a group sends
// to actors that live elsewhere.

import { type Duration, durationMs, toError } from '../runtime/index.ts';
import { type ActorDefinition, actor, checkDefinition } from './actor.ts';
import { checkRef, invalidArgument } from './argument-checks.ts';
import type { ActorContext } from './context.ts';
import { ActorError } from './errors.ts';
import { LocalRef } from './internal/local-ref.ts';
import { RouteeLoad } from './internal/routee-load.ts';
import type { ActorOptions } from './options.ts';
import { type ActorRef, refKey } from './ref.ts';
import {
  checkStrategy,
  createRouting,
  now,
  type Routing,
  type RoutingStrategy,
} from './routing.ts';

export interface RouterOptions<M> {
  /** By default `roundRobin`. */
  readonly strategy?: RoutingStrategy<M>;
  /** Messages for which this is true go to all routees. */
  readonly broadcast?: (message: M) => boolean;
  /** Options of the router itself. */
  readonly router?: ActorOptions;
}

export interface PoolOptions<M> extends RouterOptions<M> {
  /** Number of routees. */
  readonly size: number;
  /** Wait before an ended routee is replaced, so that one that cannot live does not spin. By default 1 s. */
  readonly replaceAfter?: Duration;
}

export interface GroupOptions<M> extends RouterOptions<M> {
  /** Refs, local or of other nodes. One that ends is left out from then on. */
  readonly routees: readonly ActorRef<M>[];
}

/** Told by a pool to itself: the wait for a new routee is over. */
class Replacement {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/**
 * A router over `size` children made from the definition. A failing child is supervised as its definition says; one
 * that ends is replaced. While there is none, messages become dead letters `noRoutee`.
 *
 * @throws ActorError `ACTOR_OPTION_INVALID` for a size that is not a positive integer, and for a strategy that is none;
 * `ACTOR_ARGUMENT_INVALID` for a definition that is none
 */
export function pool<M>(routee: ActorDefinition<M>, options: PoolOptions<M>): ActorDefinition<M> {
  checkDefinition('make a pool of', routee);
  checkStrategy(options.strategy);
  const { size } = options;
  if (!Number.isInteger(size) || size < 1) {
    throw new ActorError(
      'ACTOR_OPTION_INVALID',
      `Cannot make a pool of ${size} actors: its size is a positive integer`,
      { fields: { option: 'size', value: size } },
    );
  }
  const replaceAfterMs = durationMs(options.replaceAfter ?? '1s', 'replaceAfter');
  const definition = actor<unknown>((context) => {
    const { routing, route } = router(context, options);
    const start = (name: string): void => {
      routing.add(name, context.watch(context.spawn(routee, name)));
    };
    for (let index = 1; index <= size; index++) start(`routee-${index}`);
    return {
      onMessage(message) {
        if (message instanceof Replacement) start(message.name);
        else route(message as M);
      },
      onTerminated({ name }) {
        routing.remove(name);
        context.timers.startSingle(name, new Replacement(name), replaceAfterMs);
      },
    };
  }, options.router);
  return definition as ActorDefinition<M>;
}

/**
 * A router over actors that live elsewhere. While there is none, messages become dead letters `noRoutee`.
 *
 * @throws ActorError `ACTOR_OPTION_INVALID` for a strategy that is none; `ACTOR_ARGUMENT_INVALID` for routees that are no
 * list of refs
 */
export function group<M>(options: GroupOptions<M>): ActorDefinition<M> {
  checkStrategy(options.strategy);
  const { routees } = options;
  if (!Array.isArray(routees)) throw invalidArgument('make a group of', routees, 'a list of refs');
  for (const routee of routees) checkRef('make a group with', routee);
  const definition = actor<unknown>((context) => {
    const { routing, route } = router(context, options);
    // The path of a local actor changes when remoting starts; what it was added under does not.
    const names = new Map<unknown, string>();
    for (const routee of options.routees) {
      names.set(routee[refKey](), routee.path);
      routing.add(routee.path, context.watch(routee));
    }
    return {
      onMessage: (message) => route(message as M),
      onTerminated: (ref) => routing.remove(names.get(ref[refKey]()) ?? ref.path),
    };
  }, options.router);
  return definition as ActorDefinition<M>;
}

interface Router<M> {
  readonly routing: Routing<M, ActorRef<M>>;
  route(message: M): void;
}

function router<M>(context: ActorContext<unknown>, options: RouterOptions<M>): Router<M> {
  const { self, system } = context;
  const { strategy = 'roundRobin', broadcast } = options;
  const routing = createRouting<M, ActorRef<M>>(strategy, system.runtime.random);
  if (self instanceof LocalRef) self.cell.routees = new RouteeLoad(() => routing.all());
  const choose = (message: M): Iterable<ActorRef<M>> => {
    if (broadcast !== undefined && now(broadcast(message)) === true) return routing.all();
    const routee = routing.pick(message);
    return routee === undefined ? [] : [routee];
  };
  const route = (message: M): void => {
    const { sender } = context;
    let chosen: Iterable<ActorRef<M>> = [];
    let cause: Error | undefined;
    try {
      chosen = choose(message);
    } catch (thrown) {
      // One message that the application's function cannot read is no reason to start all routees anew.
      cause = toError(thrown);
    }
    let told = false;
    for (const routee of chosen) {
      routee.tell(message, sender);
      told = true;
    }
    if (told) return;
    const letter = { message, recipient: self, sender, reason: 'noRoutee' } as const;
    system.deadLetters.publish({ ...letter, cause });
  };
  return { routing, route };
}
