// An actor system in manual time, with a log that is kept: the shortest way to a test of one's own actors.

import {
  type ActorRef,
  ActorSystem,
  type ActorSystemCreateOptions,
  type ActorSystemPorts,
  type DeadLetter,
  deadLetterEvent,
} from '../actor/index.ts';
import { type MemoryLog, memoryLog } from '../observe/index.ts';
import { ManualTime } from './manual-time.ts';
import { Probe } from './probe.ts';

export interface TestSystemOptions extends Partial<ActorSystemCreateOptions> {
  /** Seed of the system's randomness; by default 1. */
  readonly seed?: number;
  /** By default a time of its own; one time may be shared by several systems. */
  readonly time?: ManualTime;
  readonly ports?: Omit<ActorSystemPorts, 'runtime' | 'log'>;
}

export interface TestSystem {
  /** Its `terminate()` moves time by itself, as far as the shutdown needs it. */
  readonly system: ActorSystem;
  readonly time: ManualTime;
  readonly log: MemoryLog;
  /** Dead letters so far, oldest first. */
  readonly deadLetters: readonly DeadLetter[];
  probe<M>(name?: string): Probe<M>;
  /** Tells the messages one after another and lets everything that follows happen. */
  tellAll<M>(ref: ActorRef<M>, ...messages: readonly M[]): void;
}

/** Starts a system whose time stands still until the test moves it. */
export function testSystem(options: TestSystemOptions = {}): TestSystem {
  const { seed = 1, time = new ManualTime(), ports, ...rest } = options;
  const log = memoryLog();
  const system = ActorSystem.create(
    { name: 'test', ...rest },
    { ...ports, runtime: time.runtime({ seed }), log: log.logger },
  );
  letTerminateMoveTime(system, time);
  const deadLetters: DeadLetter[] = [];
  system.eventStream.subscribe(deadLetterEvent, (letter) => deadLetters.push(letter));
  return {
    system,
    time,
    log,
    deadLetters,
    probe: (name) => new Probe(system, time, name),
    tellAll(ref, ...messages) {
      for (const message of messages) ref.tell(message);
      time.settle();
    },
  };
}

/** Longer than the phases of any shutdown, each of which has its own limit. */
const endMsMax = 24 * 3_600_000;

/** Without it, who awaits the end of a system would wait for time that only he can move. */
function letTerminateMoveTime(system: ActorSystem, time: ManualTime): void {
  const terminate = system.terminate.bind(system);
  let isMoving = false;
  system.terminate = async () => {
    const ended = terminate();
    if (!isMoving) {
      isMoving = true;
      // An actor may call this, and time does not move within its turn.
      await Promise.resolve();
      await time.advanceUntil(() => system.isTerminated, endMsMax);
    }
    return ended;
  };
}
