// Reliable delivery of system messages (watch, unwatch, death notices, stop) over the unreliable control stream.
// Pure. The sender numbers, keeps, and resends until acknowledged; the receiver takes each number once and in order.
// Only so many are on their way at once; the others wait until acknowledgements make room, so that a burst does not
// overflow the stream. What cannot be delivered ends in quarantine of the peer, so that both sides agree that the link is
// lost.
// Source: Pekko `SystemMessageDelivery` and `SystemMessageAcker`.

import {
  append,
  dropUpTo,
  entries,
  first,
  nothingUnacknowledged,
  type Sequenced,
  type Unacknowledged,
} from './unacknowledged.ts';

export interface SystemDeliveryLimits {
  /** Messages kept, on their way and waiting; one more ends in quarantine. */
  readonly bufferMax: number;
  /** Messages on their way, unacknowledged; more wait. At least 1. */
  readonly windowMax: number;
  /** Time without any acknowledgement after which delivery gives up. */
  readonly giveUpAfterMs: number;
  /** Negative acknowledgements of number 0 in a row after which the peer counts as having forgotten us. */
  readonly forgottenNacksMax: number;
}

/** What a sender knows about one incarnation of one peer. */
export interface SystemDelivery<M> {
  /** The number of the last message taken, sent or waiting; 0 when none was. */
  readonly lastSeqNo: number;
  /** On their way. */
  readonly unacknowledged: Unacknowledged<M>;
  /** Numbered, and not sent yet. */
  readonly waiting: Unacknowledged<M>;
  /** When the peer last acknowledged something, or when the oldest waiting message was sent. */
  readonly progressAtMs: number;
  /** Nacks of 0 in a row although it had acknowledged more before. */
  readonly forgottenNacks: number;
  readonly acknowledgedSeqNo: number;
}

export type SystemDeliveryEvent<M> =
  | { readonly type: 'send'; readonly message: M }
  | { readonly type: 'ack'; readonly seqNo: number }
  | { readonly type: 'nack'; readonly seqNo: number }
  /** The resend interval passed. `writable` tells whether the control stream takes frames now. */
  | { readonly type: 'tick'; readonly writable: boolean }
  /** The peer is another process now: numbering begins anew. */
  | { readonly type: 'incarnation-changed' }
  /** The peer was quarantined or forgotten. */
  | { readonly type: 'stop' };

export type SystemDeliveryEffect<M> =
  | { readonly type: 'transmit'; readonly entry: Sequenced<M> }
  | { readonly type: 'undelivered'; readonly messages: readonly M[]; readonly reason: string }
  | { readonly type: 'quarantine'; readonly reason: string };

export interface SystemDeliveryStep<M> {
  readonly state: SystemDelivery<M>;
  readonly effects: readonly SystemDeliveryEffect<M>[];
}

export function newSystemDelivery<M>(): SystemDelivery<M> {
  return {
    lastSeqNo: 0,
    unacknowledged: nothingUnacknowledged(),
    waiting: nothingUnacknowledged(),
    progressAtMs: 0,
    forgottenNacks: 0,
    acknowledgedSeqNo: 0,
  };
}

export function stepSystemDelivery<M>(
  state: SystemDelivery<M>,
  event: SystemDeliveryEvent<M>,
  nowMs: number,
  limits: SystemDeliveryLimits,
): SystemDeliveryStep<M> {
  switch (event.type) {
    case 'send':
      return send(state, event.message, nowMs, limits);
    case 'ack':
      return sendWaiting(acknowledged(state, event.seqNo, nowMs), limits);
    case 'nack':
      return refused(state, event.seqNo, nowMs, limits);
    case 'tick':
      return resend(state, event.writable, nowMs, limits);
    case 'incarnation-changed':
      return abandon(state, 'the peer restarted');
    case 'stop':
      return abandon(state, 'the association ended');
  }
}

function send<M>(
  state: SystemDelivery<M>,
  message: M,
  nowMs: number,
  limits: SystemDeliveryLimits,
): SystemDeliveryStep<M> {
  if (keptCount(state) >= limits.bufferMax) {
    const reason = `${limits.bufferMax} system messages wait for acknowledgement`;
    return {
      state,
      effects: [
        { type: 'undelivered', messages: [message], reason },
        { type: 'quarantine', reason },
      ],
    };
  }
  const entry = { seqNo: state.lastSeqNo + 1, message };
  const isFirst = state.unacknowledged.size === 0;
  const taken = {
    ...state,
    lastSeqNo: entry.seqNo,
    progressAtMs: isFirst ? nowMs : state.progressAtMs,
  };
  return state.unacknowledged.size >= limits.windowMax
    ? { state: { ...taken, waiting: append(state.waiting, entry) }, effects: [] }
    : {
        state: { ...taken, unacknowledged: append(state.unacknowledged, entry) },
        effects: [{ type: 'transmit', entry }],
      };
}

