// Spans of time such as 6M as a length and a unit, the two integers that kernels work with.

/** Units of a period: years are read as twelve months. */
export const periodUnits = { days: 0, weeks: 1, months: 2 } as const;
export type PeriodUnit = (typeof periodUnits)[keyof typeof periodUnits];

export interface Period {
  readonly length: number;
  readonly unit: PeriodUnit;
}

/** Reads a tenor such as `2D`, `1W`, `6M`, `5Y`; undefined when it is none. */
export function parsePeriod(text: string): Period | undefined {
  const known = seen.get(text);
  if (known !== undefined) return known;
  const period = readPeriod(text);
  if (period !== undefined && seen.size < seenMax) seen.set(text, period);
  return period;
}

/** A portfolio uses a few tenors a million times over. */
const seen = new Map<string, Period>();
const seenMax = 1_000;

function readPeriod(text: string): Period | undefined {
  const match = /^(-?\d{1,5})([DWMY])$/.exec(text);
  if (match === null) return undefined;
  const length = Number(match[1]);
  switch (match[2]) {
    case 'D':
      return { length, unit: periodUnits.days };
    case 'W':
      return { length, unit: periodUnits.weeks };
    case 'Y':
      return { length: length * 12, unit: periodUnits.months };
    default:
      return { length, unit: periodUnits.months };
  }
}
