// The floor under the grid: as many bare processes as there are cores price the portfolio, all at the same time.

import { join } from 'node:path';
import { NodeProcess } from '../node-process.ts';

const script = join(import.meta.dirname, 'floor-process.ts');

export interface Floor {
  /** Prices everything once; pricing time of all processes together, by the clock and by the processor. */
  round(): Promise<{ readonly ms: number; readonly cpuMs: number }>;
  stop(): Promise<void>;
}

export interface FloorOptions {
  readonly file: string;
  readonly metric: string;
  readonly processes: number;
  /** Trades given to the kernel at once, as many as a chunk of the grid has. */
  readonly atOnce: number;
}

export async function startFloor(options: FloorOptions): Promise<Floor> {
  const { file, metric, processes, atOnce } = options;
  const all = Array.from({ length: processes }, (_, i) => {
    const words = [script, file, metric, String(i), String(processes), String(atOnce)];
    return new NodeProcess({ name: `floor-${i + 1}`, words });
  });
  await Promise.all(all.map((one) => one.line((line) => line === 'ready' || undefined, 300_000)));
  let rounds = 0;
  return {
    async round() {
      const round = rounds++;
      for (const one of all) one.say('round');
      const times = await Promise.all(all.map((one) => one.line(roundOf(round), 300_000)));
      const sum = (pick: (time: Time) => number) => times.reduce((s, time) => s + pick(time), 0);
      return { ms: sum((time) => time.ms), cpuMs: sum((time) => time.cpuMs) };
    },
    stop: async () => {
      await Promise.all(all.map((one) => one.stop()));
    },
  };
}

interface Time {
  readonly ms: number;
  readonly cpuMs: number;
}

function roundOf(round: number) {
  return (line: string): Time | undefined => {
    if (!line.startsWith('{')) return undefined;
    const time = JSON.parse(line) as Time & { readonly round: number };
    return time.round === round ? time : undefined;
  };
}
