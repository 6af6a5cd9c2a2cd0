// Turns what a setup function returned into something a message can be looked up in. Only functions of the returned
// object itself count, or of its class: a message named `constructor` or `toString` finds nothing. Getters are not called.

import { ActorError } from '../errors.ts';

export type HandlerFunction = (this: unknown, ...args: unknown[]) => unknown;

export interface HandlerTable {
  /** What handlers see as `this`. */
  readonly behavior: object;
  readonly handlers: ReadonlyMap<unknown, HandlerFunction>;
  readonly onMessage: HandlerFunction | undefined;
  readonly onTerminated: HandlerFunction | undefined;
  readonly onRestart: HandlerFunction | undefined;
  readonly onStop: HandlerFunction | undefined;
}

const signalNames: ReadonlySet<string> = new Set([
  'constructor',
  'onMessage',
  'onTerminated',
  'onRestart',
  'onStop',
]);

/** Behaviours that actors switch between again and again are looked through once. */
const known = new WeakMap<object, HandlerTable>();

/** @throws ActorError `ACTOR_OPTION_INVALID` when that is no object */
export function handlerTable(behavior: unknown, actor: string): HandlerTable {
  if (typeof behavior !== 'object' || behavior === null) {
    throw new ActorError(
      'ACTOR_OPTION_INVALID',
      `Cannot run "${actor}" with ${String(behavior)} as its handlers: its setup, or become(), must give an object of handlers`,
      { fields: { actor } },
    );
  }
  const found = known.get(behavior);
  if (found !== undefined) return found;
  const functions = functionsOf(behavior);
  const onMessage = functions.get('onMessage');
  const byType = [...functions].filter(([name]) => !signalNames.has(name));
  const table: HandlerTable = {
    behavior,
    handlers: new Map(onMessage === undefined ? byType : []),
    onMessage,
    onTerminated: functions.get('onTerminated'),
    onRestart: functions.get('onRestart'),
    onStop: functions.get('onStop'),
  };
  known.set(behavior, table);
  return table;
}

function functionsOf(behavior: object): Map<string, HandlerFunction> {
  const functions = new Map<string, HandlerFunction>();
  let holder: unknown = behavior;
  while (typeof holder === 'object' && holder !== null && holder !== Object.prototype) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(holder))) {
      if (typeof value === 'function' && !functions.has(name)) functions.set(name, value);
    }
    holder = Object.getPrototypeOf(holder);
  }
  return functions;
}
