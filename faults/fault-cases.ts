// What is done to five nodes, and what must come of it. In every case a job runs on the grid meanwhile, the nodes that
// are to go end themselves, and after healing and starting again what has ended there is one cluster of five.

import { deathCases } from './death-cases.ts';
import { disturbanceCases } from './disturbance-cases.ts';
import type { FaultCase } from './fault-case.ts';
import { mixedCases } from './mixed-cases.ts';
import { partitionCases } from './partition-cases.ts';

export const faultCases: readonly FaultCase[] = [
  ...partitionCases,
  ...disturbanceCases,
  ...deathCases,
  ...mixedCases,
];
