// What a local grid says when one of its processes ends on its own.

import { countedText } from 'parvi/cli/terminal';

export interface NodeEnd {
  /** `controller 127.0.0.1:25520` or `worker-1`. */
  readonly name: string;
  readonly role: 'controller' | 'worker';
  /** A signal or an exit code. */
  readonly how: string;
}

export interface NodesLeft {
  readonly workers: number;
  /** Where the page was, and where a controller that is left has it. */
  readonly pageBefore: string | undefined;
  readonly page: string | undefined;
}

/** The end in one line, with what it means for who works with the grid. */
export function endLine(end: NodeEnd, left: NodesLeft): string {
  return `${end.name} ended (${end.how}); ${end.role === 'controller' ? pageText(left) : workersText(left.workers)}`;
}

function pageText({ pageBefore, page }: NodesLeft): string {
  if (page === undefined) return 'no controller is left';
  return `the page is ${page === pageBefore ? 'still' : 'now'} at ${page}`;
}

function workersText(workers: number): string {
  if (workers === 0) return 'no worker is left, so jobs wait until one joins: npm run worker';
  return `${countedText(workers, 'worker')} ${workers === 1 ? 'is' : 'are'} left`;
}
