// Disturbances that pass: nobody may be downed for them.

import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { fakeTime, setOffset } from './fake-time.ts';
import { disturbanceCase, type FaultCase, patient } from './fault-case.ts';
import { type HostNumber, hostNumbers } from './fault-network.ts';

const fullLoop = (): Readonly<Record<string, string>> => ({
  NODE_OPTIONS: `--import=${fileURLToPath(new URL('./full-loop.mjs', import.meta.url))}`,
  FAULTS_FULL_LOOP_MS: '10000',
});

export const disturbanceCases: readonly FaultCase[] = [
  disturbanceCase({
    name: 'partition, healed in time',
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
    disturb: async (world) => {
      // TCP repeats after 0.2 s, 0.4 s, 0.8 s and so on. With a period of 1.6 s every repeat would fall into a gap, and the
      // link would be not flapping but cut.
      for (let i = 0; i < 12; i++) {
        world.network.cut([5], [1, 2, 3, 4]);
        await pause(900);
        world.network.heal();
        await pause(800);
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
      ...patient(),
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
