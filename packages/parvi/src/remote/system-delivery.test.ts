import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  keptCount,
  newSystemDelivery,
  receiveSequenced,
  type SystemDelivery,
  type SystemDeliveryEffect,
  type SystemDeliveryEvent,
  stepSystemDelivery,
} from './system-delivery.ts';

const limits = { bufferMax: 5, windowMax: 3, giveUpAfterMs: 10_000, forgottenNacksMax: 3 };

class Sender {
  state: SystemDelivery<string> = newSystemDelivery();
  nowMs = 0;
  step(event: SystemDeliveryEvent<string>): readonly SystemDeliveryEffect<string>[] {
    const step = stepSystemDelivery(this.state, event, this.nowMs, limits);
    this.state = step.state;
    return step.effects;
  }
  send(message: string) {
    return this.step({ type: 'send', message });
  }
  sent(event: SystemDeliveryEvent<string>): string[] {
    return this.step(event).flatMap((effect) =>
      effect.type === 'transmit' ? [`${effect.entry.seqNo}${effect.entry.message}`] : [],
    );
  }
}

const tick = { type: 'tick', writable: true } as const;

describe('the sender of system messages', () => {
  it('numbers from 1 and sends at once', () => {
    const sender = new Sender();
    expect(sender.send('a')).toEqual([{ type: 'transmit', entry: { seqNo: 1, message: 'a' } }]);
    expect(sender.sent({ type: 'send', message: 'b' })).toEqual(['2b']);
  });

  it('sends everything unacknowledged again, in order, on each tick', () => {
    const sender = new Sender();
    for (const message of ['a', 'b', 'c']) sender.send(message);
    expect(sender.sent(tick)).toEqual(['1a', '2b', '3c']);
    sender.step({ type: 'ack', seqNo: 2 });
    sender.send('d');
    expect(sender.sent(tick)).toEqual(['3c', '4d']);
    sender.step({ type: 'ack', seqNo: 4 });
    expect(sender.sent(tick)).toEqual([]);
  });

  it('keeps quiet while the stream takes nothing', () => {
    const sender = new Sender();
    sender.send('a');
    expect(sender.step({ type: 'tick', writable: false })).toEqual([]);
  });

  it('takes a nack for an acknowledgement of what came before', () => {
    const sender = new Sender();
    for (const message of ['a', 'b', 'c']) sender.send(message);
    sender.step({ type: 'nack', seqNo: 1 });
    expect(sender.sent(tick)).toEqual(['2b', '3c']);
  });

  it('ignores acknowledgements of what it never sent', () => {
    const sender = new Sender();
    sender.send('a');
    sender.step({ type: 'ack', seqNo: 9 });
    sender.step({ type: 'nack', seqNo: 9 });
    expect(sender.sent(tick)).toEqual(['1a']);
  });

  it('quarantines a peer that lets too much pile up', () => {
    const sender = new Sender();
    for (const message of ['a', 'b', 'c', 'd', 'e']) sender.send(message);
    const effects = sender.send('f');
    expect(effects.map((effect) => effect.type)).toEqual(['undelivered', 'quarantine']);
  });

  it('sends no more than the window at once, and the others in order as acknowledgements make room', () => {
    const sender = new Sender();
    const sent = ['a', 'b', 'c', 'd', 'e'].map((m) => sender.sent({ type: 'send', message: m }));
    expect(sent).toEqual([['1a'], ['2b'], ['3c'], [], []]);
    expect(sender.sent(tick)).toEqual(['1a', '2b', '3c']);
    expect(sender.sent({ type: 'ack', seqNo: 1 })).toEqual(['4d']);
    expect(sender.sent({ type: 'send', message: 'f' })).toEqual([]);
    expect(sender.sent({ type: 'ack', seqNo: 5 })).toEqual([]);
    expect(sender.sent({ type: 'nack', seqNo: 3 })).toEqual(['5e', '6f']);
    expect(keptCount(sender.state)).toBe(3);
  });

  it('tells of the waiting ones too when it has to give up', () => {
    const sender = new Sender();
    for (const message of ['a', 'b', 'c', 'd', 'e']) sender.send(message);
    expect(sender.step({ type: 'stop' })).toMatchObject([
      { type: 'undelivered', messages: ['a', 'b', 'c', 'd', 'e'] },
    ]);
    expect(sender.sent({ type: 'send', message: 'f' })).toEqual(['1f']);
  });

  it('gives up after the limit without any acknowledgement, counted from the first one waiting', () => {
    const sender = new Sender();
    sender.nowMs = 50_000;
    sender.send('a');
    sender.nowMs = 59_999;
    expect(sender.sent(tick)).toEqual(['1a']);
    sender.nowMs = 60_000;
    expect(sender.step({ type: 'tick', writable: false })).toMatchObject([{ type: 'quarantine' }]);
  });

  it('quarantines a peer that forgot what it had acknowledged', () => {
    const sender = new Sender();
    sender.send('a');
    sender.step({ type: 'ack', seqNo: 1 });
    sender.send('b');
    const nacks = [1, 2, 3].map(() => sender.step({ type: 'nack', seqNo: 0 }).length);
    expect(nacks).toEqual([0, 0, 1]);
  });

  it('does not mistake early nacks for forgetting', () => {
    const sender = new Sender();
    sender.send('a');
    for (let i = 0; i < 9; i++) expect(sender.step({ type: 'nack', seqNo: 0 })).toEqual([]);
  });

  it('begins at 1 again with a new incarnation and tells what the old one missed', () => {
    const sender = new Sender();
    sender.send('a');
    sender.send('b');
    expect(sender.step({ type: 'incarnation-changed' })).toEqual([
      { type: 'undelivered', messages: ['a', 'b'], reason: 'the peer restarted' },
    ]);
    expect(sender.sent({ type: 'send', message: 'c' })).toEqual(['1c']);
  });

  it('goes on numbering through a reconnect, for nothing tells it of one', () => {
    const sender = new Sender();
    sender.send('a');
    sender.step({ type: 'ack', seqNo: 1 });
    expect(sender.sent({ type: 'send', message: 'b' })).toEqual(['2b']);
  });
});

