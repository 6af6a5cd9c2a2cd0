// /parvi/actors: the tree of actors with their waiting messages. `?path=/user/a`, `?depth=`, `?max=` say what of it.

import type { ActorSystem, ActorView } from '../actor/index.ts';
import { jsonAnswer, messageAnswer } from './answers.ts';
import type { JsonValue } from './json-text.ts';
import type { Route } from './protocol.ts';
import { wholeNumberOf } from './query.ts';

/** They are no actors of anybody, and stand in the tree. */
const guardians = 2;

const depth = { name: 'depth', default: 10, min: 0, max: 100 };
const actors = { name: 'max', default: 500, min: 1, max: 10_000 };

export function actorRoutes(system: Pick<ActorSystem, 'actorTree' | 'actorCount'>): Route[] {
  return [
    {
      path: '/parvi/actors',
      match: 'exact',
      group: 'other',
      methods: {
        GET: ({ query }) => {
          const path = query.get('path');
          const tree = system.actorTree({
            depthMax: wholeNumberOf(query, depth),
            actorsMax: wholeNumberOf(query, actors),
            ...(path === null ? {} : { path }),
          });
          if (tree === undefined) return messageAnswer(`No actor lives at [${path ?? ''}]`, 404);
          const { shown, truncated } = tree;
          const total = system.actorCount + guardians;
          return jsonAnswer({ total, shown, truncated, actors: tree.roots.map(actorView) });
        },
      },
    },
  ];
}

function actorView({ children, ...view }: ActorView): JsonValue {
  return { ...view, children: children.map(actorView) };
}
