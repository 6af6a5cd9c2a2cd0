// Nodes that die, stand still, or come back somewhere else.

import { until } from '../apps/valuation/test/acceptance/until.ts';
import { type FaultCase, splitBrain, tradesUnderWay } from './fault-case.ts';

export const deathCases: readonly FaultCase[] = [
  {
    name: 'kill -9 of a worker',
    expected: 'four go on, and five again when it is back',
    options: () => ({ words: splitBrain('keep-majority') }),
    run: async (world) => {
      const id = await world.submit(tradesUnderWay);
      world.blow();
      await world.node(4).kill();
      await world.untilWhole([1, 2, 3, 5]);
      await world.restartEnded();
      await world.expectEachPricedOnce(id, tradesUnderWay);
    },
  },
  {
    name: 'kill -9 of a seed node',
    expected: 'it is back at the same address before it was removed',
    options: () => ({ words: splitBrain('keep-majority') }),
    run: async (world) => {
      const id = await world.submit(tradesUnderWay);
      await world.node(2).kill();
      await world.restartEnded();
      await world.expectEachPricedOnce(id, tradesUnderWay);
    },
  },
  {
    name: 'SIGSTOP for 30 s',
    expected: 'it is removed meanwhile, and ends itself when it goes on',
    options: () => ({ words: splitBrain('keep-majority') }),
    run: async (world) => {
      const id = await world.submit(tradesUnderWay);
      const stoppedMs = performance.now();
      world.blow();
      world.node(5).signal('SIGSTOP');
      await world.untilWhole([1, 2, 3, 4]);
      const over = (): boolean => performance.now() - stoppedMs >= 30_000;
      await until('30 s to be over', over, { timeoutMs: 40_000 });
      world.node(5).signal('SIGCONT');
      await world.untilEndedByThemselves([5]);
      await world.untilWhole([1, 2, 3, 4]);
      await world.restartEnded();
      await world.expectEachPricedOnce(id, tradesUnderWay);
    },
  },
  {
    name: 'address behind a name',
    expected: 'two nodes move, and are found by their names',
    options: () => ({ words: splitBrain('keep-majority'), named: true }),
    run: async (world) => {
      const id = await world.submit(tradesUnderWay);
      await world.node(4).kill();
      await world.node(2).kill();
      world.network.move(4, '10.78.0.44');
      world.network.move(2, '10.78.0.22');
      await world.restartEnded();
      await world.expectEachPricedOnce(id, tradesUnderWay);
    },
  },
];
