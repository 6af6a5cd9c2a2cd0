// The life of a cell: start, failure, restart, stop. Each step either happens at once or waits for something (a
// promise, the last child, the back-off) whose end calls the next step.

import { assert, toError } from '../../runtime/index.ts';
import { isPromiseLike } from '../callbacks.ts';
import { ActorError } from '../errors.ts';
import { undeliverable } from '../ref.ts';
import { type SupervisionDecision, supervise } from '../supervision.ts';
import type { Cell } from './cell.ts';
import { guarded } from './guarded.ts';
import { discardMailbox } from './mailbox-loss.ts';
import {
  type CellSignal,
  noMessage,
  statusRestarting,
  statusRunning,
  statusStarting,
  statusStopped,
  statusStopping,
  statusSuspended,
} from './signals.ts';

export function handleSignal(cell: Cell, signal: CellSignal): void {
  switch (signal.kind) {
    case 'create':
      runSetup(cell);
      return;
    case 'watch':
      cell.deathWatch.addWatcher(signal.watcher);
      return;
    case 'unwatch':
      cell.deathWatch.removeWatcher(signal.watcher);
      return;
    case 'deathWatchNotification':
      cell.deathWatch.ended(signal.actor, signal);
      return;
    case 'terminate':
      beginStop(cell);
      return;
    case 'childStopped':
      cell.children.remove(signal.child);
      childrenChanged(cell);
      return;
    case 'childFailed':
      childFailed(cell, signal.child, signal.error);
      return;
    case 'resume':
      resume(cell);
      return;
    case 'restartDue':
      cell.restartDue = true;
      childrenChanged(cell);
      return;
  }
}

/** What a stopped cell still answers. */
export function afterDeath(cell: Cell, signal: CellSignal): void {
  if (signal.kind === 'watch') cell.deathWatch.answerTooLate(signal.watcher);
}

function runSetup(cell: Cell): void {
  cell.status = statusStarting;
  try {
    const behavior = cell.recipe.setup(cell.host.contextFor(cell));
    if (isPromiseLike(behavior)) cell.await(behavior, 'setup');
    else started(cell, behavior);
  } catch (thrown) {
    fail(cell, toError(thrown));
  }
}

/** Setup has returned. @throws ActorError `ACTOR_OPTION_INVALID` when that is no object of handlers */
export function started(cell: Cell, behavior: unknown): void {
  cell.install(behavior);
  cell.status = statusRunning;
}

/** The actor threw, or a promise that it waited for was rejected. */
export function fail(cell: Cell, error: Error): void {
  if (cell.status >= statusStopping) {
    cell.host.log.error({ actor: cell.ref.path, error }, 'Actor failed while stopping');
    return;
  }
  cell.host.counts.failed();
  if (cell.message !== noMessage) {
    cell.sender?.[undeliverable]('handlerFailed', cell.ref.path, error);
  }
  const decision = decide(cell, error);
  cell.failure = error;
  report(cell, error, decision);
  switch (decision.directive) {
    case 'resume':
      return;
    case 'stop':
      beginStop(cell);
      return;
    case 'escalate':
      escalate(cell, error);
      return;
    case 'restart':
      cell.history = decision.history;
      beginRestart(cell, error, decision.delayMs);
      return;
  }
}

function decide(cell: Cell, error: Error): SupervisionDecision {
  const { clock, random } = cell.host.runtime;
  try {
    const failure = { error, history: cell.history, nowMs: clock.nowMs() };
    const decision = supervise(cell.supervision, failure, random);
    // Without handlers there is nothing to go on with.
    const cannotResume = cell.table === undefined || cell.status === statusStarting;
    return decision.directive === 'resume' && cannotResume ? { directive: 'stop' } : decision;
  } catch (thrown) {
    cell.host.log.error(
      { actor: cell.ref.path, error: toError(thrown) },
      'Supervision itself failed, so the actor is stopped',
    );
    return { directive: 'stop' };
  }
}

