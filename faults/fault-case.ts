// What a case is, and the two kinds that most are: a split that one side survives, and a disturbance that costs nobody.

import type { HostNumber } from './fault-network.ts';
import { hostNumbers } from './fault-network.ts';
import type { FaultWorld, WorldOptions } from './fault-world.ts';

export interface FaultCase {
  readonly name: string;
  /** What is expected, for the table. */
  readonly expected: string;
  /** Whether the clocks of nodes are set. */
  readonly setsClocks?: boolean;
  /** Whether nodes of the JVM take part. */
  readonly needsPekko?: boolean;
  readonly options: (directory: string) => WorldOptions;
  readonly run: (world: FaultWorld, directory: string) => Promise<void>;
}

export const tradesUnderWay = 30_000;

/** Decisions are to come sooner than in production. */
export const stableAfter = '5s';

/**
 * On a machine that has more to do than it can, a process may stand still for seconds, and with so short a time a node
 * that is only slow would be downed. Production has the time instead.
 */
export const heartbeatPause = '8s';

/**
 * On a busy machine the members of one side find out one after the other, over seconds. That is not the unrest that all
 * must end themselves for, which with so short a time would be taken to begin after 9 s.
 */
export const unstableAfter = '30s';

export const timing: readonly string[] = [
  ...['--cluster.split-brain.stable-after', stableAfter],
  ...['--cluster.split-brain.down-all-when-unstable', unstableAfter],
  ...['--cluster.failure-detector.acceptable-heartbeat-pause', heartbeatPause],
];

export const splitBrain = (strategy: string, ...words: readonly string[]): readonly string[] => [
  ...['--cluster.split-brain.strategy', strategy],
  ...timing,
  ...words,
];

/** The times of production: what passes meanwhile costs nobody. */
export const patient = (): WorldOptions => ({
  words: ['--cluster.split-brain.strategy', 'keep-majority'],
});

export interface PartitionCaseOptions {
  readonly name: string;
  readonly options: (directory: string) => WorldOptions;
  readonly survivors: readonly HostNumber[];
  readonly needsPekko?: boolean;
  readonly cut: (world: FaultWorld, others: readonly HostNumber[]) => void;
  /** Looked at when one side is left, before the network is whole again. */
  readonly check?: (world: FaultWorld, directory: string) => Promise<void>;
}

/** A partition while a job runs, and what is left of the cluster. The host that keeps the job must survive. */
export function partitionCase(options: PartitionCaseOptions): FaultCase {
  const { name, survivors, cut } = options;
  const others = hostNumbers.filter((host) => !survivors.includes(host));
  return {
    name,
    needsPekko: options.needsPekko ?? false,
    expected: `${survivors.join(' ')} survive, ${others.join(' ')} end themselves`,
    options: options.options,
    run: async (world, directory) => {
      const id = await world.submit(tradesUnderWay);
      world.blow();
      cut(world, others);
      await world.untilEndedByThemselves(others);
      await world.untilWhole(survivors);
      await options.check?.(world, directory);
      world.network.heal();
      await world.restartEnded();
      await world.expectEachPricedOnce(id, tradesUnderWay);
    },
  };
}

export function sides(world: FaultWorld, others: readonly HostNumber[]): void {
  world.network.cut(
    hostNumbers.filter((host) => !others.includes(host)),
    others,
  );
}

/** A disturbance that must not cost a member: the same five processes are one cluster afterwards. */
export function disturbanceCase(options: {
  readonly name: string;
  readonly expected?: string;
  readonly setsClocks?: boolean;
  readonly options?: (directory: string) => WorldOptions;
  readonly disturb: (world: FaultWorld, directory: string) => Promise<void>;
}): FaultCase {
  return {
    name: options.name,
    expected: options.expected ?? 'all five stay',
    setsClocks: options.setsClocks ?? false,
    options: options.options ?? patient,
    run: async (world, directory) => {
      const id = await world.submit(tradesUnderWay);
      await options.disturb(world, directory);
      await world.untilWhole(hostNumbers);
      await world.expectEachPricedOnce(id, tradesUnderWay);
      if (world.logged('as [Down]') > 0) throw new Error('Somebody was downed');
      if (world.runningHosts().length !== 5) throw new Error('A node has ended');
    },
  };
}
