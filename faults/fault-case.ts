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

export const stableAfter = '5s';

export const splitBrain = (strategy: string, ...words: readonly string[]): readonly string[] => [
  ...[
    '--cluster.split-brain.strategy',
    strategy,
    '--cluster.split-brain.stable-after',
    stableAfter,
  ],
  ...words,
];

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
    options: options.options ?? (() => ({ words: splitBrain('keep-majority') })),
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
