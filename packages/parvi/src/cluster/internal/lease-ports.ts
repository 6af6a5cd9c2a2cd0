// Turns the outcomes of lease operations into inputs of the state machine. Without a lease nothing is ever held, so
// that a side that needs one gives up. The same where a lease does not answer: what holds it hangs, most likely, in the
// very cut about which is to be decided.

import type { Logger } from '../../observe/index.ts';
import { type Timers, toError } from '../../runtime/index.ts';
import type { Lease } from '../lease.ts';
import type { ClusterInput } from '../protocol.ts';
import type { DriverPorts } from './core-driver.ts';

/** Twice what Pekko's leases give an operation (`lease-operation-timeout`); ours are to reject before. */
export const leaseAnswerMsMax = 10_000;

export interface LeasePortsOptions {
  readonly lease: Lease | undefined;
  readonly timers: Timers;
  readonly log: Logger;
  readonly enqueue: (input: ClusterInput) => void;
}

export function leasePorts({
  lease,
  timers,
  log,
  enqueue,
}: LeasePortsOptions): Pick<DriverPorts, 'acquireLease' | 'releaseLease'> {
  const failed = (what: string, thrown: unknown): void => {
    log.warn({ error: toError(thrown) }, `The lease could not be ${what}`);
  };
  /** Calls back once with the outcome; `false` when it fails, or does not come in time. `late` hears what comes after. */
  const settle = (
    what: string,
    operation: () => Promise<boolean>,
    done: (outcome: boolean) => void,
    late: (outcome: boolean) => void = () => undefined,
  ): void => {
    let isOver = false;
    const over = (outcome: boolean): void => {
      if (isOver) {
        late(outcome);
        return;
      }
      isOver = true;
      limit.cancel();
      done(outcome);
    };
    const limit = timers.after(leaseAnswerMsMax, () => {
      failed(what, new Error(`no answer within ${leaseAnswerMsMax} ms`));
      over(false);
    });
    (async () => operation())().then(
      (outcome) => over(outcome === true),
      (thrown: unknown) => {
        failed(what, thrown);
        over(false);
      },
    );
  };
  return {
    acquireLease() {
      settle(
        'acquired',
        async () => lease?.acquire(() => enqueue({ type: 'leaseLost' })) ?? false,
        (held) => enqueue({ type: 'leaseAcquired', held }),
        // By now this side counts as the one that has it not.
        (held) => {
          if (held) void lease?.release().catch((thrown: unknown) => failed('released', thrown));
        },
      );
    },
    releaseLease() {
      settle(
        'released',
        async () => lease?.release() ?? true,
        (released) => enqueue({ type: 'leaseReleased', released }),
      );
    },
  };
}
