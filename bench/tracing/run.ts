// What tracing costs: asks between two processes with tracing off, with one trace in a hundred recorded and sent to a
// receiver but no more in a second than by default, and with all of one in a hundred, in turns.

import { createServer } from 'node:http';
import { tracesPerSecondDefault } from '../../packages/parvi/src/observe/index.ts';
import { type BenchRow, rowOf } from '../bench-row.ts';
import type { AskFigures, Contender } from '../remoting/contender.ts';
import { drivenContender } from '../remoting/driver-process.ts';
import { tracesPerSecondVariable, tracesVariable } from '../remoting/parvi.ts';

export interface TracingBenchOptions {
  /** Processes are started anew so many times: one may be some percent slower than its like for as long as it lives. */
  readonly launches?: number;
  /** With the processes of one launch. */
  readonly rounds?: number;
  readonly scale?: number;
}

type About = Pick<Parameters<typeof rowOf>[0], 'figure' | 'unit' | 'better' | 'note' | 'goal'>;

/** Short rounds and many: a machine that others use too is not the same a second later. */
const asks = 20_000;
const concurrency = 64;
/** One ask in a hundred is traced, so what records and sends spans is compiled after some ten thousands of asks. */
const warmUps = 100;

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

/** Our own remoting in processes that have these variables besides. */
async function started(variables: Readonly<Record<string, string>>): Promise<Contender> {
  Object.assign(process.env, variables);
  try {
    const contender = await drivenContender('parvi');
    if (contender === undefined) throw new Error('The driver of our own remoting cannot run');
    return contender;
  } finally {
    for (const name of Object.keys(variables)) delete process.env[name];
  }
}

const ways = ['limited', 'unlimited', 'off'] as const;
type Way = (typeof ways)[number];
type Figures = Record<Way, AskFigures[]>;

const unlimitedNote = 'as above, but with as many traces in a second as one in a hundred makes';

export async function run({
  launches = 5,
  rounds = 80,
  scale = 1,
}: TracingBenchOptions = {}): Promise<BenchRow[]> {
  const sink = await startSink();
  try {
    const figures: Figures = { limited: [], unlimited: [], off: [] };
    for (let i = 0; i < launches; i++) await measure(sink.endpoint, { rounds, scale }, figures);
    return rowsOf(figures, launches);
  } finally {
    sink.close();
  }
}

/** Adds the rounds of one launch. */
async function measure(
  endpoint: string,
  { rounds, scale }: { readonly rounds: number; readonly scale: number },
  figures: Figures,
): Promise<void> {
  const traced = { [tracesVariable]: endpoint };
  const contenders: Readonly<Record<Way, Contender>> = {
    limited: await started(traced),
    unlimited: await started({ ...traced, [tracesPerSecondVariable]: '1000000000' }),
    off: await started({}),
  };
  try {
    const round = (way: Way) => contenders[way].ask(concurrency, asks * scale);
    for (let i = 0; i < warmUps; i++) for (const way of ways) await round(way);
    for (let i = 0; i < rounds; i++) {
      // Whoever goes first in a round may find the machine otherwise than who follows.
      for (let k = 0; k < ways.length; k++) {
        const way = ways[(i + k) % ways.length] as Way;
        figures[way].push(await round(way));
      }
    }
  } finally {
    for (const way of ways) await contenders[way].close();
  }
}

function rowsOf(figures: Figures, launches: number): BenchRow[] {
  const row = (about: About, way: Way, of: (one: AskFigures) => number): BenchRow =>
    rowOf({
      ...about,
      rounds: figures[way].map(of),
      peer: { name: 'tracing off', rounds: figures.off.map(of) },
    });
  const perSecond = ({ perSecond: asksPerSecond }: AskFigures): number => asksPerSecond;
  const cpuMicros = ({ cpuMicros: micros }: AskFigures): number => micros;
  const asked = { unit: 'asks/s', better: 'more' } as const;
  const goal = { on: 'ratio', atLeast: 0.95 } as const;
  const spent = { unit: 'µs an ask', better: 'less' } as const;
  const note = `two processes on loopback, ${figures.off.length} rounds in turn with ${launches} pairs of processes, spans sent to a receiver by HTTP; no more than ${tracesPerSecondDefault} traces begun in a second, as by default`;
  const figure = 'remote ask, 64 at a time, one in a hundred traced';
  // At these rates that is far less than one in a hundred: the goal is set to what is traced without it.
  const bound = 'no more than by default in a second';
  const processor = 'processor time of the asking process, one in a hundred traced';
  const cpuNote = 'in the same rounds; garbage collection and the sending of spans included';
  return [
    row({ ...asked, figure: `${figure}, but ${bound}`, note }, 'limited', perSecond),
    row({ ...spent, figure: `${processor}, but ${bound}`, note: cpuNote }, 'limited', cpuMicros),
    row({ ...asked, goal, figure, note: unlimitedNote }, 'unlimited', perSecond),
    row({ ...spent, goal, figure: processor, note: cpuNote }, 'unlimited', cpuMicros),
  ];
}
