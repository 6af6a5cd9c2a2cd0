// The roots of the two trees of actors: `/user` for applications, `/system` for what serves them. `/user` ends first.

import { Cell } from './cell.ts';
import type { CellHost } from './host.ts';

const recipe = {
  setup: () => ({}),
  options: { supervision: 'escalate' },
} as const;

export class Guardians {
  readonly user: Cell;
  readonly system: Cell;
  /** Resolves when both have ended. */
  readonly ended: Promise<void>;
  readonly #resolve: () => void;

  constructor(host: CellHost) {
    const guardian = (name: string): Cell => {
      const cell = new Cell({ host, parent: undefined, name, uid: 0 }, recipe, recipe.options);
      cell.signal({ kind: 'create' });
      return cell;
    };
    this.user = guardian('user');
    this.system = guardian('system');
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#resolve = resolve;
  }

  find(name: string): Cell | undefined {
    if (name === 'user') return this.user;
    return name === 'system' ? this.system : undefined;
  }

  stop(): void {
    this.user.signal({ kind: 'terminate' });
  }

  stopped(guardian: Cell): void {
    if (guardian === this.user) this.system.signal({ kind: 'terminate' });
    else this.#resolve();
  }

  /** Paths of actors that still live; for the log when a shutdown ran out of time. */
  survivors(pathsMax: number): string[] {
    const paths: string[] = [];
    const visit = (cell: Cell): void => {
      for (const child of cell.children) {
        if (paths.length < pathsMax) paths.push(child.localPath);
        visit(child);
      }
    };
    visit(this.user);
    visit(this.system);
    return paths;
  }
}
