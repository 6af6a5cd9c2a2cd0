// An actor for tests that only listens: what it is told waits here until the test looks at it.

import { type ActorRef, type ActorSystem, actor, type Termination } from '../actor/index.ts';
import { assert, durationText, ParviError } from '../runtime/index.ts';
import type { ManualTime } from './manual-time.ts';

interface Received<M> {
  readonly message: M;
  readonly sender: ActorRef<never> | undefined;
}

interface Ended {
  readonly ref: ActorRef<never>;
  readonly how: Termination;
}

type ProbeCommand = { readonly watch: ActorRef<never> };

/** How long a probe waits, in the system's own time, unless told otherwise. */
const withinMsDefault = 3000;

/**
 * Stands in for an actor and says what it was told.
 *
 * All waiting happens in the manual time of the system, which the probe moves from timer to timer; nothing waits for
 * the wall clock.
 */
export class Probe<M> {
  /** To be handed to the actors under test. */
  readonly ref: ActorRef<M>;
  readonly #time: ManualTime;
  readonly #commands: ActorRef<ProbeCommand>;
  readonly #received: Received<M>[] = [];
  readonly #ended: Ended[] = [];
  #last: Received<M> | undefined;

  constructor(system: ActorSystem, time: ManualTime, name?: string) {
    this.#time = time;
    let commands: ActorRef<ProbeCommand> | undefined;
    const definition = actor<unknown>((context) => {
      commands = context.adapt<ProbeCommand>((command) => new Watching(command.watch));
      return {
        onMessage: (message) => {
          if (message instanceof Watching) context.watch(message.ref);
          else this.#received.push({ message: message as M, sender: context.sender });
        },
        onTerminated: (ref, how) => {
          this.#ended.push({ ref, how });
        },
      };
    });
    this.ref = system.spawn(definition, name);
    time.settle();
    assert(commands !== undefined, 'a probe starts in its first turn');
    this.#commands = commands;
  }

  /** Messages that arrived and were not looked at yet. */
  get pending(): readonly M[] {
    return this.#received.map(({ message }) => message);
  }

  /** Who sent the message that was looked at last. */
  get lastSender(): ActorRef<never> | undefined {
    return this.#last?.sender;
  }

  /** Takes the next message; waits for it if need be. @throws ParviError `PROBE_EXPECTATION_FAILED` */
  async expectMessage(withinMs = withinMsDefault): Promise<M> {
    await this.#time.advanceUntil(() => this.#received.length > 0, withinMs);
    const received = this.#received.shift();
    if (received === undefined) throw failed(`a message within ${durationText(withinMs)}`, 'none');
    this.#last = received;
    return received.message;
  }

  /** Takes the next message, which must be of that type. @throws ParviError `PROBE_EXPECTATION_FAILED` */
  async expectType<T extends MessageTypes<M>>(
    type: T,
    withinMs = withinMsDefault,
  ): Promise<Extract<M, { readonly type: T }>> {
    const message = await this.expectMessage(withinMs);
    const actual = (message as { readonly type?: unknown } | null)?.type;
    if (actual !== type) throw failed(`a message of type "${type}"`, `"${String(actual)}"`);
    return message as Extract<M, { readonly type: T }>;
  }

  /** Lets time pass, in which nothing may arrive. @throws ParviError `PROBE_EXPECTATION_FAILED` */
  async expectNoMessage(forMs = 100): Promise<void> {
    await this.#time.advanceUntil(() => this.#received.length > 0, forMs);
    const received = this.#received[0];
    if (received === undefined) return;
    throw failed(`no message for ${durationText(forMs)}`, describe(received.message));
  }

  /** Watches the actor; its end is told by {@link expectTerminated}. */
  watch(ref: ActorRef<never>): void {
    this.#commands.tell({ watch: ref });
    this.#time.settle();
  }

  /** Waits for the end of a watched actor and says how it was. @throws ParviError `PROBE_EXPECTATION_FAILED` */
  async expectTerminated(ref: ActorRef<never>, withinMs = withinMsDefault): Promise<Termination> {
    const found = (): number => this.#ended.findIndex((ended) => ended.ref.path === ref.path);
    await this.#time.advanceUntil(() => found() >= 0, withinMs);
    const [ended] = found() < 0 ? [] : this.#ended.splice(found(), 1);
    if (ended === undefined)
      throw failed(`the end of "${ref.path}"`, 'it lives, or is not watched');
    return ended.how;
  }

  /** Lets time pass, in which no watched actor may end. @throws ParviError `PROBE_EXPECTATION_FAILED` */
  async expectNotTerminated(forMs = 100): Promise<void> {
    await this.#time.advanceUntil(() => this.#ended.length > 0, forMs);
    const ended = this.#ended[0];
    if (ended !== undefined)
      throw failed('no end of a watched actor', `that of "${ended.ref.path}"`);
  }
}

type MessageTypes<M> = M extends { readonly type: infer T extends string } ? T : never;

/** Told by a probe to its own actor. */
class Watching {
  readonly ref: ActorRef<never>;

  constructor(ref: ActorRef<never>) {
    this.ref = ref;
  }
}

function describe(message: unknown): string {
  const isTyped = typeof message === 'object' && message !== null && 'type' in message;
  return isTyped ? `a message of type "${String(message.type)}"` : `the message ${String(message)}`;
}

function failed(expected: string, actual: string): ParviError {
  return new ParviError(
    'PROBE_EXPECTATION_FAILED',
    `The probe expected ${expected}, and there was ${actual}`,
    { fields: { expected, actual } },
  );
}
