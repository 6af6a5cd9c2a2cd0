import { describe, expect, it } from 'vitest';
import { ManualTime } from '../testkit/manual-time.ts';
import { memoryLog } from './memory-log.ts';
import { MetricsRegistry } from './metrics.ts';
import { batchBytes, batchDelayMs, SpanBatches, waitingBytesMax } from './span-batches.ts';
import { SpanDeliveries } from './span-deliveries.ts';

function batches() {
  const time = new ManualTime();
  const metrics = new MetricsRegistry();
  const deliveries = new SpanDeliveries('http://traces:4318/v1/traces');
  deliveries.reportTo({ metrics, log: memoryLog().logger, clock: time.clock });
  const requests: { body: string; spans: number; done: (error?: Error) => void }[] = [];
  const made = new SpanBatches({
    timers: time.timers,
    deliveries,
    head: '[[',
    tail: ']]',
    send: ({ body, spans }, done) => {
      requests.push({ body: Buffer.from(body).toString(), spans, done: (error) => done(error) });
    },
  });
  const count = (name: string): number | undefined => {
    const full = `parvi_trace_spans_${name}_total`;
    const sample = metrics.snapshot().find((one) => one.name === full)?.samples[0];
    return sample !== undefined && 'value' in sample ? sample.value : undefined;
  };
  const counts = () => ({ sent: count('sent'), dropped: count('dropped') });
  return { made, time, requests, counts };
}

describe('spans on their way', () => {
  it('wait a second for others and go out together', () => {
    const { made, time, requests, counts } = batches();
    for (const json of ['"a"', '"ü"', '"\u{1f426}"']) made.add(json);
    time.advance(batchDelayMs - 1);
    expect(requests).toHaveLength(0);
    time.advance(1);
    expect(requests.map(({ body, spans }) => [JSON.parse(body), spans])).toEqual([
      [[['a', 'ü', '\u{1f426}']], 3],
    ]);
    expect(counts().sent).toBe(0);
    requests[0]?.done();
    expect(counts()).toEqual({ sent: 3, dropped: 0 });
    time.advance(60_000);
    expect(requests).toHaveLength(1);
  });

  it('go out at once when there are many', () => {
    const { made, requests } = batches();
    const json = `"${'x'.repeat(1000)}"`;
    let added = 0;
    while (requests.length === 0) {
      made.add(json);
      added++;
    }
    expect(JSON.parse(requests[0]?.body ?? '')[0]).toHaveLength(added);
    expect(requests[0]?.body.length).toBeGreaterThanOrEqual(batchBytes);
    expect(requests[0]?.body.length).toBeLessThan(batchBytes + 2000);
  });

  it('wait while a request is under way, and follow it with the next', () => {
    const { made, time, requests } = batches();
    made.add('1');
    time.advance(batchDelayMs);
    made.add('2');
    time.advance(60_000);
    expect(requests).toHaveLength(1);
    requests[0]?.done();
    time.advance(batchDelayMs);
    expect(requests[1]?.body).toBe('[[2]]');
  });

  it('are dropped and counted when the receiver is too slow, and memory stays bounded', () => {
    const { made, time, requests, counts } = batches();
    made.add('1');
    time.advance(batchDelayMs);
    const json = `"${'x'.repeat(100_000)}"`;
    for (let i = 0; i < 100; i++) made.add(json);
    const kept = 100 - (counts().dropped ?? 0);
    expect(kept).toBeGreaterThan(30);
    expect(kept * json.length).toBeLessThan(waitingBytesMax);
    requests[0]?.done();
    expect(JSON.parse(requests[1]?.body ?? '')[0]).toHaveLength(kept);
    requests[1]?.done(new Error('gone'));
    expect(counts()).toEqual({ sent: 1, dropped: 100 });
  });

  it('that are too long for any request are dropped alone', () => {
    const { made, time, requests, counts } = batches();
    made.add(`"${'x'.repeat(waitingBytesMax)}"`);
    made.add('1');
    time.advance(batchDelayMs);
    expect(requests[0]?.body).toBe('[[1]]');
    expect(counts().dropped).toBe(1);
  });

  it('are all sent before the end', async () => {
    const { made, requests, counts } = batches();
    made.add('1');
    const flushed = made.flush();
    made.add('2');
    requests[0]?.done();
    requests[1]?.done();
    await flushed;
    expect(counts()).toEqual({ sent: 2, dropped: 0 });
    await expect(made.flush()).resolves.toBeUndefined();
  });

  it('are not tried again at the end when the receiver takes nothing', async () => {
    const { made, requests, counts } = batches();
    made.add('1');
    const flushed = made.flush();
    made.add('2');
    requests[0]?.done(new Error('gone'));
    await flushed;
    expect(requests).toHaveLength(1);
    expect(counts()).toEqual({ sent: 0, dropped: 2 });
  });
});
