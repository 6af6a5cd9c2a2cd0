// The outcome of a promise on its way back to the actor that piped it to itself.

import { toError } from '../../runtime/index.ts';
import type { Cell } from './cell.ts';
import { invokeConverted } from './converted.ts';
import type { Envelope } from './signals.ts';

class Piped implements Envelope {
  readonly incarnation: number;
  readonly outcome: unknown;
  readonly convert: (outcome: never) => unknown;

  constructor(incarnation: number, outcome: unknown, convert: (outcome: never) => unknown) {
    this.incarnation = incarnation;
    this.outcome = outcome;
    this.convert = convert;
  }

  deliver(cell: Cell): unknown {
    if (this.incarnation === cell.incarnation) {
      return invokeConverted(cell, this.convert(this.outcome as never), undefined);
    }
    cell.drop(this.outcome, undefined, 'earlierIncarnation');
    return undefined;
  }

  discard(cell: Cell): void {
    cell.drop(this.outcome, undefined, 'recipientStopped');
  }
}

export function pipeTo<T>(
  cell: Cell,
  promise: Promise<T>,
  onValue: (value: T) => unknown,
  onError: (error: Error) => unknown,
): void {
  const { incarnation } = cell;
  promise.then(
    (value) => cell.enqueue(new Piped(incarnation, value, onValue)),
    (thrown: unknown) => cell.enqueue(new Piped(incarnation, toError(thrown), onError)),
  );
}