describe('the receiver of system messages', () => {
  it('delivers the expected one, acknowledges older ones again, refuses newer ones', () => {
    expect(receiveSequenced(1, 1)).toEqual({
      expected: 2,
      deliver: true,
      answer: 'ack',
      answerSeqNo: 1,
    });
    expect(receiveSequenced(4, 2)).toMatchObject({ deliver: false, answer: 'ack', answerSeqNo: 3 });
    expect(receiveSequenced(1, 5)).toMatchObject({
      deliver: false,
      answer: 'nack',
      answerSeqNo: 0,
    });
  });
});

describe('sender and receiver together', () => {
  it('deliver each message exactly once and in order over a link that loses anything', () => {
    const chances = fc.array(fc.record({ lose: fc.boolean(), loseAnswer: fc.boolean() }), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(chances, fc.integer({ min: 1, max: 5 }), (losses, count) => {
        const sender = new Sender();
        let expected = 1;
        let next = 0;
        const delivered: string[] = [];
        const carry = (effects: readonly SystemDeliveryEffect<string>[]): void => {
          for (const effect of effects) {
            if (effect.type !== 'transmit') continue;
            const loss = losses[next++] ?? { lose: false, loseAnswer: false };
            if (loss.lose) continue;
            const reception = receiveSequenced(expected, effect.entry.seqNo);
            expected = reception.expected;
            if (reception.deliver) delivered.push(effect.entry.message);
            if (!loss.loseAnswer) {
              sender.step({ type: reception.answer, seqNo: reception.answerSeqNo });
            }
          }
        };
        const messages = Array.from({ length: count }, (_, i) => `m${i}`);
        for (const message of messages) carry(sender.send(message));
        for (let round = 0; round < 70; round++) {
          sender.nowMs += 100;
          carry(sender.step(tick));
        }
        expect(delivered).toEqual(messages);
        expect(sender.state.unacknowledged.size).toBe(0);
      }),
    );
  });
});
