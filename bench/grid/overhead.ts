// What the grid costs on top of the pricing itself: the time of a job against the time that as many bare processes need
// for the same trades. Both sides take turns, and both run their pricing at the same priority.

import { type BenchRow, median, rowOf } from '../bench-row.ts';
import { type Floor, startFloor } from './floor.ts';
import type { Grid } from './grid-process.ts';
import { treeOptions, writePortfolio } from './portfolios.ts';

export interface OverheadOptions {
  readonly grid: Grid;
  readonly folder: string;
  readonly trades: number;
  /** Steps of the trees: what a trade costs. */
  readonly steps: number;
  readonly rounds: number;
  /** Pricing threads of the whole grid. */
  readonly threads: number;
}

/** Times over (kernel time / cores), and processor time of all processes over that of the kernel. */
interface Round {
  readonly job: number;
  readonly checkedFirst: number;
  readonly pricedMeanwhile: number;
  readonly cpu: number;
  readonly microsPerTrade: number;
  /** What part of a core each bare process had while it priced. */
  readonly share: number;
}

const goal = { on: 'ours', atMost: 1.15 } as const;
/** About as long as the chunks that the grid makes. */
const floorBatchMs = 40;
/** With less of a core than this for a bare process, others were at work, and the clock measures them. */
const shareMin = 0.9;
const microsPerStepSquared = 0.0085;

export async function overhead(options: OverheadOptions): Promise<BenchRow[]> {
  const { folder, trades, steps, threads } = options;
  const file = `${folder}/tree-${steps}.ndjson`;
  await writePortfolio(file, treeOptions(trades, steps));
  const atOnce = Math.ceil((floorBatchMs * 1000) / (microsPerStepSquared * steps ** 2));
  const floor = await startFloor({ file, metric: 'OptionPV', processes: threads, atOnce });
  try {
    // The grid's threads have compiled nothing yet; the floor's have.
    await wholeJob(options.grid, file, 'reject');
    const seen: Round[] = [];
    for (let i = 0; i < options.rounds; i++) seen.push(await round(options, file, floor));
    return rowsOf(options, seen);
  } finally {
    await floor.stop();
  }
}

async function round(options: OverheadOptions, file: string, floor: Floor): Promise<Round> {
  const { grid, trades, threads } = options;
  const before = await floor.round();
  const checked = await wholeJob(grid, file, 'reject');
  const between = await floor.round();
  const eager = await wholeJob(grid, file, 'skip');
  const after = await floor.round();
  const floorMs = (a: { ms: number }, b: { ms: number }): number => (a.ms + b.ms) / 2 / threads;
  return {
    job: checked.jobMs / floorMs(before, between),
    checkedFirst: checked.wholeMs / floorMs(before, between),
    pricedMeanwhile: eager.wholeMs / floorMs(between, after),
    cpu: checked.cpuMs / ((before.cpuMs + between.cpuMs) / 2),
    microsPerTrade: (between.cpuMs * 1000) / trades,
    share: (before.cpuMs + between.cpuMs) / (before.ms + between.ms),
  };
}

/** From the first byte of the upload to the end of the job. */
async function wholeJob(grid: Grid, file: string, onError: 'reject' | 'skip') {
  const cpuBefore = grid.cpuMs();
  const begin = performance.now();
  const { id } = await grid.submit(file, `metric=OptionPV&onError=${onError}`);
  const job = await grid.ended(id);
  const wholeMs = performance.now() - begin;
  if (job.priced !== job.trades) throw new Error(`${job.failed} trades have no price`);
  return { wholeMs, jobMs: job.elapsedMs, cpuMs: grid.cpuMs() - cpuBefore };
}

function rowsOf({ trades, steps }: OverheadOptions, seen: readonly Round[]): BenchRow[] {
  const micros = Math.round(seen[0]?.microsPerTrade ?? 0);
  const what = `${trades.toLocaleString('en')} American options of ${micros} µs (CRR, ${steps} steps, greeks)`;
  const share = median(seen.map((round) => round.share));
  const row = (figure: string, pick: (round: Round) => number, judged: boolean): BenchRow => {
    const made = rowOf({
      figure: `${figure}, ${what}`,
      unit: '× (kernel time / cores)',
      rounds: seen.map(pick),
      ...(judged ? { goal } : {}),
    });
    return judged && share < shareMin ? { ...made, met: false, note: busyNote(share) } : made;
  };
  return [
    row('job time', ({ job }) => job, true),
    row('upload and job, priced while the rest comes in', (one) => one.pricedMeanwhile, true),
    row('upload and job, all checked before any is priced', (one) => one.checkedFirst, false),
    {
      ...row('processor time of all nodes, upload and job', ({ cpu }) => cpu, false),
      unit: '× kernel time',
    },
  ];
}

const busyNote = (share: number): string =>
  `Cannot be judged: the bare processes had ${Math.round(share * 100)} % of a core each, so others were at work. Processor time is the figure to trust then.`;
