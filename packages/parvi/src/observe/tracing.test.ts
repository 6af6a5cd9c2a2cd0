import { describe, expect, it } from 'vitest';
import { seededRandom } from '../runtime/index.ts';
import { contextLogger } from './context-log.ts';
import { memoryLog } from './memory-log.ts';
import { parseTraceParent, type TraceContext, traceParent } from './trace-context.ts';
import { type SpanStart, Tracing } from './tracing.ts';

const context: TraceContext = {
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId: '00f067aa0ba902b7',
  sampled: true,
};

function tracing(sampleRatio: number, tracesPerSecond = 1_000_000) {
  const time = { nowMs: 0 };
  const begun: { start: SpanStart; parent: TraceContext | undefined }[] = [];
  const ended: string[] = [];
  const failed: Error[] = [];
  const made = new Tracing({
    random: seededRandom(1),
    sampleRatio,
    tracesPerSecond,
    clock: { nowMs: () => time.nowMs, wallMs: () => 0, nanos: () => 0n },
    recorder: {
      record: (start, parent) => {
        begun.push({ start, parent });
        return {
          context: { ...context, spanId: String(begun.length).padStart(16, '0') },
          set: () => undefined,
          fail: (error) => failed.push(error),
          end: () => ended.push(start.name),
        };
      },
      close: () => Promise.resolve(),
    },
  });
  return { tracing: made, time, begun, ended, failed };
}

describe('a traceparent', () => {
  it('is written and read as the standard has it', () => {
    const text = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    expect(parseTraceParent(text)).toEqual(context);
    expect(traceParent(context)).toBe(text);
    const unsampled = { ...context, sampled: false };
    expect(parseTraceParent(traceParent(unsampled))).toEqual(unsampled);
  });

  it('of a later version may go on; other flags are ignored', () => {
    const later = `01-${context.traceId}-${context.spanId}-03-more`;
    expect(parseTraceParent(later)).toEqual(context);
  });

  it.each([
    undefined,
    '',
    'ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    '00-00000000000000000000000000000000-00f067aa0ba902b7-01',
    '00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01',
    '00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01',
    '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more',
    '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7',
  ])('that is none is ignored: %s', (text) => {
    expect(parseTraceParent(text)).toBeUndefined();
  });
});

describe('tracing', () => {
  it('records its share of the traces that begin here', () => {
    const { tracing: one, begun } = tracing(0.1);
    for (let i = 0; i < 10_000; i++) one.start({ name: 'request' });
    expect(begun.length).toBeGreaterThan(850);
    expect(begun.length).toBeLessThan(1150);
    const none = tracing(0);
    expect(none.tracing.start({ name: 'request' })).toBeUndefined();
    const all = tracing(1);
    expect(all.tracing.start({ name: 'request' })).toBeDefined();
  });

  it('begins no more in a second than it may, and follows others none the less', () => {
    const { tracing: one, time, begun } = tracing(1, 100);
    const begin = (count: number): number => {
      const before = begun.length;
      for (let i = 0; i < count; i++) one.start({ name: 'request' });
      return begun.length - before;
    };
    // A quiet time has left those of 100 ms.
    expect(begin(1000)).toBe(11);
    time.nowMs = 50;
    expect(begin(1000)).toBe(5);
    time.nowMs = 60_000;
    expect(begin(1000)).toBe(11);
    expect(one.start({ name: 'part', parent: context })).toBeDefined();
  });

  it('follows who began a trace outside as long as it may begin one itself', () => {
    const { tracing: one, time } = tracing(0, 100);
    const follow = (): boolean =>
      one.start({ name: 'request', parent: context, fromOutside: true }) !== undefined;
    const followed = (): number => Array.from({ length: 1000 }, follow).filter(Boolean).length;
    expect(followed()).toBe(11);
    time.nowMs = 50;
    expect(followed()).toBe(5);
    const unsampled = { ...context, sampled: false };
    time.nowMs = 1000;
    expect(one.start({ name: 'request', parent: unsampled, fromOutside: true })).toBeUndefined();
  });

  it('follows who began a trace, whatever its own share', () => {
    const never = tracing(0);
    expect(never.tracing.start({ name: 'part', parent: context })).toBeDefined();
    const always = tracing(1);
    const unsampled = { ...context, sampled: false };
    expect(always.tracing.start({ name: 'part', parent: unsampled })).toBeUndefined();
  });

  it('makes what begins within a span a part of it, and nothing after', () => {
    const { tracing: one, begun } = tracing(1);
    const outer = one.start({ name: 'outer' });
    one.run(outer?.context, () => one.start({ name: 'inner' }));
    one.start({ name: 'next' });
    expect(begun.map(({ parent }) => parent?.spanId)).toEqual([
      undefined,
      outer?.context.spanId,
      undefined,
    ]);
  });

  it('is outside again when the work throws', () => {
    const { tracing: one } = tracing(1);
    const fails = () =>
      one.run(context, () => {
        throw new Error('no');
      });
    expect(fails).toThrow('no');
    expect(one.current).toBeUndefined();
  });

  it('ends the span of a promise with it, and says why it failed', async () => {
    const { tracing: one, ended, failed } = tracing(1);
    await expect(one.span({ name: 'good' }, async () => 1)).resolves.toBe(1);
    await expect(one.span({ name: 'bad' }, () => Promise.reject(new Error('no')))).rejects.toThrow(
      'no',
    );
    expect(ended).toEqual(['good', 'bad']);
    expect(failed.map(({ message }) => message)).toEqual(['no']);
  });
});

describe('a logger with a context', () => {
  it('says in each line what is so when it is written, in children too', () => {
    const { logger, lines } = memoryLog('info');
    let traceId: string | undefined;
    const log = contextLogger(logger, () => (traceId === undefined ? undefined : { traceId }));
    const child = log.child({ actor: 'a' });
    child.info('before');
    traceId = 't1';
    child.warn({ n: 1 }, 'within');
    log.debug('not written');
    expect(lines.map(({ fields, message }) => [message, fields])).toEqual([
      ['before', { actor: 'a' }],
      ['within', { actor: 'a', traceId: 't1', n: 1 }],
    ]);
  });
});
