// What a simulated cluster is configured with, by its seed: all split-brain strategies have their turn.

import { type ClusterSettings, clusterSettings, type SplitBrainOptions } from '../cluster/index.ts';
import { MemoryLease } from './memory-lease.ts';

export function settingsOfSeed(seed: number, nodes: number): ClusterSettings {
  const splitBrain = strategyOfSeed(Math.floor(Math.abs(seed) / 4), nodes);
  // Eight nodes and fewer are all monitored by all with the default, and the ring is of no account.
  const monitoredByMembers = Math.abs(seed) % 4 === 1 ? 3 : 9;
  const membersMin = Math.abs(seed) % 3 === 0 ? 3 : 1;
  return clusterSettings({ splitBrain, membersMin, failureDetector: { monitoredByMembers } });
}

function strategyOfSeed(number: number, nodes: number): SplitBrainOptions {
  switch (number % 7) {
    case 1:
      return { strategy: 'static-quorum', quorumSize: Math.floor(nodes / 2) + 1 };
    case 2:
      return { strategy: 'keep-oldest' };
    case 3:
      return { strategy: 'lease-majority', lease: new MemoryLease().for('the simulation') };
    case 4:
      return { strategy: 'down-all' };
    case 5:
      return { strategy: 'keep-oldest', downIfAlone: false };
    default:
      return { strategy: 'keep-majority' };
  }
}
