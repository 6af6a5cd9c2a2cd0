import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { describe, expect, it } from 'vitest';
import { ManualTime } from '../testkit/manual-time.ts';
import { memoryLog } from './memory-log.ts';
import { MetricsRegistry } from './metrics.ts';
import {
  batchBytes,
  batchDelayMs,
  SpanBatches,
  sendingMsMax,
  waitingBytesMax,
} from './span-batches.ts';
import { SpanDeliveries } from './span-deliveries.ts';

/** A text where a span would be; requests of these read as `[bytes] text text`. */
const span = (text: string) => ({
  byteLength: () => Buffer.byteLength(text),
  write: (bytes: Uint8Array, at: number) => void Buffer.from(text).copy(bytes, at),
});

/** The texts of a request, whose lengths are varints. */
function textsOf(body: Uint8Array): string[] {
  const texts: string[] = [];
  const reader = new BinaryReader(body.subarray(body.indexOf(closing) + 1));
  while (reader.pos < reader.len) {
    expect(reader.tag()).toEqual([2, WireType.LengthDelimited]);
    texts.push(reader.string());
  }
  return texts;
}

const closing = ']'.charCodeAt(0);

function batches() {
  const time = new ManualTime();
  const metrics = new MetricsRegistry();
  const deliveries = new SpanDeliveries('http://traces:4318/v1/traces');
  deliveries.reportTo({ metrics, log: memoryLog().logger, clock: time.clock });
  const requests: {
    body: Uint8Array;
    spans: number;
    done: (error?: Error, taken?: number) => void;
  }[] = [];
  const aborted: number[] = [];
  const made = new SpanBatches({
    timers: time.timers,
    deliveries,
    head: (bytes) => Buffer.from(`[${bytes}]`),
    spanTag: 0x12,
    send: ({ body, spans }, done) => {
      requests.push({
        body,
        spans,
        done: (error, taken = error === undefined ? spans : 0) =>
          done({ taken, ...(error && { error }) }),
      });
      return () => void aborted.push(spans);
    },
  });
  const count = (name: string): number | undefined => {
    const full = `parvi_trace_spans_${name}_total`;
    const sample = metrics.snapshot().find((one) => one.name === full)?.samples[0];
    return sample !== undefined && 'value' in sample ? sample.value : undefined;
  };
  const counts = () => ({ sent: count('sent'), dropped: count('dropped') });
  return { made, time, requests, counts, aborted };
}

describe('spans on their way', () => {
  it('wait a second for others and go out together', () => {
    const { made, time, requests, counts } = batches();
    const texts = ['a', 'ü', '\u{1f426}', 'x'.repeat(200)];
    for (const text of texts) made.add(span(text));
    time.advance(batchDelayMs - 1);
    expect(requests).toHaveLength(0);
    time.advance(1);
    expect(requests.map(({ body, spans }) => [textsOf(body), spans])).toEqual([[texts, 4]]);
    const lengths = 3 + 4 + 6 + 203;
    expect(Buffer.from(requests[0]?.body ?? []).toString()).toMatch(`[${lengths}]`);
    expect(requests[0]?.body).toHaveLength('[216]'.length + lengths);
    expect(counts().sent).toBe(0);
    requests[0]?.done();
    expect(counts()).toEqual({ sent: 4, dropped: 0 });
    time.advance(60_000);
    expect(requests).toHaveLength(1);
  });

  it('go out at once when there are many', () => {
    const { made, requests } = batches();
    const long = span('x'.repeat(1000));
    let added = 0;
    while (requests.length === 0) {
      made.add(long);
      added++;
    }
    expect(textsOf(requests[0]?.body ?? new Uint8Array())).toHaveLength(added);
    expect(requests[0]?.body.length).toBeGreaterThan(batchBytes);
    expect(requests[0]?.body.length).toBeLessThan(batchBytes + 2000);
  });

  it('wait while a request is under way, and follow it with the next', () => {
    const { made, time, requests } = batches();
    made.add(span('1'));
    time.advance(batchDelayMs);
    made.add(span('2'));
    time.advance(sendingMsMax - 1);
    expect(requests).toHaveLength(1);
    requests[0]?.done();
    time.advance(batchDelayMs);
    expect(textsOf(requests[1]?.body ?? new Uint8Array())).toEqual(['2']);
  });

  it('are dropped and counted when the receiver is too slow, and memory stays bounded', () => {
    const { made, time, requests, counts } = batches();
    made.add(span('1'));
    time.advance(batchDelayMs);
    const bytes = 100_000;
    for (let i = 0; i < 100; i++) made.add(span('x'.repeat(bytes)));
    const kept = 100 - (counts().dropped ?? 0);
    expect(kept).toBeGreaterThan(30);
    expect(kept * bytes).toBeLessThan(waitingBytesMax);
    requests[0]?.done();
    expect(textsOf(requests[1]?.body ?? new Uint8Array())).toHaveLength(kept);
    requests[1]?.done(new Error('gone'));
    expect(counts()).toEqual({ sent: 1, dropped: 100 });
  });

  it('that are too long for any request are dropped alone', () => {
    const { made, time, requests, counts } = batches();
    made.add(span('x'.repeat(waitingBytesMax)));
    made.add(span('1'));
    time.advance(batchDelayMs);
    expect(textsOf(requests[0]?.body ?? new Uint8Array())).toEqual(['1']);
    expect(counts().dropped).toBe(1);
  });

  it('are counted one by one when the receiver takes some of them', () => {
    const { made, time, requests, counts } = batches();
    for (const text of ['1', '2', '3']) made.add(span(text));
    time.advance(batchDelayMs);
    requests[0]?.done(new Error('one is too old'), 2);
    expect(counts()).toEqual({ sent: 2, dropped: 1 });
  });

  it('are given up when the receiver goes on answering for ever, and the next go out', async () => {
    const { made, time, requests, counts, aborted } = batches();
    made.add(span('1'));
    time.advance(batchDelayMs);
    made.add(span('2'));
    time.advance(sendingMsMax);
    expect(counts()).toEqual({ sent: 0, dropped: 1 });
    expect(aborted).toEqual([1]);
    time.advance(batchDelayMs);
    expect(requests).toHaveLength(2);
    requests[0]?.done();
    expect(counts()).toEqual({ sent: 0, dropped: 1 });
    const flushed = made.flush();
    time.advance(sendingMsMax);
    await flushed;
    expect(counts()).toEqual({ sent: 0, dropped: 2 });
  });

  it('are all sent before the end', async () => {
    const { made, requests, counts } = batches();
    made.add(span('1'));
    const flushed = made.flush();
    made.add(span('2'));
    requests[0]?.done();
    requests[1]?.done();
    await flushed;
    expect(counts()).toEqual({ sent: 2, dropped: 0 });
    await expect(made.flush()).resolves.toBeUndefined();
  });

  it('are not tried again at the end when the receiver takes nothing', async () => {
    const { made, requests, counts } = batches();
    made.add(span('1'));
    const flushed = made.flush();
    made.add(span('2'));
    requests[0]?.done(new Error('gone'));
    await flushed;
    expect(requests).toHaveLength(1);
    expect(counts()).toEqual({ sent: 0, dropped: 2 });
  });
});
