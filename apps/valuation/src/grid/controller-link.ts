// The way from one controller to another.

import type { Answer, ControllerMessage, JobQuery } from './protocol.ts';

/** Another controller, as this one can reach it. */
export interface ControllerLink {
  readonly address: string;
  /** Whether the cluster reaches it now; what cannot be reached is not asked. */
  isReachable(): boolean;
  tell(message: ControllerMessage): void;
  /** Rejects when no answer comes. */
  ask(query: JobQuery): Promise<Answer<unknown>>;
}
