// Leaving the cluster as part of coordinated shutdown, phase by phase (Pekko `CoordinatedShutdownLeave`, `Cluster`).

import type { CoordinatedShutdown } from '../../actor/index.ts';
import type { Cancellable } from '../../runtime/index.ts';
import type { MemberStatus } from '../member.ts';
import { type MembershipState, selfStatus } from '../membership-state.ts';
import type { ClusterInput } from '../protocol.ts';
import type { CoreDriver } from './core-driver.ts';

/** Statuses of a node that has nothing more to ask of the cluster. */
const onItsWayOut: ReadonlySet<MemberStatus> = new Set(['Leaving', 'Exiting', 'Down', 'Removed']);
const exited: ReadonlySet<MemberStatus> = new Set(['Exiting', 'Down', 'Removed']);

export function addShutdownTasks(
  shutdown: CoordinatedShutdown,
  driver: CoreDriver,
  enqueue: (input: ClusterInput) => void,
): readonly Cancellable[] {
  const isMember = (state: MembershipState): boolean => state.phase.name === 'member';
  return [
    shutdown.addTask('cluster-leave', 'leave', () => {
      const { state } = driver;
      if (driver.isStopped || !isMember(state)) return;
      enqueue({ type: 'leave', address: state.self.address });
      return driver.until((each) => onItsWayOut.has(selfStatus(each)));
    }),
    shutdown.addTask('cluster-exiting', 'wait-exiting', () => {
      if (driver.isStopped || !isMember(driver.state)) return;
      return driver.until((each) => exited.has(selfStatus(each)));
    }),
    shutdown.addTask('cluster-exiting-done', 'exiting-completed', () => {
      if (driver.isStopped || selfStatus(driver.state) === 'Down') return;
      enqueue({ type: 'exitingCompleted' });
      return driver.until(() => false);
    }),
    shutdown.addTask('cluster-shutdown', 'wait-shutdown', () => {
      if (driver.isStopped) return;
      enqueue({ type: 'stop' });
      return driver.until(() => false);
    }),
  ];
}
