// What tracing costs: asks between two processes with tracing off, and with one trace in a hundred recorded and sent to a
// receiver, in turns.

import { createServer } from 'node:http';
import { type BenchRow, rowOf } from '../bench-row.ts';
import type { AskFigures, Contender } from '../remoting/contender.ts';
import { drivenContender } from '../remoting/driver-process.ts';
import { tracesVariable } from '../remoting/parvi.ts';

export interface TracingBenchOptions {
  readonly rounds?: number;
  readonly scale?: number;
}

type About = Pick<Parameters<typeof rowOf>[0], 'figure' | 'unit' | 'better' | 'note'>;

const asks = 100_000;
const concurrency = 64;
/** One ask in a hundred is traced, so what records and sends spans is compiled after some ten thousands of asks. */
const warmUps = 20;

/** Takes spans and forgets them. */
async function startSink(): Promise<{ readonly endpoint: string; close(): void }> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.end('{}'));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    endpoint: `http://127.0.0.1:${port}/v1/traces`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function started(endpoint: string | undefined): Promise<Contender> {
  if (endpoint !== undefined) process.env[tracesVariable] = endpoint;
  try {
    const contender = await drivenContender('parvi');
    if (contender === undefined) throw new Error('The driver of our own remoting cannot run');
    return contender;
  } finally {
    delete process.env[tracesVariable];
  }
}

export async function run({
  rounds = 12,
  scale = 1,
}: TracingBenchOptions = {}): Promise<BenchRow[]> {
  const sink = await startSink();
  const [traced, plain] = [await started(sink.endpoint), await started(undefined)];
  try {
    const round = (contender: Contender) => contender.ask(concurrency, asks * scale);
    for (let i = 0; i < warmUps; i++) for (const one of [traced, plain]) await round(one);
    const figures = { traced: [] as AskFigures[], plain: [] as AskFigures[] };
    for (let i = 0; i < rounds; i++) {
      // Whoever goes first in a round may find the machine otherwise than who follows.
      const first = i % 2 === 0;
      if (first) figures.traced.push(await round(traced));
      figures.plain.push(await round(plain));
      if (!first) figures.traced.push(await round(traced));
    }
    const row = (about: About, of: (one: AskFigures) => number): BenchRow =>
      rowOf({
        ...about,
        goal: { on: 'ratio', atLeast: 0.95 },
        rounds: figures.traced.map(of),
        peer: { name: 'tracing off', rounds: figures.plain.map(of) },
      });
    return [
      row(
        {
          figure: 'remote ask, 64 at a time, one in a hundred traced',
          unit: 'asks/s',
          better: 'more',
          note: `two processes on loopback, ${rounds} rounds in turn, spans sent to a receiver by HTTP`,
        },
        ({ perSecond }) => perSecond,
      ),
      row(
        {
          figure: 'processor time of the asking process, one in a hundred traced',
          unit: 'µs an ask',
          better: 'less',
          note: 'in the same rounds; garbage collection and the sending of spans included',
        },
        ({ cpuMicros }) => cpuMicros,
      ),
    ];
  } finally {
    await traced.close();
    await plain.close();
    sink.close();
  }
}
