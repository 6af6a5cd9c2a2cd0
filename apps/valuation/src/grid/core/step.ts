// The scheduling of a controller as one pure function: an event in, the new state and the effects out.

import {
  chunkDeadlines,
  chunkDone,
  chunkFailed,
  chunkStarted,
  chunkStored,
} from './chunk-events.ts';
import type { ControllerState, GridEffect, GridEvent } from './controller-state.ts';
import { handOut } from './hand-out.ts';
import { inputEnded, jobAdded, jobStopped, tradesAppended } from './job-events.ts';
import { jobAdopted, jobFrozen, jobSealed, jobThawed } from './move-events.ts';
import { Turn } from './turn.ts';
import { silentWorkers, workerLeft, workerLost, workerStatus } from './worker-events.ts';

/**
 * The state after an event, and what is to be done. Promises: every trade of a job that ends as `completed` was stored
 * exactly once; a chunk is never at two workers that are both thought to be alive.
 */
export function step(
  state: ControllerState,
  event: GridEvent,
  now: number,
): { readonly state: ControllerState; readonly effects: readonly GridEffect[] } {
  const turn = new Turn(state, now);
  apply(turn, event);
  handOut(turn);
  return turn.end();
}

function apply(turn: Turn, event: GridEvent): void {
  switch (event.kind) {
    case 'jobAdded':
      jobAdded(turn, event.spec);
      break;
    case 'tradesAppended':
      tradesAppended(turn, event.job, event.available);
      break;
    case 'inputEnded':
      inputEnded(turn, event.job);
      break;
    case 'jobStopped':
      jobStopped(turn, event.job, event.phase);
      break;
    case 'jobRemoved':
      jobStopped(turn, event.job, 'cancelled');
      turn.removeJob(event.job);
      break;
    case 'jobFrozen':
      jobFrozen(turn, event.job);
      break;
    case 'jobSealed':
      jobSealed(turn, event.job);
      break;
    case 'jobThawed':
      jobThawed(turn, event.job);
      break;
    case 'jobAdopted':
      jobAdopted(turn, event.job);
      break;
    case 'jobMoved':
      turn.removeJob(event.job);
      break;
    case 'workerStatus':
      workerStatus(turn, event);
      break;
    case 'workerUnreachable':
      workerLost(turn, event.worker, false);
      break;
    case 'workerGone':
      workerLost(turn, event.worker, true);
      break;
    case 'workerLeft':
      workerLeft(turn, event.worker);
      break;
    case 'chunkStarted':
      chunkStarted(turn, event);
      break;
    case 'chunkDone':
      chunkDone(turn, event);
      break;
    case 'chunkFailed':
      chunkFailed(turn, event);
      break;
    case 'chunkStored':
      chunkStored(turn, event);
      break;
    case 'tick':
      silentWorkers(turn);
      chunkDeadlines(turn);
      break;
  }
}
