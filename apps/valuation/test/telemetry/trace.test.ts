import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasEnded, ProcessGrid } from '../acceptance/process-grid.ts';
import { until } from '../acceptance/until.ts';
import { OtlpSink, type SinkSpan } from './otlp-sink.ts';

const caller = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };

let sink: OtlpSink;
let grid: ProcessGrid;

beforeAll(async () => {
  sink = await OtlpSink.start('127.0.0.1');
  const telemetry = ['--telemetry.endpoint', sink.endpoint, '--telemetry.sample-ratio', '0'];
  const words = [...telemetry, '--log.level', 'info'];
  ({ grid } = await ProcessGrid.start({ ports: 24_400, controllers: 1, workers: 2, words }));
}, 60_000);

afterAll(async () => {
  await grid?.stop();
  sink?.close();
});

async function price(headers: Record<string, string>, trades = 300): Promise<void> {
  const query = `/valQuery?metric=NPV&numTrades=${trades}`;
  const answer = await fetch(grid.url(0) + query, { headers });
  const id = answer.headers.get('location')?.split('/').at(-1) ?? '';
  const job = await grid.untilJob([0, id], 'has ended', hasEnded);
  expect(job.state).toBe('completed');
}

const traceparent = (sampled: boolean): string =>
  `00-${caller.traceId}-${caller.spanId}-0${sampled ? 1 : 0}`;

describe('a priced job', () => {
  it('is one trace from the request over the controller to workers and back', async () => {
    await price({ traceparent: traceparent(true) });
    // Each process sends its spans when it finds the time.
    const chain = await until(
      () => `a whole trace among ${sink.spans.map(({ name }) => name).join(', ')}`,
      () => {
        const spans = sink.spans.filter(({ traceId }) => traceId === caller.traceId);
        const found = pathTo(spans, 'receive chunkDone');
        return found[0]?.parentSpanId === caller.spanId ? found : undefined;
      },
      { timeoutMs: 15_000 },
    );
    expect(chain.map(({ name }) => name)).toEqual([
      'GET /valQuery',
      'receive price',
      'price chunk',
      'receive chunkDone',
    ]);
    const [request, received, priced, answered] = chain;
    expect(received?.instance).not.toBe(request?.instance);
    expect(priced?.instance).toBe(received?.instance);
    expect(answered?.instance).toBe(request?.instance);
    for (const span of chain) {
      expect(BigInt(span.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(span.startTimeUnixNano));
    }
  });

  it('is named in the lines of logs about it', async () => {
    const traced = (command: string, words: string) =>
      until(
        () => `a line "${words}" of a ${command}`,
        () =>
          grid.nodes
            .filter((node) => node.command === command)
            .flatMap(({ log }) => log)
            .find(({ message }) => message.includes(words)),
      );
    const lines = [
      await traced('controller', 'Job taken'),
      await traced('controller', 'Job completed'),
      await traced('worker', 'Priced a share'),
    ];
    expect(lines.map(({ traceId }) => traceId)).toEqual(lines.map(() => caller.traceId));
  });

  it('is not recorded when its caller does not record it, nor when chance says no', async () => {
    const before = sink.spans.length;
    await price({ traceparent: traceparent(false) });
    await price({});
    await price({ traceparent: traceparent(true).replace('4bf9', 'aaaa') }, 10);
    await until(
      () => 'the spans of the recorded one',
      () => sink.spans.some(({ traceId }) => traceId.startsWith('aaaa')) || undefined,
      { timeoutMs: 15_000 },
    );
    const strange = sink.spans.slice(before).filter(({ traceId }) => !traceId.startsWith('aaaa'));
    expect(strange.filter(({ traceId }) => traceId !== caller.traceId)).toEqual([]);
    expect(strange.filter(({ name }) => name === 'GET /valQuery')).toEqual([]);
  });

  it('names its member in the lines of logs', () => {
    const [worker] = grid.nodes.filter(({ command }) => command === 'worker');
    const line = worker?.log.find(({ message }) => message.includes('Priced a share'));
    expect(line?.member).toMatch(/^pekko:\/\/Valuation@127\.0\.0\.1:\d+$/);
  });
});

/** The spans from the first of the trace to one of that name. */
function pathTo(spans: readonly SinkSpan[], name: string): SinkSpan[] {
  const path: SinkSpan[] = [];
  let span = spans.find((one) => one.name === name);
  while (span !== undefined) {
    path.unshift(span);
    const parent: string | undefined = span.parentSpanId;
    span = spans.find(({ spanId }) => spanId === parent);
  }
  return path;
}
