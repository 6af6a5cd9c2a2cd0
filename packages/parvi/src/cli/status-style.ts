// The colour of a status: what is well, what is on its way, what wants somebody's attention.

import type { Style } from './terminal.ts';

export function styleOf(status: string, isUnreachable: boolean): Style {
  if (isUnreachable || status === 'Down') return 'red';
  return status === 'Up' ? 'green' : 'yellow';
}
