// Starts a cell below another one.

import { newActorUid } from '../../runtime/index.ts';
import { checkDefinition } from '../actor.ts';
import { ActorError } from '../errors.ts';
import { type ActorOptions, checkActorOptions } from '../options.ts';
import { Cell, type Recipe } from './cell.ts';
import { statusStopping } from './signals.ts';
import { TracedCell } from './traced-cell.ts';

/** Setup runs in the child's own first turn, so a failure there is the child's and never the caller's. */
export function spawnChild(
  parent: Cell,
  recipe: Recipe,
  name: string | undefined,
  options: ActorOptions | undefined,
): Cell {
  if (parent.status >= statusStopping) {
    throw new ActorError(
      'ACTOR_STOPPING',
      `Cannot start an actor below "${parent.localPath}": it is stopping`,
      { fields: { parent: parent.localPath } },
    );
  }
  checkDefinition(`start below "${parent.localPath}"`, recipe);
  checkActorOptions(recipe.options);
  if (options !== undefined) checkActorOptions(options);
  const merged = options === undefined ? recipe.options : { ...recipe.options, ...options };
  const { host } = parent;
  const place = {
    host,
    parent,
    name: parent.children.claimName(name),
    uid: newActorUid(host.runtime.random),
  };
  const child =
    host.tracing === undefined
      ? new Cell(place, recipe, merged)
      : new TracedCell(place, recipe, merged, host.tracing);
  parent.children.add(child);
  host.counts.started();
  child.signal({ kind: 'create' });
  return child;
}
