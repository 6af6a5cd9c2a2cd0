import { describe, expect, it } from 'vitest';
import {
  idleHandshake,
  judgeHandshakeRequest,
  judgePeer,
  type OutboundHandshake,
  type OutboundHandshakeEvent,
  stepOutboundHandshake,
} from './handshake.ts';

const timing = { retryIntervalMs: 1000, timeoutMs: 20_000, injectIntervalMs: 1000 };

function run(events: readonly (readonly [number, OutboundHandshakeEvent])[]) {
  let state: OutboundHandshake = idleHandshake;
  const effects: string[] = [];
  for (const [atMs, event] of events) {
    const step = stepOutboundHandshake(state, event, atMs, timing);
    state = step.state;
    effects.push(...step.effects.map((effect) => `${atMs} ${effect}`));
  }
  return { state, effects };
}

describe('an outbound handshake', () => {
  it('asks at once and releases messages when the peer is known', () => {
    const { state, effects } = run([
      [0, { type: 'start', peerKnown: false }],
      [80, { type: 'peer-known' }],
    ]);
    expect(effects).toEqual(['0 send-request', '80 release']);
    expect(state.phase).toBe('completed');
  });

  it('does not wait when another stream has learned the uid already', () => {
    const { effects } = run([[5, { type: 'start', peerKnown: true }]]);
    expect(effects).toEqual(['5 send-request', '5 release']);
  });

  it('repeats its request each second and fails after twenty', () => {
    const ticks = Array.from({ length: 25 }, (_, i) => [(i + 1) * 1000, { type: 'tick' }] as const);
    const { state, effects } = run([[0, { type: 'start', peerKnown: false }], ...ticks]);
    expect(effects.filter((e) => e.endsWith('send-request'))).toHaveLength(20);
    expect(effects.at(-1)).toBe('20000 time-out');
    expect(state).toEqual(idleHandshake);
  });

  it('puts a request before the next message when the last one is a second old', () => {
    const { effects } = run([
      [0, { type: 'start', peerKnown: true }],
      [999, { type: 'before-message' }],
      [1000, { type: 'before-message' }],
      [1500, { type: 'before-message' }],
      [9000, { type: 'before-message' }],
    ]);
    expect(effects.slice(2)).toEqual(['1000 send-request', '9000 send-request']);
  });

  it('introduces itself again on a new connection and answers probes', () => {
    const { effects } = run([
      [0, { type: 'reconnected' }],
      [0, { type: 'probe' }],
      [0, { type: 'start', peerKnown: true }],
      [100, { type: 'reconnected' }],
      [200, { type: 'probe' }],
    ]);
    expect(effects.slice(2)).toEqual(['100 send-request', '200 send-request']);
  });

  it('stays silent without messages, and starts anew after a stop', () => {
    const { effects } = run([
      [0, { type: 'start', peerKnown: true }],
      [5000, { type: 'tick' }],
      [5000, { type: 'peer-known' }],
      [6000, { type: 'stop' }],
      [7000, { type: 'start', peerKnown: false }],
    ]);
    expect(effects).toEqual(['0 send-request', '0 release', '7000 send-request']);
  });
});

describe('the judgement over a HandshakeReq', () => {
  const own = { protocol: 'pekko', system: 'sys', host: '127.0.0.1', port: 25520 };
  const peer = { ...own, port: 25521 };
  const from = { address: peer, uid: 7n };

  it('accepts a peer that names our address exactly', () => {
    expect(judgeHandshakeRequest({ from, to: { ...own } }, own, undefined)).toBe('accepted');
    expect(judgeHandshakeRequest({ from, to: own }, own, { ...peer })).toBe('accepted');
  });

  it.each([
    [{ ...own, host: 'localhost' }],
    [{ ...own, port: 1 }],
    [{ ...own, system: 'other' }],
    [{ ...own, protocol: 'akka' }],
  ])('refuses one that dialled another address, as in %o', (to) => {
    expect(judgeHandshakeRequest({ from, to }, own, undefined)).toBe('wrong-address');
  });

  it('refuses one that claims to be us', () => {
    expect(judgePeer({ address: { ...own }, uid: 1n }, own, undefined)).toBe('from-self');
  });

  it('refuses a uid that belongs to another address', () => {
    expect(judgePeer(from, own, { ...peer, port: 9 })).toBe('uid-of-another');
  });
});
