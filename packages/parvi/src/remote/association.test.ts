import { describe, expect, it } from 'vitest';
import {
  type Association,
  type AssociationEffect,
  type AssociationEvent,
  quarantineOf,
  stepAssociation,
  unknownAssociation,
} from './association.ts';
import { judgeInbound, mayPassOutbound, quarantineText } from './quarantine.ts';

const limits = {
  terminatingDelayMs: 1000,
  stopQuarantinedAfterIdleMs: 3000,
  livenessProbeAfterMs: 36 * 60_000,
  quarantineIdleAfterMs: 360 * 60_000,
  removeAfterMs: 60 * 60_000,
};

class Peer {
  state: Association = unknownAssociation;
  nowMs = 0;
  step(event: AssociationEvent): readonly AssociationEffect[] {
    const step = stepAssociation(this.state, event, this.nowMs, limits);
    this.state = step.state;
    return step.effects;
  }
  seen(uid: bigint) {
    return this.step({ type: 'peer-seen', uid });
  }
  quarantine(uid: bigint | undefined, harmless = false) {
    return this.step({ type: 'quarantine', uid, reason: 'test', harmless });
  }
  types(event: AssociationEvent): string[] {
    return this.step(event).map((effect) => effect.type);
  }
}

describe('an association', () => {
  it('learns its peer once, whatever number of handshakes tell it', () => {
    const peer = new Peer();
    expect(peer.seen(5n)).toEqual([{ type: 'incarnation', uid: 5n, previous: undefined }]);
    expect(peer.seen(5n)).toEqual([]);
    expect(peer.state.incarnation).toBe(1);
  });

  it('notices a restarted peer and names the incarnation before', () => {
    const peer = new Peer();
    peer.seen(5n);
    expect(peer.seen(6n)).toEqual([{ type: 'incarnation', uid: 6n, previous: 5n }]);
    expect(peer.state).toMatchObject({ uid: 6n, incarnation: 2 });
  });

  it('quarantines the present incarnation, once, and tells it unless harmless', () => {
    const peer = new Peer();
    peer.seen(5n);
    expect(peer.quarantine(5n)).toMatchObject([{ type: 'quarantined', notifyPeer: true }]);
    expect(peer.quarantine(5n)).toMatchObject([{ type: 'quarantine-ignored' }]);
    const other = new Peer();
    other.seen(5n);
    expect(other.quarantine(undefined, true)).toMatchObject([
      { type: 'quarantined', notifyPeer: false },
    ]);
  });

  it('ignores a quarantine of an unknown or earlier uid', () => {
    const peer = new Peer();
    expect(peer.quarantine(5n)).toMatchObject([{ type: 'quarantine-ignored' }]);
    peer.seen(6n);
    expect(peer.quarantine(5n)).toMatchObject([{ type: 'quarantine-ignored' }]);
    expect(quarantineOf(peer.state, 6n)).toBeUndefined();
  });

  it('never lets a quarantined incarnation return, but welcomes a new one', () => {
    const peer = new Peer();
    peer.seen(5n);
    peer.quarantine(5n);
    expect(peer.seen(6n)).toMatchObject([{ type: 'incarnation', uid: 6n, previous: 5n }]);
    expect(peer.state.quarantine).toBeUndefined();
    expect(peer.seen(5n)).toEqual([]);
    expect(peer.state.uid).toBe(6n);
    expect(quarantineOf(peer.state, 5n)).toMatchObject({ uid: 5n });
  });

  it('quarantines a peer harmlessly one second after its goodbye', () => {
    const peer = new Peer();
    peer.seen(5n);
    peer.step({ type: 'terminating', uid: 4n });
    peer.step({ type: 'terminating', uid: 5n });
    peer.nowMs = 999;
    expect(peer.types({ type: 'tick', idleMs: 0 })).toEqual([]);
    peer.nowMs = 1000;
    expect(peer.step({ type: 'tick', idleMs: 0 })).toMatchObject([
      { type: 'quarantined', notifyPeer: false, mark: { harmless: true } },
    ]);
  });

  it('closes streams to a quarantined peer after three idle seconds, once, and again after use', () => {
    const peer = new Peer();
    peer.seen(5n);
    peer.quarantine(5n);
    expect(peer.types({ type: 'tick', idleMs: 2999 })).toEqual([]);
    expect(peer.types({ type: 'tick', idleMs: 3000 })).toEqual(['stop-streams']);
    expect(peer.types({ type: 'tick', idleMs: 4000 })).toEqual([]);
    peer.step({ type: 'used' });
    expect(peer.types({ type: 'tick', idleMs: 3000 })).toEqual(['stop-streams']);
  });

  it('asks a silent peer whether it is there, and quarantines it when it stays silent', () => {
    const peer = new Peer();
    peer.seen(5n);
    peer.nowMs = limits.livenessProbeAfterMs;
    expect(peer.types({ type: 'tick', idleMs: limits.livenessProbeAfterMs })).toEqual(['probe']);
    peer.nowMs += 1000;
    expect(peer.types({ type: 'tick', idleMs: limits.livenessProbeAfterMs + 1000 })).toEqual([]);
    peer.nowMs += limits.livenessProbeAfterMs;
    expect(peer.types({ type: 'tick', idleMs: limits.livenessProbeAfterMs * 2 })).toEqual([
      'probe',
    ]);
    expect(peer.types({ type: 'tick', idleMs: limits.quarantineIdleAfterMs })).toEqual([
      'quarantined',
    ]);
  });

  it('forgets peers that were never reached or are quarantined, after an hour without use', () => {
    const stranger = new Peer();
    expect(stranger.types({ type: 'tick', idleMs: limits.removeAfterMs - 1 })).toEqual([]);
    expect(stranger.types({ type: 'tick', idleMs: limits.removeAfterMs })).toEqual(['forget']);
    const friend = new Peer();
    friend.seen(5n);
    expect(friend.types({ type: 'tick', idleMs: limits.removeAfterMs })).not.toContain('forget');
  });
});

describe('traffic with a quarantined peer', () => {
  const mark = { uid: 5n, reason: 'test', harmless: false, sinceMs: 0 };

  it('drops its messages and tells it so, except for heartbeats and control frames', () => {
    const options = { answerHarmless: true };
    expect(judgeInbound(mark, 'ordinary', options)).toBe('drop-and-answer');
    expect(judgeInbound(mark, 'selection', options)).toBe('drop-and-answer');
    expect(judgeInbound(mark, 'heartbeat', options)).toBe('drop');
    expect(judgeInbound(mark, 'control', options)).toBe('drop');
  });

  it('keeps silent towards a peer that said goodbye, if told to', () => {
    const harmless = { ...mark, harmless: true };
    expect(judgeInbound(harmless, 'ordinary', { answerHarmless: false })).toBe('drop');
    expect(judgeInbound(harmless, 'ordinary', { answerHarmless: true })).toBe('drop-and-answer');
  });

  it('lets only selections and control messages out', () => {
    expect(mayPassOutbound('selection')).toBe(true);
    expect(mayPassOutbound('control')).toBe(true);
    expect(mayPassOutbound('ordinary')).toBe(false);
    expect(mayPassOutbound('system')).toBe(false);
  });

  it('explains itself in dead letters', () => {
    expect(quarantineText(mark)).toContain('quarantined: test');
    expect(quarantineText({ ...mark, harmless: true })).toContain('has ended');
  });
});