function report(cell: Cell, error: Error, decision: SupervisionDecision): void {
  const fields = { actor: cell.ref.path, error, supervision: decision.directive };
  const { log } = cell.host;
  if (decision.directive === 'restart') {
    const delayMs = Math.round(decision.delayMs);
    log.error({ ...fields, attempt: decision.attempt, delayMs }, 'Actor failed and is restarted');
  } else if (decision.directive === 'resume') {
    log.warn(fields, 'Actor failed and goes on with the next message');
  } else if (decision.directive === 'stop') {
    log.error(fields, 'Actor failed and is stopped');
  } else {
    log.error(fields, 'Actor failed and its parent decides');
  }
}

function escalate(cell: Cell, error: Error): void {
  cell.status = statusSuspended;
  if (cell.parent === undefined) cell.host.guardianFailed(cell, error);
  else cell.parent.signal({ kind: 'childFailed', child: cell, error });
}

/** A parent that is not at work itself decides about the child together with its own fate. */
function childFailed(cell: Cell, child: Cell, cause: Error): void {
  if (cell.status !== statusRunning) return;
  const error = new ActorError(
    'ACTOR_CHILD_FAILED',
    `Child "${child.name}" of "${cell.localPath}" failed: ${cause.message}`,
    { fields: { child: child.localPath }, cause },
  );
  fail(cell, error);
  if (cell.status === statusRunning) child.signal({ kind: 'resume' });
}

function resume(cell: Cell): void {
  if (cell.status !== statusSuspended) return;
  if (cell.table === undefined) {
    beginStop(cell);
    return;
  }
  cell.status = statusRunning;
  for (const child of cell.children) {
    if (child.status === statusSuspended) child.signal({ kind: 'resume' });
  }
}

function beginRestart(cell: Cell, error: Error, delayMs: number): void {
  cell.status = statusRestarting;
  cell.restartDue = false;
  cell.timers.cancelAll();
  cell.host.runtime.timers.after(delayMs, () => cell.signal({ kind: 'restartDue' }));
  runHook(cell, 'onRestart', error);
}

/** Ends the actor: its children first. */
export function beginStop(cell: Cell): void {
  if (cell.status >= statusStopping) return;
  cell.status = statusStopping;
  cell.timers.cancelAll();
  cell.children.stopAll();
  childrenChanged(cell);
}

/** The old incarnation has had its say; what belonged to it goes. */
function endIncarnation(cell: Cell): void {
  cell.incarnation++;
  cell.table = undefined;
  // Its last words may have started some.
  cell.timers.cancelAll();
  cell.deathWatch.unwatchAll();
  cell.functionRefs.close();
  cell.stash.release();
  cell.children.stopAll();
  childrenChanged(cell);
}

/** Goes on with a restart or stop once nothing is left to wait for. */
function childrenChanged(cell: Cell): void {
  if (cell.children.size > 0) return;
  if (cell.status === statusRestarting && cell.restartDue && cell.table === undefined) {
    cell.host.counts.restarted();
    runSetup(cell);
  } else if (cell.status === statusStopping) {
    runHook(cell, 'onStop');
  }
}

function runHook(cell: Cell, hook: 'onRestart' | 'onStop', error?: Error): void {
  const table = cell.table;
  try {
    const result = table?.[hook]?.call(table.behavior, error);
    if (isPromiseLike(result)) {
      cell.await(result, hook);
      return;
    }
  } catch (thrown) {
    hookSettled(cell, hook, toError(thrown));
    return;
  }
  hookSettled(cell, hook, undefined);
}

export function hookSettled(
  cell: Cell,
  hook: 'onRestart' | 'onStop',
  error: Error | undefined,
): void {
  if (error !== undefined) {
    cell.host.log.error({ actor: cell.ref.path, error }, `Actor failed in ${hook}`);
  }
  if (hook === 'onRestart') endIncarnation(cell);
  else finishStop(cell);
}

function finishStop(cell: Cell): void {
  assert(cell.children.size === 0, 'an actor ends after its children');
  cell.status = statusStopped;
  cell.table = undefined;
  cell.functionRefs.close();
  guarded(cell, 'bury what waited for it', () => {
    cell.stash.release();
    discardMailbox(cell);
  });
  cell.deathWatch.unwatchAll();
  if (cell.parent === undefined) {
    cell.host.guardianStopped(cell);
  } else {
    cell.parent.signal({ kind: 'childStopped', child: cell });
    cell.host.counts.stopped();
  }
  cell.deathWatch.tellWatchers();
}
