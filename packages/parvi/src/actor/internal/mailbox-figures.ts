// What waits in the mailboxes of a system, for metrics. Looked up when somebody asks, so that a tell counts nothing; the
// walk is bounded, so that a system of a million actors is not held up by being watched.

import type { Cell } from './cell.ts';

export interface MailboxFigures {
  /** Messages in all mailboxes that were looked at. */
  readonly waiting: number;
  /** Messages in the fullest of them. */
  readonly longest: number;
  /** Messages put aside by actors until later. */
  readonly stashed: number;
}

/** Actors looked at; of more, the later ones of the tree are left out. */
const actorsMax = 20_000;

export function mailboxFigures(roots: readonly Cell[]): MailboxFigures {
  let waiting = 0;
  let longest = 0;
  let stashed = 0;
  let looked = 0;
  const open: Cell[] = [...roots];
  for (let cell = open.pop(); cell !== undefined && looked < actorsMax; cell = open.pop()) {
    looked++;
    const { size } = cell.mailbox;
    waiting += size;
    stashed += cell.stash.size;
    if (size > longest) longest = size;
    if (cell.children.size === 0) continue;
    for (const child of cell.children) {
      if (open.length + looked >= actorsMax) break;
      open.push(child);
    }
  }
  return { waiting, longest, stashed };
}
