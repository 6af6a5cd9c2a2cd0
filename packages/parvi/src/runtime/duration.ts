// Durations as people write them: a number of milliseconds, or a number with a unit.

import { ParviError } from './errors.ts';

export type DurationUnit = 'ms' | 's' | 'm' | 'h' | 'd';

/** Milliseconds, or text such as `'1s'`, `'250ms'`, `'1.5m'`. */
export type Duration = number | `${number}${DurationUnit}` | `${number} ${DurationUnit}`;

const unitMs: Readonly<Record<DurationUnit, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const pattern = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/;

/**
 * The duration in milliseconds.
 *
 * @throws ParviError `DURATION_INVALID` when the text has no number and unit, or the number is negative or not finite.
 */
export function durationMs(duration: Duration | string, name = 'duration'): number {
  const ms = typeof duration === 'number' ? duration : parse(duration);
  if (!Number.isFinite(ms) || ms < 0) {
    throw new ParviError(
      'DURATION_INVALID',
      `Cannot read ${name} "${duration}" as a duration: give milliseconds as a number, or a number with one of the units ms, s, m, h, d, such as "1s"`,
      { fields: { name, value: duration } },
    );
  }
  return ms;
}

/** Programs without types give anything. */
function parse(text: unknown): number {
  if (typeof text !== 'string') return Number.NaN;
  const match = pattern.exec(text.trim());
  if (match === null) return Number.NaN;
  return Number(match[1]) * unitMs[match[2] as DurationUnit];
}

/** A duration for people: `850 ms`, `12.3 s`, `2 m 05 s`, `1 h 02 m`. */
export function durationText(ms: number): string {
  if (Math.round(ms) < 1000) return `${Math.round(ms)} ms`;
  if (Math.round(ms / 100) < 600) return `${(ms / 1000).toFixed(1)} s`;
  const pad = (value: number): string => String(value).padStart(2, '0');
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${pad(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${pad(Math.floor((seconds % 3600) / 60))} m`;
}
