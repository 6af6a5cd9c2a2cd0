// Networks that fall apart: the side that the strategy says survives, the others end themselves.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  type FaultCase,
  partitionCase,
  sides,
  splitBrain,
  timing,
  tradesUnderWay,
} from './fault-case.ts';
import { type HostNumber, hostNumbers } from './fault-network.ts';
import type { WorldOptions } from './fault-world.ts';

const by = (strategy: string, ...words: readonly string[]): (() => WorldOptions) => {
  return () => ({ words: splitBrain(strategy, ...words) });
};

const leaseIn = (directory: string): string => join(directory, 'lease');

/** All decide by one lease; those hosts cannot reach its store. */
function byLease(directory: string, cutOff: readonly HostNumber[] = []): WorldOptions {
  mkdirSync(leaseIn(directory));
  return {
    words: timing,
    lease: (host) => (cutOff.includes(host) ? join(directory, 'nowhere') : leaseIn(directory)),
  };
}

export const partitionCases: readonly FaultCase[] = [
  partitionCase({
    name: 'partition, majority',
    options: by('keep-majority'),
    survivors: [1, 2, 3],
    cut: sides,
  }),
  partitionCase({
    name: 'partition, oldest',
    options: by('keep-oldest'),
    survivors: [1, 4],
    cut: sides,
  }),
  partitionCase({
    name: 'partition, quorum',
    options: by('static-quorum', '--cluster.split-brain.quorum-size', '3'),
    survivors: [1, 3, 5],
    cut: sides,
  }),
  partitionCase({
    name: 'partition, lease',
    options: byLease,
    survivors: [1, 2, 3],
    cut: sides,
    check: (world, directory) => world.expectLeaseWith(leaseIn(directory), [1, 2, 3]),
  }),
  partitionCase({
    name: 'partition, lease out of reach',
    options: (directory) => byLease(directory, [3, 4, 5]),
    survivors: [1, 2],
    cut: sides,
    check: (world, directory) => world.expectLeaseWith(leaseIn(directory), [1, 2]),
  }),
  {
    name: 'partition, down-all',
    expected: 'all end themselves, and form one cluster when they are started again',
    options: by('down-all'),
    run: async (world) => {
      await world.submit(tradesUnderWay);
      world.blow();
      world.network.cut([1, 2, 3], [4, 5]);
      await world.untilEndedByThemselves(hostNumbers);
      world.network.heal();
      await world.restartEnded();
      // The job has ended with its controller; this grid is a new one, and works.
      const id = await world.submit(tradesUnderWay / 4);
      await world.expectEachPricedOnce(id, tradesUnderWay / 4);
    },
  },
  partitionCase({
    name: 'partition, three parts',
    options: by('keep-oldest'),
    survivors: [1, 2],
    cut: (world) => {
      world.network.cut([1, 2], [3, 4, 5]);
      world.network.cut([3], [4, 5]);
    },
  }),
  partitionCase({
    name: 'one-way, one node',
    options: by('keep-majority'),
    survivors: [1, 2, 3, 5],
    cut: (world, others) => world.network.cutOneWay(others, [1, 2, 3, 5]),
  }),
  partitionCase({
    name: 'one-way, two sides',
    options: by('keep-majority'),
    survivors: [1, 2, 3],
    cut: (world, others) => world.network.cutOneWay([1, 2, 3], others),
  }),
  partitionCase({
    name: 'one link of two nodes',
    options: by('keep-majority'),
    survivors: [1, 2, 3],
    cut: (world) => world.network.cut([4], [5]),
  }),
  {
    name: 'partition, 50/50',
    expected: 'of two equal sides that with the lowest address',
    options: by('keep-majority'),
    run: async (world) => {
      world.node(5).signal('SIGTERM');
      await world.untilEndedByThemselves([5]);
      await world.untilWhole([1, 2, 3, 4]);
      const id = await world.submit(tradesUnderWay);
      world.blow();
      world.network.cut([1, 3], [2, 4]);
      await world.untilEndedByThemselves([2, 4]);
      await world.untilWhole([1, 3]);
      world.network.heal();
      await world.restartEnded();
      await world.expectEachPricedOnce(id, tradesUnderWay);
    },
  },
  {
    name: 'partition, again and again',
    expected: 'each time the minority ends itself, and comes back',
    options: by('keep-majority'),
    run: async (world) => {
      const id = await world.submit(2 * tradesUnderWay);
      for (const minority of [
        [4, 5],
        [3, 5],
        [2, 4],
      ] as const) {
        world.blow();
        sides(world, minority);
        await world.untilEndedByThemselves(minority);
        world.network.heal();
        await world.restartEnded();
      }
      await world.expectEachPricedOnce(id, 2 * tradesUnderWay);
    },
  },
];
