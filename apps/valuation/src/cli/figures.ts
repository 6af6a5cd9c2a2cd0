// Figures of the grid as text.

import { countedText } from 'parvi/cli/terminal';

/** A number of trades in words. */
export const tradesText = (count: number): string => countedText(count, 'trade');

/** Money and rates alike: two decimals from a thousand on, else six significant digits. */
export function figureText(value: number | null): string {
  if (value === null) return '–';
  const size = Math.abs(value);
  if (size >= 1000)
    return value.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  return String(Number(value.toPrecision(6)));
}
