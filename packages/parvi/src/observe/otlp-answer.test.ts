import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { describe, expect, it } from 'vitest';
import { allTaken, readAnswer } from './otlp-answer.ts';

const partial = (rejected: number, reason: string): Uint8Array =>
  new BinaryWriter()
    .tag(1, WireType.LengthDelimited)
    .bytes(
      new BinaryWriter()
        .tag(1, WireType.Varint)
        .int64(rejected)
        .tag(2, WireType.LengthDelimited)
        .string(reason)
        .finish(),
    )
    .finish();

describe('the answer of a receiver of traces', () => {
  it.each([
    ['protobuf', partial(3, 'too old')],
    ['JSON', Buffer.from('{"partialSuccess":{"rejectedSpans":"3","errorMessage":"too old"}}')],
  ])('tells in %s how many spans were refused, and why', (_form, body) => {
    expect(readAnswer(body)).toEqual({ rejected: 3, reason: 'too old' });
  });

  it('is protobuf though its length be a brace behind what is a blank in texts', () => {
    const reason = 'x'.repeat(0x7b - 4);
    expect([...partial(3, reason).subarray(0, 2)]).toEqual([0x0a, 0x7b]);
    expect(readAnswer(partial(3, reason))).toEqual({ rejected: 3, reason });
  });

  it.each([
    ['nothing', new Uint8Array()],
    ['an empty object', Buffer.from('{}')],
    ['a warning only', partial(0, 'slow down')],
    ['a number that is none', partial(-1, '')],
    ['a list', Buffer.from('[]')],
    ['half of an object', Buffer.from('{"partialSuccess":')],
    ['plain words', Buffer.from('OK')],
    ['garbage', Buffer.from('ff00ff12ff', 'hex')],
  ])('that is %s has refused none', (_what, body) => {
    expect(readAnswer(body)).toEqual(allTaken);
  });

  it('that is a page for people is that of somebody else, and nothing was taken', () => {
    const { rejected, reason } = readAnswer(Buffer.from('\n<!doctype html><p>Welcome'));
    expect(rejected).toBe(Number.POSITIVE_INFINITY);
    expect(reason).toContain('telemetry.endpoint');
  });
});
