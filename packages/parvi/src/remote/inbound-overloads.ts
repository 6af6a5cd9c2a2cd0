// Actors here that get more from other nodes than they handle. The connections that bring it wait for them, but not
// for long, for everything else of those nodes waits behind, gossip included. After that such an actor gets nothing
// more from other nodes until half of its messages are done.

import { LogLimiter } from '../observe/index.ts';
import type { Overload } from './inbound-connection.ts';
import type { RemotingContext } from './remoting-context.ts';

interface Refusal {
  /** Messages since the actor was given up. */
  refused: number;
  saidAtMs: number;
}

/** An actor or whatever else takes messages of other nodes and may fall behind. */
export interface Backlogged {
  readonly path: string;
  readonly isStopped: boolean;
  /** Messages that wait; read with each message that comes, so it may be some messages old. */
  readonly backlog: number;
  exactBacklog(): number;
}

const sayEveryMs = 60_000;
/** As many actors as there may be overloaded at once are still no flood of lines. */
const newLinesMax = 30;

const advice =
  'make it faster, spread its work over a router, let senders wait for answers (ask) or let it fetch its work, or bound its mailbox';

export class InboundOverloads {
  readonly #context: RemotingContext;
  readonly #lines: LogLimiter;
  readonly #backlogMax: number;
  readonly #refusing = new Map<Backlogged, Refusal>();
  #seen = new Set<Backlogged>();

  constructor(context: RemotingContext) {
    this.#context = context;
    const { log, clock } = context;
    this.#lines = new LogLimiter({
      log,
      clock,
      intervalMs: sayEveryMs,
      newKeysMax: newLinesMax,
    });
    this.#backlogMax = context.limits.inboundBacklogMax;
  }

  /** Whether a message for the actor becomes a dead letter; counts it. */
  refuses(recipient: Backlogged): boolean {
    if (this.#refusing.size === 0) return false;
    const refusal = this.#refusing.get(recipient);
    if (refusal === undefined) return false;
    // What waits behind a router is not counted anew each time.
    const isOver = recipient.isStopped || recipient.backlog <= this.#backlogMax / 2;
    if (isOver) {
      this.#takeAgain(recipient, refusal);
      return false;
    }
    refusal.refused++;
    this.#context.telemetry.overloadDrops++;
    return true;
  }

  /** Called with each message that the actor got. */
  delivered(recipient: Backlogged): void {
    if (recipient.backlog > this.#backlogMax) this.#seen.add(recipient);
  }

  /** The actors that have got more than they can bear since the last call. */
  take(): Overload | undefined {
    if (this.#seen.size === 0) return undefined;
    const seen = [...this.#seen];
    this.#seen = new Set();
    return {
      isOver: () => seen.every((each) => this.#refusing.has(each) || this.#hasCaughtUp(each)),
      waits: (from) => this.#sayWaiting(seen, from),
      giveUp: () => {
        for (const each of seen) this.#giveUp(each);
      },
    };
  }

  /** Called now and then: forgets what is over, and repeats what is not. */
  tick(): void {
    this.#lines.tick();
    const nowMs = this.#context.clock.nowMs();
    for (const [recipient, refusal] of this.#refusing) {
      if (this.#hasCaughtUp(recipient)) this.#takeAgain(recipient, refusal);
      else if (nowMs - refusal.saidAtMs >= sayEveryMs) this.#sayRefusing(recipient, refusal);
    }
  }

  #hasCaughtUp(recipient: Backlogged): boolean {
    return recipient.isStopped || recipient.exactBacklog() <= this.#backlogMax / 2;
  }

  #giveUp(recipient: Backlogged): void {
    if (this.#refusing.has(recipient) || this.#hasCaughtUp(recipient)) return;
    const refusal: Refusal = { refused: 0, saidAtMs: 0 };
    this.#refusing.set(recipient, refusal);
    this.#sayRefusing(recipient, refusal);
  }

  #sayWaiting(recipients: readonly Backlogged[], from: string): void {
    const [first] = recipients;
    if (first === undefined) return;
    const fields = { from, recipient: first.path, mailboxSize: first.exactBacklog() };
    this.#lines.write(
      `wait ${first.path}`,
      'info',
      { ...fields, actors: recipients.length, inboundHoldBackMs: this.#holdBackMs },
      'Reading from a peer waits, because an actor has too many messages',
    );
  }

  #sayRefusing(recipient: Backlogged, refusal: Refusal): void {
    refusal.saidAtMs = this.#context.clock.nowMs();
    const { path } = recipient;
    this.#lines.write(
      `refuse ${path}`,
      'warn',
      {
        recipient: path,
        mailboxSize: recipient.exactBacklog(),
        refused: refusal.refused,
        inboundBacklogMax: this.#backlogMax,
        code: 'REMOTE_ACTOR_OVERLOADED',
      },
      `Actor has too many messages: until half are done, those of other nodes become dead letters; ${advice}`,
    );
  }

  #takeAgain(recipient: Backlogged, { refused }: Refusal): void {
    this.#refusing.delete(recipient);
    if (recipient.isStopped) return;
    const fields = { recipient: recipient.path, refused };
    this.#lines.write(
      `again ${recipient.path}`,
      'info',
      fields,
      'Actor has caught up and gets messages of other nodes again',
    );
  }

  get #holdBackMs(): number {
    return this.#context.limits.inboundHoldBackMs;
  }
}
