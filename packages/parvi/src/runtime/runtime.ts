// The bundle of ports that everything with a life of its own is given: the only door to time, chance and turns.

import { type Clock, systemClock } from './clock.ts';
import { type Random, systemRandom } from './random.ts';
import { systemTimers, type Timers } from './timers.ts';
import { systemTurns, type Turns } from './turns.ts';

export interface Runtime {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly turns: Turns;
}

/** The real thing. Timers do not keep the process alive: what does is a listening socket. */
export function systemRuntime(): Runtime {
  return {
    clock: systemClock,
    timers: systemTimers({ keepsProcessAlive: false }),
    random: systemRandom(),
    turns: systemTurns,
  };
}
