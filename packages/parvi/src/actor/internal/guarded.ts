// A step in the life of an actor that must not keep the next ones from happening, nor anybody else's.

import { toError } from '../../runtime/index.ts';
import type { Cell } from './cell.ts';

/** Runs the work; what it throws is a bug here or in a layer above, and is logged with what it was about. */
export function guarded(cell: Cell, action: string, work: () => void): void {
  try {
    work();
  } catch (thrown) {
    reportBug(cell, action, thrown);
  }
}

export function reportBug(cell: Cell, action: string, thrown: unknown): void {
  const fields = { actor: cell.localPath, action, error: toError(thrown) };
  cell.host.log.error(fields, 'A step in the life of an actor failed and was left out');
}
