import { expect, it } from 'vitest';
import {
  flushAcknowledged,
  flushDone,
  goodbyeAcknowledged,
  goodbyeDone,
  startFlush,
  startGoodbye,
} from './flush.ts';

it('is done at once when nothing was sent', () => {
  expect(flushDone(startFlush(0))).toBe(true);
});

it('takes the number of acks per flush from the first one', () => {
  let round = startFlush(2);
  const done: boolean[] = [];
  for (let i = 0; i < 8; i++) {
    round = flushAcknowledged(round, 4);
    done.push(flushDone(round));
  }
  expect(done).toEqual([false, false, false, false, false, false, false, true]);
});

it('is satisfied by a single ack of a peer with one pipeline', () => {
  expect(flushDone(flushAcknowledged(startFlush(1), 1))).toBe(true);
});

it('survives more acks than were owed', () => {
  const done = flushAcknowledged(startFlush(1), 1);
  expect(flushDone(flushAcknowledged(done, 1))).toBe(true);
});

it('says goodbye until each peer has acknowledged each copy', () => {
  let goodbye = startGoodbye([
    { peer: 'a', copies: 2 },
    { peer: 'b', copies: 1 },
    { peer: 'c', copies: 0 },
  ]);
  for (const peer of ['a', 'b', 'x']) goodbye = goodbyeAcknowledged(goodbye, peer);
  expect(goodbyeDone(goodbye)).toBe(false);
  expect(goodbyeDone(goodbyeAcknowledged(goodbye, 'a'))).toBe(true);
});
