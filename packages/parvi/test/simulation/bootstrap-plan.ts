// What is to happen in one simulated bootstrap, by its seed: how many nodes, how they find each other, when they start,
// and what goes wrong while they do. Each kind of plan is one for which the rules promise a single cluster.

import {
  type Random,
  randomFloat,
  randomInt,
  randomPick,
  randomShuffle,
} from '../../src/runtime/index.ts';

/** How nodes find each other. */
export interface DiscoveryPlan {
  /** `list`: all that will ever be, by their hosts alone. `dns`: those that run. `named`: the same, with names and ports. */
  readonly kind: 'list' | 'dns' | 'named';
  /** How long it takes at most until a node that starts or dies is seen, differently for each viewer. */
  readonly lagMsMax: number;
  /** Chance that a node is missing from an answer, for as long as answers are partial. */
  readonly missing: number;
  readonly partialUntilMs: number;
  /** Chance of a failing lookup while answers are partial, and the time of the slowest. */
  readonly failing: number;
  readonly lookupMsMax: number;
}

export interface BootstrapPlan {
  readonly kind: 'all are required' | 'all are listed' | 'the view settles';
  readonly initial: number;
  /** Hosts beyond the first ones: they start once there is a cluster, or take the place of those that died. */
  readonly late: number;
  readonly spares: number;
  readonly required: number;
  readonly contactWithAll: boolean;
  readonly discovery: DiscoveryPlan;
  /** Of the first nodes. */
  readonly startsMs: readonly number[];
  readonly partition:
    | { readonly fromMs: number; readonly untilMs: number; readonly side: readonly number[] }
    | undefined;
  /** Deaths at random times, and of the node that has just formed a cluster. */
  readonly crashesMs: readonly number[];
  /** The node that has formed the first cluster dies a little later, or as soon as another is about to join it. */
  readonly killFounder: 'later' | 'when asked' | undefined;
  readonly replaceDead: boolean;
  /** IP addresses by host; all the same one where ports differ. */
  readonly ips: readonly string[];
  readonly sharesIp: boolean;
  /** Whether the host is a JVM node, which decides by the reference. */
  readonly isReference: readonly boolean[];
}

/** Both halves of the bytes, in which signed and unsigned order differ. */
const ips = [
  '10.0.0.200',
  '10.0.0.5',
  '10.0.0.128',
  '10.0.0.127',
  '10.0.1.9',
  '10.200.0.1',
  '10.0.0.255',
  '192.168.7.4',
  '10.0.0.66',
  '10.0.0.41',
  '172.20.0.3',
  '10.0.0.250',
  '10.0.0.130',
  '10.0.0.6',
] as const;

export function planOfSeed(seed: number, random: Random): BootstrapPlan {
  const kind = (['all are required', 'all are listed', 'the view settles'] as const)[seed % 3];
  const initial = 1 + (Math.floor(seed / 3) % 9);
  const late = initial === 1 ? 0 : randomInt(random, Math.min(initial, 4));
  const spares = 2;
  const hosts = initial + late + spares;
  const sharesIp = randomInt(random, 4) === 0;
  const base = {
    initial,
    late,
    spares,
    sharesIp,
    ips: sharesIp ? new Array<string>(hosts).fill('10.0.0.9') : randomShuffle(random, ips),
    isReference: Array.from({ length: hosts }, () => randomInt(random, 2) === 0),
    killFounder: undefined,
    replaceDead: false,
    partition: undefined,
    crashesMs: [],
    startsMs: times(random, initial, 20_000),
  };
  const mixed = randomPick(random, sharesIp ? (['named'] as const) : (['dns', 'named'] as const));
  switch (kind) {
    case 'all are listed':
      return {
        ...base,
        kind,
        required: 1 + randomInt(random, initial),
        contactWithAll: true,
        discovery: steady('list', random),
        partition: partitionAtBirth(random, initial),
        ...deaths(random),
      };
    case 'the view settles':
      return {
        ...base,
        kind,
        required: Math.min(2 + randomInt(random, 2), initial),
        contactWithAll: true,
        startsMs: times(random, initial, 2500),
        discovery: { ...steady(mixed, random), lagMsMax: 1500, lookupMsMax: 200 },
      };
    default:
      return {
        ...base,
        kind: 'all are required',
        required: initial,
        contactWithAll: randomInt(random, 2) === 0,
        discovery: {
          kind: mixed,
          lagMsMax: 8000,
          missing: randomInt(random, 2) === 0 ? 0 : 0.3 * randomFloat(random),
          partialUntilMs: 40_000,
          failing: 0.2 * randomFloat(random),
          lookupMsMax: 3200,
        },
        partition: partitionAtBirth(random, initial),
        ...deaths(random),
        replaceDead: randomInt(random, 2) === 0,
      };
  }
}

function steady(kind: DiscoveryPlan['kind'], random: Random): DiscoveryPlan {
  const lookupMsMax = 20 + randomInt(random, 500);
  return { kind, lagMsMax: 0, missing: 0, partialUntilMs: 0, failing: 0, lookupMsMax };
}

function times(random: Random, count: number, withinMs: number): number[] {
  return Array.from({ length: count }, () => randomFloat(random) * withinMs);
}

/**
 * One at a time. When the node that formed the cluster and one of the first that it admitted die within the second in
 * which the others join, these may be admitted in groups that know each other only through the dead: that is the
 * membership protocol's own limit, in Pekko as well.
 */
function deaths(random: Random): Pick<BootstrapPlan, 'crashesMs' | 'killFounder'> {
  const kind = randomInt(random, 4);
  const second = randomInt(random, 2) === 0 ? [] : [45_000 + randomFloat(random) * 10_000];
  switch (kind) {
    case 0:
      return { crashesMs: [], killFounder: 'later' };
    case 1:
      return { crashesMs: [], killFounder: 'when asked' };
    case 2:
      return { crashesMs: [], killFounder: undefined };
    default:
      return { crashesMs: [randomFloat(random) * 30_000, ...second], killFounder: undefined };
  }
}

function partitionAtBirth(random: Random, initial: number): BootstrapPlan['partition'] {
  if (initial < 2 || randomInt(random, 2) === 0) return undefined;
  const order = randomShuffle(
    random,
    Array.from({ length: initial }, (_, host) => host),
  );
  const side = order.slice(0, 1 + randomInt(random, initial - 1));
  const fromMs = randomInt(random, 2) === 0 ? 0 : randomFloat(random) * 15_000;
  return { fromMs, untilMs: fromMs + 5000 + randomFloat(random) * 40_000, side };
}
