// Death notices to other nodes. They travel on the control stream and must not overtake the last words of the actor,
// which travel on the ordinary one: so a flush goes first wherever something was said since the last flush.

import type { Cancellable } from '../runtime/index.ts';
import { HeaderText, noText, type SystemMessage } from '../wire/index.ts';
import { type FlushRound, flushAcknowledged, flushDone, startFlush } from './flush.ts';
import type { OutboundStream } from './outbound.ts';
import type { Peer } from './peer.ts';
import type { RemotingContext } from './remoting-context.ts';

interface Notice {
  readonly message: SystemMessage;
  readonly recipient: string;
}

interface Round {
  readonly peer: Peer;
  readonly notices: readonly Notice[];
  readonly flushed: readonly OutboundStream[];
  state: FlushRound;
  timer: Cancellable | undefined;
}

export class DeathNotices {
  readonly #context: RemotingContext;
  readonly #refText: (name: string) => string;
  readonly #waiting = new Map<Peer, Notice[]>();
  readonly #rounds = new Map<string, Round>();
  #nextRound = 1;

  /** `refText` makes the path, with address and uid, of a name below `/system`. */
  constructor(context: RemotingContext, refText: (name: string) => string) {
    this.#context = context;
    this.#refText = refText;
  }

  /** Notices of one turn to one peer share a round. */
  send(peer: Peer, message: SystemMessage, recipient: string): void {
    const waiting = this.#waiting.get(peer);
    if (waiting !== undefined) {
      waiting.push({ message, recipient });
      return;
    }
    this.#waiting.set(peer, [{ message, recipient }]);
    this.#context.afterTurn(() => this.#startRound(peer));
  }

  flushAcknowledged(recipient: string, expectedAcks: number): void {
    const round = this.#rounds.get(recipient);
    if (round === undefined) return;
    round.state = flushAcknowledged(round.state, expectedAcks);
    if (flushDone(round.state)) this.#finish(recipient, round);
  }

  #startRound(peer: Peer): void {
    const notices = this.#waiting.get(peer) ?? [];
    this.#waiting.delete(peer);
    const flushed = peer.streams.filter((s) => s !== peer.control && s.sentSinceFlush);
    const path = this.#refText(`flush-${this.#nextRound++}`);
    const sent = flushed.filter((stream) => {
      stream.sentSinceFlush = false;
      return stream.sendControl({ kind: 'flush' }, noText, new HeaderText(path));
    }).length;
    const round: Round = { peer, notices, flushed, state: startFlush(sent), timer: undefined };
    if (flushDone(round.state) || !peer.sendable) {
      this.#deliver(round);
      return;
    }
    this.#rounds.set(path, round);
    round.timer = this.#context.timers.after(this.#context.limits.deathWatchFlushMs, () => {
      for (const stream of flushed) stream.sentSinceFlush = true;
      this.#context.log.debug({ peer: peer.addressText }, 'Flush before a death notice timed out');
      this.#finish(path, round);
    });
  }

  #finish(path: string, round: Round): void {
    this.#rounds.delete(path);
    round.timer?.cancel();
    this.#deliver(round);
  }

  #deliver({ peer, notices }: Round): void {
    for (const { message, recipient } of notices) peer.sendSystem(message, recipient);
  }
}
