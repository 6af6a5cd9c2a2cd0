// What a cell needs from the actor system around it.

import type { Logger, Tracing } from '../../observe/index.ts';
import type { Runtime } from '../../runtime/index.ts';
import type { DeadLetters } from '../dead-letters.ts';
import type { AskDoor } from '../ref.ts';
import type { Cell } from './cell.ts';
import type { Dispatcher } from './dispatcher.ts';

/** How many actors started, stopped, failed and were restarted. */
export interface ActorCounts {
  started(): void;
  stopped(): void;
  failed(): void;
  restarted(): void;
}

export interface CellHost {
  readonly asks: AskDoor;
  readonly dispatcher: Dispatcher;
  readonly deadLetters: DeadLetters;
  readonly runtime: Runtime;
  readonly log: Logger;
  readonly tracing: Tracing | undefined;
  readonly counts: ActorCounts;
  /** `pekko://system` or, once remoting has set the address, `pekko://system@host:port`. */
  readonly refPrefix: string;
  /** The context handed to a setup function. */
  contextFor(cell: Cell): never;
  /** A failure was escalated beyond a guardian. */
  guardianFailed(guardian: Cell, error: Error): void;
  guardianStopped(guardian: Cell): void;
}