/** How many messages are kept, on their way and waiting. */
export function keptCount<M>(state: SystemDelivery<M>): number {
  return state.unacknowledged.size + state.waiting.size;
}

function sendWaiting<M>(
  state: SystemDelivery<M>,
  limits: SystemDeliveryLimits,
): SystemDeliveryStep<M> {
  let { unacknowledged, waiting } = state;
  const effects: SystemDeliveryEffect<M>[] = [];
  while (waiting.size > 0 && unacknowledged.size < limits.windowMax) {
    const entry = first(waiting);
    if (entry === undefined) break;
    unacknowledged = append(unacknowledged, entry);
    waiting = dropUpTo(waiting, entry.seqNo);
    effects.push({ type: 'transmit', entry });
  }
  return { state: effects.length === 0 ? state : { ...state, unacknowledged, waiting }, effects };
}

function acknowledged<M>(
  state: SystemDelivery<M>,
  seqNo: number,
  nowMs: number,
): SystemDelivery<M> {
  const sentSeqNo = state.lastSeqNo - state.waiting.size;
  if (seqNo > sentSeqNo || seqNo <= state.acknowledgedSeqNo) return state;
  return {
    ...state,
    unacknowledged: dropUpTo(state.unacknowledged, seqNo),
    progressAtMs: nowMs,
    forgottenNacks: 0,
    acknowledgedSeqNo: seqNo,
  };
}

/** A nack says what arrived last, and is otherwise left to the next tick, which sends everything again in order. */
function refused<M>(
  state: SystemDelivery<M>,
  seqNo: number,
  nowMs: number,
  limits: SystemDeliveryLimits,
): SystemDeliveryStep<M> {
  if (seqNo > 0 || state.acknowledgedSeqNo === 0) {
    return sendWaiting(acknowledged(state, seqNo, nowMs), limits);
  }
  const forgottenNacks = state.forgottenNacks + 1;
  if (forgottenNacks < limits.forgottenNacksMax) {
    return { state: { ...state, forgottenNacks }, effects: [] };
  }
  const reason = `the peer acknowledged system message ${state.acknowledgedSeqNo} and then refused ${forgottenNacks} times everything after number 0`;
  return { state: { ...state, forgottenNacks }, effects: [{ type: 'quarantine', reason }] };
}

function resend<M>(
  state: SystemDelivery<M>,
  writable: boolean,
  nowMs: number,
  limits: SystemDeliveryLimits,
): SystemDeliveryStep<M> {
  if (state.unacknowledged.size === 0) return { state, effects: [] };
  if (nowMs - state.progressAtMs >= limits.giveUpAfterMs) {
    const reason = `no system message was acknowledged for ${limits.giveUpAfterMs} ms`;
    return { state, effects: [{ type: 'quarantine', reason }] };
  }
  if (!writable) return { state, effects: [] };
  return {
    state,
    effects: entries(state.unacknowledged).map((entry) => ({ type: 'transmit', entry })),
  };
}

function abandon<M>(state: SystemDelivery<M>, reason: string): SystemDeliveryStep<M> {
  if (state.unacknowledged.size === 0) return { state: newSystemDelivery(), effects: [] };
  const kept = entries(state.unacknowledged).concat(entries(state.waiting));
  const messages = kept.map((entry) => entry.message);
  return {
    state: newSystemDelivery(),
    effects: [{ type: 'undelivered', messages, reason }],
  };
}

/** What a receiver answers to number `seqNo` when it expects `expected` (the first is 1). */
export interface Reception {
  readonly expected: number;
  readonly deliver: boolean;
  readonly answer: 'ack' | 'nack';
  /** The number in the answer: the last one taken. */
  readonly answerSeqNo: number;
}

/** The receiver's rule: take the expected number, acknowledge older ones again, refuse newer ones. */
export function receiveSequenced(expected: number, seqNo: number): Reception {
  if (seqNo === expected) {
    return { expected: expected + 1, deliver: true, answer: 'ack', answerSeqNo: seqNo };
  }
  const answer = seqNo < expected ? 'ack' : 'nack';
  return { expected, deliver: false, answer, answerSeqNo: expected - 1 };
}
