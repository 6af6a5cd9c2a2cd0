// The kinds of options that configuration files and environments have and zod has not, and what is said beside them.

import { z } from 'zod';
import { durationMs } from '../runtime/index.ts';

/** What an option may say of itself beside its description. */
export interface OptionMeta {
  /** The value is shown as asterisks wherever options are shown. */
  readonly secret?: boolean;
  /** What stands as its default in the reference when that depends on the machine. */
  readonly defaultText?: string;
  /** Names that deployments know the option by; the first that is set counts, and the derived name before them all. */
  readonly names?: readonly string[];
}

declare module 'zod' {
  interface GlobalMeta extends OptionMeta {}
}

/** The names under which deployments of Akka and Pekko clusters tell a node who it is, most specific first. */
export const deploymentNames = Object.freeze({
  system: ['ACTORSYSTEM'],
  host: ['HOST_NAME', 'CLUSTER_IP'],
  port: ['HOST_PORT', 'CLUSTER_PORT', 'PORT'],
  seedNodes: ['SEED_NODES', 'CLUSTER_SEEDS'],
  seedPort: ['SEED_PORT'],
  roles: ['ROLES'],
} as const);

/** A duration in any spelling (`'1s'`, `250`), in milliseconds once read; `minMs` where 0 is none. */
export function duration({ minMs = 0 }: { readonly minMs?: number } = {}) {
  const hint = minMs > 0 ? `${durationHint}; at least ${minMs} ms` : durationHint;
  return z.union([z.number(), z.string()], { error: hint }).transform((value, context) => {
    try {
      const ms = durationMs(value);
      if (ms >= minMs) return ms;
    } catch {
      // The same answer as for one that is too short.
    }
    context.addIssue({ code: 'custom', message: hint });
    return z.NEVER;
  });
}

const durationHint =
  'give milliseconds as a number, or a number with one of the units ms, s, m, h, d, such as "1s"';

/** A TCP or UDP port; `free: true` also lets 0 stand for any free one. */
export function port(options: { readonly free?: boolean } = {}) {
  return z
    .int()
    .min(options.free === true ? 0 : 1)
    .max(65_535);
}

/** What a section of plain settings looks like once read. */
export type Settings = Readonly<Record<string, number | boolean>>;

type SettingsShape<T> = { [K in keyof T]: z.ZodType<T[K] extends boolean ? boolean : number> };

/**
 * A section made from a record of defaults and a sentence for each: names ending in `Ms` are durations, other
 * numbers are numbers of zero or more, the rest is on or off.
 */
export function settingsSection<T extends Settings>(
  defaults: T,
  effects: { readonly [K in keyof T]: string },
): z.ZodObject<SettingsShape<T>> {
  const shape: Record<string, z.ZodType> = {};
  for (const [name, value] of Object.entries(defaults)) {
    shape[name] = setting(name, value).describe(effects[name] as string);
  }
  return z.object(shape as SettingsShape<T>);
}

function setting(name: string, value: number | boolean): z.ZodType {
  if (typeof value === 'boolean') return z.boolean().default(value);
  if (name.endsWith('Ms')) return duration().default(value);
  return (Number.isInteger(value) ? z.int() : z.number()).min(0).default(value);
}
