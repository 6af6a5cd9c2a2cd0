// Turns what a setup function returned into something a message can be looked up in. Only functions of the returned
// object itself count, or of its class: a message named `constructor` or `toString` finds nothing.

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

export function handlerTable(behavior: object): HandlerTable {
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
    for (const name of Object.getOwnPropertyNames(holder)) {
      const value: unknown = Reflect.get(holder, name);
      if (typeof value === 'function' && !functions.has(name)) {
        functions.set(name, value as HandlerFunction);
      }
    }
    holder = Object.getPrototypeOf(holder);
  }
  return functions;
}
