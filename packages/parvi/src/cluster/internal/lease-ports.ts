// Turns the outcomes of lease operations into inputs of the state machine. Without a lease nothing is ever held, so
// that a side that needs one gives up.

import type { Lease } from '../lease.ts';
import type { ClusterInput } from '../protocol.ts';
import type { DriverPorts } from './core-driver.ts';

export function leasePorts(
  lease: Lease | undefined,
  enqueue: (input: ClusterInput) => void,
): Pick<DriverPorts, 'acquireLease' | 'releaseLease'> {
  const acquired = (held: boolean): void => enqueue({ type: 'leaseAcquired', held });
  const released = (done: boolean): void => enqueue({ type: 'leaseReleased', released: done });
  return {
    acquireLease() {
      const outcome =
        lease?.acquire(() => enqueue({ type: 'leaseLost' })) ?? Promise.resolve(false);
      outcome.then(acquired, () => acquired(false));
    },
    releaseLease() {
      const outcome = lease?.release() ?? Promise.resolve(true);
      outcome.then(released, () => released(false));
    },
  };
}
