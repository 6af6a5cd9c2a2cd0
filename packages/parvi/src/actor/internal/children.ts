// The children of one actor by name; the names are free again once a child has ended.

import { base64Counter } from '../../runtime/index.ts';
import { isValidPathElement } from '../../wire/index.ts';
import { ActorError } from '../errors.ts';
import type { Cell } from './cell.ts';

export class Children {
  private readonly cell: Cell;
  private byName: Map<string, Cell> | undefined = undefined;
  private generated = 0;

  constructor(cell: Cell) {
    this.cell = cell;
  }

  get size(): number {
    return this.byName?.size ?? 0;
  }

  get(name: string): Cell | undefined {
    return this.byName?.get(name);
  }

  [Symbol.iterator](): Iterator<Cell> {
    return (this.byName ?? new Map<string, Cell>()).values();
  }

  /** The name for a new child: the one wanted, if it is valid and free, else a generated one. */
  claimName(wanted: string | undefined): string {
    if (wanted === undefined) return `$${base64Counter(this.generated++)}`;
    const parent = this.cell.localPath;
    if (typeof wanted !== 'string' || !isValidPathElement(wanted)) {
      throw new ActorError(
        'ACTOR_NAME_INVALID',
        `Cannot start an actor named "${String(wanted)}" below "${parent}": a name is text, has ASCII letters, digits, "-_.*+:@&=,!~';" and %XX only, does not start with "$" and is not "." or ".."; encode other text with encodePathElement`,
        { fields: { name: wanted, parent } },
      );
    }
    if (this.byName?.has(wanted)) {
      throw new ActorError(
        'ACTOR_NAME_TAKEN',
        `Cannot start an actor named "${wanted}" below "${parent}": a child of this name is running or still stopping`,
        { fields: { name: wanted, parent } },
      );
    }
    return wanted;
  }

  add(child: Cell): void {
    this.byName ??= new Map();
    this.byName.set(child.name, child);
  }

  remove(child: Cell): void {
    this.byName?.delete(child.name);
  }

  stopAll(): void {
    for (const child of this) child.signal({ kind: 'terminate' });
  }
}
