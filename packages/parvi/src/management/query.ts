// Parameters of our own routes: whole numbers within bounds.

import { textAnswer } from './answers.ts';
import { RequestRefused } from './errors.ts';

export interface WholeNumber {
  readonly name: string;
  readonly default: number;
  readonly min: number;
  readonly max: number;
}

/** @throws RequestRefused 400 when it is none, or out of bounds */
export function wholeNumberOf(query: URLSearchParams, wanted: WholeNumber): number {
  const { name, min, max } = wanted;
  const text = query.get(name);
  if (text === null) return wanted.default;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  const shown = text.slice(0, 100);
  throw new RequestRefused(
    textAnswer(
      400,
      `The query parameter '${name}' is "${shown}": it takes a whole number from ${min} to ${max}`,
    ),
  );
}
