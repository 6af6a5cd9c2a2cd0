// Routers: one ref in front of many actors. A pool starts its routees itself and replaces those that end; a group sends
// to actors that live elsewhere.

import { type Duration, durationMs } from '../runtime/index.ts';
import { type ActorDefinition, actor } from './actor.ts';
import type { ActorContext } from './context.ts';
import { ActorError } from './errors.ts';
import type { ActorOptions } from './options.ts';
import { type ActorRef, refKey } from './ref.ts';
import { createRouting, type Routing, type RoutingStrategy } from './routing.ts';

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
 * @throws ActorError `ACTOR_OPTION_INVALID` for a size that is not a positive integer
 */
export function pool<M>(routee: ActorDefinition<M>, options: PoolOptions<M>): ActorDefinition<M> {
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

/** A router over actors that live elsewhere. While there is none, messages become dead letters `noRoutee`. */
export function group<M>(options: GroupOptions<M>): ActorDefinition<M> {
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
  const route = (message: M): void => {
    const { sender } = context;
    if (broadcast?.(message) === true && routing.size > 0) {
      for (const routee of routing.all()) routee.tell(message, sender);
      return;
    }
    const routee = routing.pick(message);
    if (routee !== undefined) routee.tell(message, sender);
    else system.deadLetters.publish({ message, recipient: self, sender, reason: 'noRoutee' });
  };
  return { routing, route };
}
