// Messages of 1, 10 and 100 KB between two processes on loopback, beside bare sockets, round by round in one run.

import { type BenchRow, rowOf } from '../bench-row.ts';
import { tableOf } from '../table.ts';
import type { BytesContender } from './bytes-contender.ts';
import { parviBytes } from './parvi-bytes.ts';
import { rawBytes } from './raw-bytes.ts';

export interface SizesBenchOptions {
  readonly rounds?: number;
  /** Share of the bytes of a full round. */
  readonly scale?: number;
}

const sizes = [
  { bytes: 1_000, name: '1 KB' },
  { bytes: 10_000, name: '10 KB', goal: { on: 'ratio', atLeast: 0.5 } },
  { bytes: 100_000, name: '100 KB', goal: { on: 'ratio', atLeast: 0.5 } },
] as const;
const totalBytes = 400_000_000;

export async function run({ rounds = 5, scale = 1 }: SizesBenchOptions = {}): Promise<BenchRow[]> {
  const ours = await parviBytes();
  const floor = await rawBytes();
  try {
    const rows: BenchRow[] = [];
    for (const { bytes, name, ...judged } of sizes) {
      const count = Math.floor((totalBytes * scale * Math.min(1, bytes / 4000)) / bytes);
      const message = Buffer.alloc(bytes, 'x');
      const speed = async (contender: BytesContender): Promise<number> =>
        (bytes * count) / 1000 / (await contender.send(message, count));
      await speed(ours);
      await speed(floor);
      const own: number[] = [];
      const theirs: number[] = [];
      for (let round = 0; round < rounds; round++) {
        own.push(await speed(ours));
        theirs.push(await speed(floor));
      }
      rows.push(
        rowOf({
          figure: `messages of ${name}, told`,
          unit: 'MB/s',
          ...judged,
          rounds: own,
          peer: { name: floor.name, rounds: theirs },
        }),
      );
    }
    return rows;
  } finally {
    await ours.close();
    await floor.close();
  }
}

if (import.meta.main) {
  const short = process.argv.includes('--short');
  console.log(tableOf(await run(short ? { rounds: 2, scale: 0.1 } : {})));
}
