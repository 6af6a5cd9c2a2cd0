// What programs without types may hand in by mistake, refused with words instead of a TypeError from somewhere within.

import { ActorError } from './errors.ts';
import { ActorRef } from './ref.ts';

/** `action` follows "Cannot". */
export function invalidArgument(action: string, value: unknown, takes: string): ActorError {
  const shown = shownAs(value);
  return new ActorError('ACTOR_ARGUMENT_INVALID', `Cannot ${action} ${shown}: it takes ${takes}`, {
    fields: { value: shown },
  });
}

/** @throws ActorError `ACTOR_ARGUMENT_INVALID` */
export function checkRef(action: string, value: unknown): void {
  if (value instanceof ActorRef) return;
  throw invalidArgument(action, value, 'a ref, as spawn and resolveOne give it');
}

function shownAs(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null) {
    if (value instanceof Promise) return 'a promise';
    return Array.isArray(value) ? 'a list' : 'such an object';
  }
  return `"${String(value)}"`;
}
