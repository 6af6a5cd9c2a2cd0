// What is done to five nodes, and what must come of it. In every case a job runs on the grid meanwhile, the nodes that
// are to go end themselves, and after healing and starting again what has ended there is one cluster of five.

import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { until } from '../apps/valuation/test/acceptance/until.ts';
import { fakeTime, setOffset } from './fake-time.ts';
import type { HostNumber } from './fault-network.ts';
import { hostNumbers } from './fault-network.ts';
import type { FaultWorld, WorldOptions } from './fault-world.ts';

export interface FaultCase {
  readonly name: string;
  /** What is expected, for the table. */
  readonly expected: string;
  /** Whether the clocks of nodes are set. */
  readonly setsClocks?: boolean;
  readonly options?: (directory: string) => WorldOptions;
  readonly run: (world: FaultWorld, directory: string) => Promise<void>;
}

const tradesUnderWay = 60_000;

const splitBrain = (strategy: string, ...words: readonly string[]): readonly string[] => [
  ...['--cluster.split-brain.strategy', strategy, '--cluster.split-brain.stable-after', '5s'],
  ...words,
];

/** A partition while a job runs, and what is left of the cluster. The first host keeps the job and must survive. */
function partitionCase(options: {
  readonly name: string;
  readonly words: readonly string[];
  readonly survivors: readonly HostNumber[];
  readonly cut: (world: FaultWorld, others: readonly HostNumber[]) => void;
}): FaultCase {
  const { name, words, survivors, cut } = options;
  const others = hostNumbers.filter((host) => !survivors.includes(host));
  return {
    name,
    expected: `${survivors.join(' ')} survive, ${others.join(' ')} end themselves`,
    options: () => ({ words }),
    run: async (world) => {
      const id = await world.submit(tradesUnderWay);
      cut(world, others);
      await world.untilEndedByThemselves(others);
      await world.untilWhole(survivors);
      world.network.heal();
      await world.restartEnded();
      await world.expectEachPricedOnce(id, tradesUnderWay);
    },
  };
}

function sides(world: FaultWorld, others: readonly HostNumber[]): void {
  world.network.cut(
    hostNumbers.filter((host) => !others.includes(host)),
    others,
  );
}

/** A disturbance that must not cost a member: the same five processes are one cluster afterwards. */
function disturbanceCase(options: {
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

const partitions: readonly FaultCase[] = [
  partitionCase({
    name: 'partition, majority',
    words: splitBrain('keep-majority'),
    survivors: [1, 2, 3],
    cut: sides,
  }),
  partitionCase({
    name: 'partition, oldest',
    words: splitBrain('keep-oldest'),
    survivors: [1, 4],
    cut: sides,
  }),
  partitionCase({
    name: 'partition, quorum',
    words: splitBrain('static-quorum', '--cluster.split-brain.quorum-size', '3'),
    survivors: [1, 3, 5],
    cut: sides,
  }),
  partitionCase({
    name: 'partition, three parts',
    words: splitBrain('keep-oldest'),
    survivors: [1, 2],
    cut: (world) => {
      world.network.cut([1, 2], [3, 4, 5]);
      world.network.cut([3], [4, 5]);
    },
  }),
  partitionCase({
    name: 'one-way, one node',
    words: splitBrain('keep-majority'),
    survivors: [1, 2, 3, 5],
    cut: (world, others) => world.network.cutOneWay(others, [1, 2, 3, 5]),
  }),
  partitionCase({
    name: 'one link of two nodes',
    words: splitBrain('keep-majority'),
    survivors: [1, 2, 3],
    cut: (world) => world.network.cut([4], [5]),
  }),
  {
    name: 'partition, 50/50',
    expected: 'of two equal sides that with the lowest address',
    options: () => ({ words: splitBrain('keep-majority') }),
    run: async (world) => {
      await world.node(5).end('SIGTERM', 30_000);
      await world.untilWhole([1, 2, 3, 4]);
      const id = await world.submit(tradesUnderWay);
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
    options: () => ({ words: splitBrain('keep-majority') }),
    run: async (world) => {
      const id = await world.submit(2 * tradesUnderWay);
      for (const minority of [
        [4, 5],
        [3, 5],
        [2, 4],
      ] as const) {
        sides(world, minority);
        await world.untilEndedByThemselves(minority);
        world.network.heal();
        await world.restartEnded();
      }
      await world.expectEachPricedOnce(id, 2 * tradesUnderWay);
    },
  },
];

const patient = (): WorldOptions => ({
  words: ['--cluster.split-brain.strategy', 'keep-majority'],
});

const fullLoop = (): Readonly<Record<string, string>> => ({
  NODE_OPTIONS: `--import=${fileURLToPath(new URL('./full-loop.mjs', import.meta.url))}`,
  FAULTS_FULL_LOOP_MS: '10000',
});

const disturbances: readonly FaultCase[] = [
  disturbanceCase({
    name: 'partition, healed in time',
    options: patient,
    disturb: async (world) => {
      for (let i = 0; i < 2; i++) {
        world.network.cut([1, 2, 3], [4, 5]);
        await world.untilUnreachable(1, 2);
        world.network.heal();
        await world.untilWhole(hostNumbers);
      }
    },
  }),
  disturbanceCase({
    name: 'flapping link',
    options: patient,
    disturb: async (world) => {
      for (let i = 0; i < 12; i++) {
        world.network.cut([5], [1, 2, 3, 4]);
        await pause(900);
        world.network.heal();
        await pause(700);
      }
    },
  }),
  disturbanceCase({
    name: 'delay and loss',
    disturb: async (world) => {
      world.network.link({ delayMs: 60, jitterMs: 30, loss: 0.03 });
      await pause(15_000);
      await world.untilWhole(hostNumbers);
      world.network.link({});
    },
  }),
  disturbanceCase({
    name: 'full event loop, 10 s',
    options: () => ({ ...patient(), environment: fullLoop }),
    disturb: async (world) => {
      world.node(5).signal('SIGUSR2');
      await world.untilUnreachable(1, 1);
    },
  }),
  disturbanceCase({
    name: 'address of a live node',
    expected: 'it is found again by its name, all five stay',
    options: () => ({ ...patient(), named: true }),
    disturb: async (world) => {
      world.network.move(5, '10.78.0.55');
      await world.untilUnreachable(1, 1);
    },
  }),
  disturbanceCase({
    name: 'clock jumps',
    setsClocks: true,
    options: (directory) => ({
      words: splitBrain('keep-majority'),
      environment: (host) => (host === 2 || host === 3 ? fakeTime(directory, host) : {}),
    }),
    disturb: async (world, directory) => {
      const jump = async (host: HostNumber, offset: string): Promise<void> => {
        setOffset(directory, host, offset);
        await pause(4000);
        await world.untilWhole(hostNumbers);
      };
      await jump(3, '+3600');
      await jump(3, '-7200');
      await jump(2, '+86400');
      const ahead = Date.parse((await world.view(2)).at) - Date.now();
      if (!(ahead > 86_000_000)) throw new Error(`The clock of host 2 is ${ahead} ms ahead`);
      await jump(2, '+0');
    },
  }),
];

const deaths: readonly FaultCase[] = [
  {
    name: 'kill -9 of a worker',
    expected: 'four go on, and five again when it is back',
    options: () => ({ words: splitBrain('keep-majority') }),
    run: async (world) => {
      const id = await world.submit(tradesUnderWay);
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

export const faultCases: readonly FaultCase[] = [...partitions, ...disturbances, ...deaths];
