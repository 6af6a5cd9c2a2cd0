// Nodes of both kinds in one cluster. Both decide alike, whoever leads: what is left is one cluster, in the eyes of either.

import { until } from '../apps/valuation/test/acceptance/until.ts';
import {
  type FaultCase,
  heartbeatPause,
  partitionCase,
  sides,
  splitBrain,
  stableAfter,
  tradesUnderWay,
  unstableAfter,
} from './fault-case.ts';
import type { HostNumber } from './fault-network.ts';
import type { WorldOptions } from './fault-world.ts';

const mixed = (strategy: string, hosts: readonly HostNumber[]): WorldOptions => ({
  words: splitBrain(strategy),
  pekko: {
    hosts,
    settings: {
      'pekko.cluster.split-brain-resolver.active-strategy': strategy,
      'pekko.cluster.split-brain-resolver.stable-after': stableAfter,
      'pekko.cluster.failure-detector.acceptable-heartbeat-pause': heartbeatPause,
      'pekko.cluster.split-brain-resolver.down-all-when-unstable': unstableAfter,
    },
  },
});

export const mixedCases: readonly FaultCase[] = [
  partitionCase({
    name: 'Pekko on 2 4: partition, majority',
    needsPekko: true,
    options: () => mixed('keep-majority', [2, 4]),
    survivors: [1, 2, 5],
    cut: sides,
  }),
  partitionCase({
    name: 'Pekko on 1 4: partition, majority',
    needsPekko: true,
    options: () => mixed('keep-majority', [1, 4]),
    survivors: [1, 2, 3],
    cut: sides,
  }),
  partitionCase({
    name: 'Pekko on 1 4: partition, oldest',
    needsPekko: true,
    options: () => mixed('keep-oldest', [1, 4]),
    survivors: [1, 2],
    cut: sides,
  }),
  partitionCase({
    name: 'Pekko on 2 4: one-way',
    needsPekko: true,
    options: () => mixed('keep-majority', [2, 4]),
    survivors: [1, 2, 5],
    cut: (world, others) => world.network.cutOneWay(others, [1, 2, 5]),
  }),
  {
    name: 'Pekko on 2 4: kill -9',
    expected: 'of each kind one is killed, three go on',
    needsPekko: true,
    options: () => mixed('keep-majority', [2, 4]),
    run: async (world) => {
      const id = await world.submit(tradesUnderWay);
      world.blow();
      await Promise.all([world.node(3).kill(), world.node(4).kill()]);
      await world.untilWhole([1, 2, 5]);
      await world.restartEnded();
      await world.expectEachPricedOnce(id, tradesUnderWay);
    },
  },
  {
    name: 'Pekko on 2 4: SIGSTOP for 30 s',
    expected: 'one of each kind is removed meanwhile, and ends itself when it goes on',
    needsPekko: true,
    options: () => mixed('keep-majority', [2, 4]),
    run: async (world) => {
      const stopped = [3, 4] as const;
      const id = await world.submit(tradesUnderWay);
      const stoppedMs = performance.now();
      world.blow();
      for (const host of stopped) world.node(host).signal('SIGSTOP');
      await world.untilWhole([1, 2, 5]);
      const over = (): boolean => performance.now() - stoppedMs >= 30_000;
      await until('30 s to be over', over, { timeoutMs: 40_000 });
      for (const host of stopped) world.node(host).signal('SIGCONT');
      await world.untilEndedByThemselves(stopped);
      await world.untilWhole([1, 2, 5]);
      await world.restartEnded();
      await world.expectEachPricedOnce(id, tradesUnderWay);
    },
  },
];
