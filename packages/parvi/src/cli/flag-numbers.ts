// Numbers on the command line: what a flag takes, and how it is refused before anything is asked.

import { CliError } from './exit-codes.ts';

/** Whole numbers, both ends included. */
export interface WholeRange {
  readonly min: number;
  readonly max: number;
}

export const rangeText = ({ min, max }: WholeRange): string => `${min} to ${max}`;

/** @throws CliError `CLI_USAGE`, as the others here */
export function wholeNumber(text: string, flag: string, range: WholeRange): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= range.min && value <= range.max) return value;
  throw notTaken(text, flag, `a whole number from ${rangeText(range)}`);
}

export function numberOfAtLeast(text: string, flag: string, min: number): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= min) return value;
  throw notTaken(text, flag, `a number of at least ${min}`);
}

export function numberAboveZero(text: string, flag: string): number {
  const value = Number(text);
  if (value > 0) return value;
  throw notTaken(text, flag, 'a number above 0');
}

function notTaken(text: string, flag: string, wanted: string): CliError {
  return new CliError('CLI_USAGE', `${flag} takes ${wanted}, not "${text}"`);
}
