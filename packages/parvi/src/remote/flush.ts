// Two exchanges that wait for answers from peers before something final happens. Pure.
//
// Flush: before a death notice leaves on the control stream, everything sent earlier on the other streams must have
// arrived, or the watcher would see Terminated before the last words. Goodbye: before the sockets close, every peer
// should know that this system ends on purpose. Source: Pekko `FlushBeforeDeathWatchNotification`, `FlushOnShutdown`.

/** One round of Flush to one peer. */
export interface FlushRound {
  /** Flush frames sent, one a stream. */
  readonly sent: number;
  /** Acks still missing; unknown until the first one says how many come per Flush. */
  readonly missing: number | undefined;
}

export function startFlush(sent: number): FlushRound {
  return { sent, missing: sent === 0 ? 0 : undefined };
}

/** A FlushAck came that promises `expectedAcks` acks for each Flush. */
export function flushAcknowledged(round: FlushRound, expectedAcks: number): FlushRound {
  const missing = (round.missing ?? round.sent * Math.max(1, expectedAcks)) - 1;
  return { ...round, missing: Math.max(0, missing) };
}

export function flushDone(round: FlushRound): boolean {
  return round.missing === 0;
}

/** The goodbye to all peers: how many acks each still owes us, by unique address text. */
export type Goodbye = ReadonlyMap<string, number>;

/** `copies` ActorSystemTerminating frames were sent to each peer, one a stream. */
export function startGoodbye(
  peers: readonly { readonly peer: string; readonly copies: number }[],
): Goodbye {
  return new Map(peers.filter((p) => p.copies > 0).map((p) => [p.peer, p.copies]));
}

export function goodbyeAcknowledged(goodbye: Goodbye, peer: string): Goodbye {
  const missing = goodbye.get(peer);
  if (missing === undefined) return goodbye;
  const next = new Map(goodbye);
  if (missing > 1) next.set(peer, missing - 1);
  else next.delete(peer);
  return next;
}

export function goodbyeDone(goodbye: Goodbye): boolean {
  return goodbye.size === 0;
}
