// The path that a selection means, for dead letters and logs: its frame says only where the way begins, mostly the root.

import { selectionText } from '../actor/index.ts';
import type { SelectionElement } from '../wire/index.ts';

/** `pekko://sys@host:port/user/*` of the root and two elements. The incarnation of the anchor means nothing further down. */
export function selectedPath(anchor: string, elements: readonly SelectionElement[]): string {
  const hash = anchor.lastIndexOf('#');
  const start = hash < 0 ? anchor : anchor.slice(0, hash);
  return `${start.endsWith('/') ? start : `${start}/`}${selectionText(elements)}`;
}
