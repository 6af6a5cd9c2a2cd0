// What an option given in code may be, said once for the check and for the message. Options that come from files and
// flags have schemas; those of programs are checked by these rules, as programs need not have types.

import { durationMs } from './duration.ts';

export interface OptionRule {
  /** Follows "it takes". */
  readonly takes: string;
  readonly accepts: (value: unknown) => boolean;
}

/** A rule for each option of a section, complete by its type. */
export type OptionRules<T> = Readonly<Record<keyof T, OptionRule>>;

export interface WrongOption {
  readonly option: string;
  readonly value: unknown;
  readonly takes: string;
}

/** The first option with a value that its rule does not accept. What is `undefined` counts as left out. */
export function wrongOption(
  options: object,
  rules: Readonly<Record<string, OptionRule>>,
  section = '',
): WrongOption | undefined {
  for (const [name, rule] of Object.entries(rules)) {
    const value: unknown = Reflect.get(options, name);
    if (value === undefined || rule.accepts(value)) continue;
    return { option: `${section}${name}`, value, takes: rule.takes };
  }
  return undefined;
}

/** An option with its value, for a message that goes on with what is wrong: `port "-1"`, `port, which is not set`. */
export const optionWithValue = (option: string, value: unknown): string =>
  value === undefined ? `${option}, which is not set` : `${option} "${String(value)}"`;

const isText = (value: unknown): value is string => typeof value === 'string';

export const flag: OptionRule = {
  takes: 'true or false',
  accepts: (value) => typeof value === 'boolean',
};

export const anyText: OptionRule = { takes: 'text', accepts: isText };

export const nonEmptyText: OptionRule = {
  takes: 'text that is not empty',
  accepts: (value) => isText(value) && value !== '',
};

export const listOfTexts: OptionRule = {
  takes: 'a list of texts that are not empty',
  accepts: (value) => Array.isArray(value) && value.every(nonEmptyText.accepts),
};

export const section: OptionRule = {
  takes: 'an object',
  accepts: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
};

export function wholeNumber(min: number): OptionRule {
  return {
    takes: `a whole number of at least ${min}`,
    accepts: (value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= min,
  };
}

export function numberFrom(min: number, max = Number.MAX_VALUE): OptionRule {
  return {
    takes:
      max === Number.MAX_VALUE ? `a number of at least ${min}` : `a number from ${min} to ${max}`,
    accepts: (value) => typeof value === 'number' && value >= min && value <= max,
  };
}

export const positiveNumber: OptionRule = {
  takes: 'a number above 0',
  accepts: (value) => Number.isFinite(value) && Number(value) > 0,
};

export function durationFrom(minMs: number): OptionRule {
  const example = 'milliseconds as a number, or text such as "1s"';
  return {
    takes: minMs > 0 ? `a duration of at least ${minMs} ms: ${example}` : `a duration: ${example}`,
    accepts: (value) => {
      if (typeof value !== 'number' && !isText(value)) return false;
      try {
        return durationMs(value) >= minMs;
      } catch {
        return false;
      }
    },
  };
}

export function orOff(rule: OptionRule): OptionRule {
  return {
    takes: `"off" or ${rule.takes}`,
    accepts: (value) => value === 'off' || rule.accepts(value),
  };
}
