// The handshake of one outbound stream, and the judgement over one that comes in. Pure: no clock, no socket.
//
// A stream begins with a HandshakeReq. Messages wait until the peer's uid is known, from whichever of its frames
// reveals it; afterwards a HandshakeReq precedes the next message whenever the last one is a second old, so that a
// peer that restarted in between learns of us before our messages reach it. Source: Pekko `OutboundHandshake` and
// `InboundHandshake`.

import {
  type Address,
  addressText,
  parseAddress,
  type UniqueAddress,
  WireError,
} from '../wire/index.ts';

export interface HandshakeTiming {
  /** A HandshakeReq is repeated at this interval while no answer came. */
  readonly retryIntervalMs: number;
  /** A stream whose peer is unknown for so long fails. */
  readonly timeoutMs: number;
  /** After completion, the age of the last HandshakeReq from which the next message is preceded by one. */
  readonly injectIntervalMs: number;
}

export interface OutboundHandshake {
  readonly phase: 'idle' | 'in-progress' | 'completed';
  /** When this attempt began; meaningless while idle. */
  readonly startedAtMs: number;
  readonly lastRequestAtMs: number;
}

export type OutboundHandshakeEvent =
  /** The stream has something to say and nothing was said before. */
  | { readonly type: 'start'; readonly peerKnown: boolean }
  /** The peer's uid became known, or changed. */
  | { readonly type: 'peer-known' }
  /** The connection below was replaced; whoever listens now may be somebody else. */
  | { readonly type: 'reconnected' }
  /** A message is about to be sent. */
  | { readonly type: 'before-message' }
  /** Time passed. */
  | { readonly type: 'tick' }
  /** Nothing was heard from the peer for long; ask whether it is there. */
  | { readonly type: 'probe' }
  /** The stream was stopped; the next message starts anew. */
  | { readonly type: 'stop' };

export type OutboundHandshakeEffect =
  /** Send a HandshakeReq now, before anything else. */
  | 'send-request'
  /** Waiting messages may go. */
  | 'release'
  /** The peer did not answer in time: fail the stream, tell the senders of what waited. */
  | 'time-out';

export interface OutboundHandshakeStep {
  readonly state: OutboundHandshake;
  readonly effects: readonly OutboundHandshakeEffect[];
}

export const idleHandshake: OutboundHandshake = {
  phase: 'idle',
  startedAtMs: 0,
  lastRequestAtMs: 0,
};

const none: readonly OutboundHandshakeEffect[] = [];

export function stepOutboundHandshake(
  state: OutboundHandshake,
  event: OutboundHandshakeEvent,
  nowMs: number,
  timing: HandshakeTiming,
): OutboundHandshakeStep {
  switch (event.type) {
    case 'start':
      return state.phase === 'idle' ? begin(event.peerKnown, nowMs) : { state, effects: none };
    case 'peer-known':
      if (state.phase !== 'in-progress') return { state, effects: none };
      return { state: { ...state, phase: 'completed' }, effects: ['release'] };
    case 'reconnected':
      return state.phase === 'idle' ? { state, effects: none } : request(state, nowMs);
    case 'before-message':
      if (state.phase !== 'completed') return { state, effects: none };
      return requestIfOlderThan(state, timing.injectIntervalMs, nowMs);
    case 'tick':
      if (state.phase !== 'in-progress') return { state, effects: none };
      if (nowMs - state.startedAtMs >= timing.timeoutMs) {
        return { state: idleHandshake, effects: ['time-out'] };
      }
      return requestIfOlderThan(state, timing.retryIntervalMs, nowMs);
    case 'probe':
      return state.phase === 'completed' ? request(state, nowMs) : { state, effects: none };
    case 'stop':
      return { state: idleHandshake, effects: none };
  }
}

function begin(peerKnown: boolean, nowMs: number): OutboundHandshakeStep {
  return {
    state: {
      phase: peerKnown ? 'completed' : 'in-progress',
      startedAtMs: nowMs,
      lastRequestAtMs: nowMs,
    },
    effects: peerKnown ? ['send-request', 'release'] : ['send-request'],
  };
}

function request(state: OutboundHandshake, nowMs: number): OutboundHandshakeStep {
  return { state: { ...state, lastRequestAtMs: nowMs }, effects: ['send-request'] };
}

function requestIfOlderThan(
  state: OutboundHandshake,
  ageMs: number,
  nowMs: number,
): OutboundHandshakeStep {
  if (nowMs - state.lastRequestAtMs < ageMs) return { state, effects: none };
  return request(state, nowMs);
}

/** What to do with a HandshakeReq: only `accepted` ones are registered and answered. */
export type HandshakeJudgement =
  | 'accepted'
  | 'wrong-address'
  | 'from-self'
  | 'uid-of-another'
  /** Its address is none that could be dialled or stand in the path of a ref. */
  | 'unreachable';

/** Names of hosts have 253 characters at most; what is longer is made to fill memory, logs and frames. */
const addressCharactersMax = 600;

/**
 * Judges a HandshakeReq. `to` must equal our own address in every component, the host compared as text; a peer that
 * claims our own address or a uid that belongs to another address is refused (a Pekko node loses all its inbound
 * streams over such a frame).
 */
export function judgeHandshakeRequest(
  request: { readonly from: UniqueAddress; readonly to: Address },
  own: Address,
  ownerOfUid: Address | undefined,
): HandshakeJudgement {
  if (!equalAddress(request.to, own)) return 'wrong-address';
  return judgePeer(request.from, own, ownerOfUid);
}

/** The same for a HandshakeRsp, which names only its sender. */
export function judgePeer(
  from: UniqueAddress,
  own: Address,
  ownerOfUid: Address | undefined,
): Exclude<HandshakeJudgement, 'wrong-address'> {
  if (!isReachable(from.address)) return 'unreachable';
  if (equalAddress(from.address, own)) return 'from-self';
  if (ownerOfUid !== undefined && !equalAddress(ownerOfUid, from.address)) return 'uid-of-another';
  return 'accepted';
}

function isReachable(address: Address): boolean {
  const text = addressText(address);
  if (text.length > addressCharactersMax || !/^[!-~]+$/.test(text)) return false;
  try {
    return equalAddress(parseAddress(text), address);
  } catch (thrown) {
    if (!(thrown instanceof WireError)) throw thrown;
    return false;
  }
}

function equalAddress(a: Address, b: Address): boolean {
  return (
    a.port === b.port && a.host === b.host && a.system === b.system && a.protocol === b.protocol
  );
}
