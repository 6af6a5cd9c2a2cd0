// Messages between two processes on loopback: ours, NATS, Moleculer, Effect Cluster, and bare sockets as the floor, round
// by round in one run.

import { type BenchRow, type Goal, rowOf } from '../bench-row.ts';
import type { Contender } from './contender.ts';
import { type ContenderName, drivenContender } from './driver-process.ts';

export interface RemotingBenchOptions {
  readonly rounds?: number;
  /** Messages and questions of one round; fewer for a quick look. */
  readonly scale?: number;
}

interface Figure {
  readonly figure: string;
  readonly unit: string;
  readonly better: 'more' | 'less';
  readonly goal: Goal;
  measure(contender: Contender, scale: number): Promise<number>;
}

const figures: readonly Figure[] = [
  {
    figure: 'remote tell, 100 B',
    unit: 'messages/s',
    better: 'more',
    goal: { on: 'ours', atLeast: 2_500_000 },
    measure: (contender, scale) => contender.tell(1_000_000 * scale),
  },
  {
    figure: 'remote ask, 64 at a time',
    unit: 'asks/s',
    better: 'more',
    goal: { on: 'ours', atLeast: 350_000 },
    measure: async (contender, scale) => (await contender.ask(64, 200_000 * scale)).perSecond,
  },
  {
    figure: 'remote ask, 64 at a time, p99',
    unit: 'ms',
    better: 'less',
    goal: { on: 'ours', atMost: 0.5 },
    measure: async (contender, scale) => (await contender.ask(64, 200_000 * scale)).p99Ms,
  },
  {
    figure: 'remote ask, one at a time, p50',
    unit: 'ms',
    better: 'less',
    goal: { on: 'ours', atMost: 0.08 },
    measure: async (contender, scale) => (await contender.ask(1, 10_000 * scale)).p50Ms,
  },
  {
    figure: 'tell then ask, p99',
    unit: 'ms',
    better: 'less',
    goal: { on: 'ours', atMost: 0.5 },
    measure: async (contender, scale) => (await contender.tellThenAsk(10_000 * scale)).p99Ms,
  },
];

const uncounted = 0.3;
/** Ours first. */
const names: readonly ContenderName[] = ['parvi', 'raw', 'nats', 'moleculer', 'effect'];

/** A row for each figure beside each of the others; NATS only where it is installed. */
export async function run(options: RemotingBenchOptions = {}): Promise<BenchRow[]> {
  const { rounds = 5, scale = 1 } = options;
  const all: Contender[] = [];
  for (const name of names) {
    const contender = await drivenContender(name);
    if (contender !== undefined) all.push(contender);
  }
  try {
    for (const contender of all) await warmUp(contender, scale * (contender.share ?? 1));
    const rows: BenchRow[] = [];
    for (const figure of figures) rows.push(...(await rowsOf(figure, all, rounds, scale)));
    return rows;
  } finally {
    for (const contender of all) await contender.close();
  }
}

/** Long enough that the code is compiled and sockets have their windows. */
async function warmUp(contender: Contender, scale: number): Promise<void> {
  await contender.ask(64, 100_000 * scale);
  await contender.tell(300_000 * scale);
}

/** One round. Whoever stood idle while the others had their turns first does a part that is not counted. */
async function measured(figure: Figure, contender: Contender, scale: number): Promise<number> {
  const own = scale * (contender.share ?? 1);
  await figure.measure(contender, own * uncounted);
  return figure.measure(contender, own);
}

async function rowsOf(
  figure: Figure,
  [ours, ...others]: readonly Contender[],
  rounds: number,
  scale: number,
): Promise<BenchRow[]> {
  if (ours === undefined) return [];
  const own: number[] = [];
  const theirs = others.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    own.push(await measured(figure, ours, scale));
    for (const [i, other] of others.entries()) {
      theirs[i]?.push(await measured(figure, other, scale));
    }
  }
  return others.map((other, i) =>
    rowOf({
      figure: figure.figure,
      unit: figure.unit,
      goal: figure.goal,
      better: figure.better,
      rounds: own,
      peer: { name: other.name, rounds: theirs[i] ?? [] },
      note: `two processes on loopback, ${rounds} rounds in turn with ${other.name}, each after a part that is not counted`,
    }),
  );
}

if (import.meta.main) {
  const quick = process.argv.includes('--quick');
  const rows = await run(quick ? { rounds: 3, scale: 0.3 } : {});
  for (const { figure, unit, ours, spread, peer, ratio, goal, met } of rows) {
    const wanted = goal?.atLeast !== undefined ? `≥ ${goal.atLeast}` : `≤ ${goal?.atMost}`;
    const shown = (value = Number.NaN): string => Number(value.toPrecision(4)).toLocaleString('en');
    console.log(
      `${figure}: ${shown(ours)} ${unit} (${shown(spread[0])} to ${shown(spread[1])}), ${peer?.name} ${shown(peer?.value)}, ${shown(ratio?.value)}× better, goal ${wanted} ${met ? 'met' : 'missed'}`,
    );
  }
  process.exit(0);
}
