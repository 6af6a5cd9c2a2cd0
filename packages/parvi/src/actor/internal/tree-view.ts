// Looks at cells from outside, level by level, so that a wide branch does not hide the others.

import type { ActorState, ActorTree, ActorTreeOptions, ActorView } from '../actor-tree.ts';
import type { Cell } from './cell.ts';

/** By the numbers of `signals.ts`. */
const states: readonly ActorState[] = [
  'starting',
  'running',
  'suspended',
  'restarting',
  'stopping',
  'stopped',
];

type OpenView = Omit<ActorView, 'children'> & { readonly children: ActorView[] };

/** The cell at a path below these guardians. */
export function cellAt(guardians: readonly Cell[], path: string): Cell | undefined {
  const [first = '', ...names] = path.split('/').filter((name) => name !== '');
  let cell = guardians.find(({ name }) => name === first);
  for (const name of names) cell = cell?.children.get(name);
  return cell;
}

export function treeOf(roots: readonly Cell[], options: ActorTreeOptions): ActorTree {
  const { depthMax, actorsMax } = options;
  const views = roots.slice(0, actorsMax).map(viewOf);
  let level = views.map((view, i) => ({ view, cell: roots[i] }));
  let shown = views.length;
  let truncated = views.length < roots.length;
  for (let depth = 0; level.length > 0; depth++) {
    const next: typeof level = [];
    for (const { view, cell } of level) {
      if (cell === undefined || cell.children.size === 0) continue;
      if (depth >= depthMax) truncated = true;
      else {
        for (const child of cell.children) {
          if (shown >= actorsMax) {
            truncated = true;
            break;
          }
          shown++;
          const below = viewOf(child);
          view.children.push(below);
          next.push({ view: below, cell: child });
        }
      }
    }
    level = next;
  }
  return { roots: views, shown, truncated };
}

function viewOf(cell: Cell): OpenView {
  return {
    name: cell.name,
    path: cell.localPath,
    state: states[cell.status] ?? 'stopped',
    waiting: cell.busy,
    mailbox: cell.mailbox.size,
    stashed: cell.stash.size,
    restarts: cell.incarnation,
    childCount: cell.children.size,
    children: [],
  };
}
