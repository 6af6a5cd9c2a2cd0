import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { ManualTime } from '../testkit/manual-time.ts';
import { memoryLog } from './memory-log.ts';
import { MetricsRegistry } from './metrics.ts';
import { otlpRecorder } from './open-telemetry.ts';
import { batchDelayMs, sendingMsMax } from './span-batches.ts';
import { dropWarningIntervalMs, SpanDeliveries } from './span-deliveries.ts';

function told() {
  const { logger, lines } = memoryLog();
  const metrics = new MetricsRegistry();
  let nowMs = 0;
  const clock = { nowMs: () => nowMs, wallMs: () => nowMs, nanos: () => BigInt(nowMs) };
  const deliveries = new SpanDeliveries('http://me:secret@traces:4318/v1/traces?token=abc');
  deliveries.reportTo({ metrics, log: logger, clock });
  const count = (name: string) =>
    metrics.snapshot().find((metric) => metric.name === `parvi_trace_spans_${name}_total`)?.samples;
  return {
    deliveries,
    lines: () => lines.map(({ level, message, fields }) => ({ level, message, ...fields })),
    counts: () => [count('sent'), count('dropped')],
    advance: (ms: number) => {
      nowMs += ms;
    },
  };
}

const refused = new Error('connect ECONNREFUSED 10.0.0.1:4318');

describe('spans that do not arrive', () => {
  it('are told of at the first, without what the address keeps secret, and are counted', () => {
    const { deliveries, lines, counts } = told();
    deliveries.sent(7);
    deliveries.dropped(3, refused);
    deliveries.dropped(4, refused);
    expect(lines()).toEqual([
      {
        level: 'warn',
        dropped: 3,
        reason: 'connect ECONNREFUSED 10.0.0.1:4318',
        message:
          'Traces cannot be sent to "http://traces:4318/v1/traces", and their spans are dropped: see that the receiver runs, and that telemetry.endpoint names it',
      },
    ]);
    expect(counts()).toEqual([[{ labels: [], value: 7 }], [{ labels: [], value: 7 }]]);
  });

  it('are told of again after minutes, with how many there were meanwhile', () => {
    const { deliveries, lines, advance } = told();
    for (let spans = 1; spans <= 5; spans++) deliveries.dropped(spans, refused);
    advance(dropWarningIntervalMs - 1);
    deliveries.dropped(10, refused);
    advance(1);
    deliveries.dropped(20, refused);
    expect(lines().map((line) => Reflect.get(line, 'dropped'))).toEqual([
      1,
      2 + 3 + 4 + 5 + 10 + 20,
    ]);
  });

  it('are told of once more when the receiver takes them again, however often that comes and goes', () => {
    const { deliveries, lines } = told();
    for (let i = 0; i < 3; i++) {
      deliveries.dropped(5, refused);
      deliveries.sent(1);
    }
    expect(lines().map(({ level }) => level)).toEqual(['warn', 'info']);
    expect(lines()[1]?.message).toBe('Traces are sent to "http://traces:4318/v1/traces" again');
  });

  it('are told of with the path that is missing, where the receiver knows none of that name', async () => {
    const server = createServer((_, response) => response.writeHead(404).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const endpoint = `http://127.0.0.1:${port}`;
    const { clock, timers, random } = new ManualTime().runtime();
    const ports = { clock, timers, random };
    const recorder = otlpRecorder({ endpoint, serviceName: 'shop', instanceId: 'a', ...ports });
    const { logger, lines } = memoryLog();
    recorder.deliveries?.reportTo({ metrics: new MetricsRegistry(), log: logger, clock });
    recorder.record({ name: 'a', kind: 'internal', attributes: {} }, undefined).end();
    await recorder.close();
    server.close();
    expect(lines.map(({ message }) => message)).toEqual([
      `Traces cannot be sent to "${endpoint}/", and their spans are dropped: the receiver takes none at this path; see that telemetry.endpoint has the right one, which mostly is "/v1/traces"`,
    ]);
  });

  it('have their connection closed when the receiver goes on answering for ever', async () => {
    const server = createServer((_, response) => response.writeHead(200).write(' '));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const endpoint = `http://127.0.0.1:${port}/v1/traces`;
    const time = new ManualTime();
    const { clock, timers, random } = time.runtime();
    const ports = { clock, timers, random };
    const recorder = otlpRecorder({ endpoint, serviceName: 'shop', instanceId: 'a', ...ports });
    // More often than so many requests may be under way at once.
    for (let i = 0; i < 40; i++) {
      const asked = once(server, 'request');
      recorder.record({ name: 'a', kind: 'internal', attributes: {} }, undefined).end();
      time.advance(batchDelayMs);
      const [{ socket }] = await asked;
      const closed = new Promise((resolve) => socket.once('close', resolve));
      time.advance(sendingMsMax);
      await closed;
    }
    server.close();
  });
});
