// Where the time of a message goes: both processes of the remoting benchmark under V8's profiler, its samples by parts of
// the toolkit. The profiler costs time itself, so rates come from the benchmarks, and shares from here.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { BenchRow } from '../bench-row.ts';
import { tableOf } from '../table.ts';
import { type CpuProfile, timesOf } from './areas.ts';

export interface ProfileOptions {
  /** Share of the time of a full run. */
  readonly scale?: number;
}

const load = fileURLToPath(new URL('load.ts', import.meta.url));
const secondsOfLoad = 12;
/** Areas with less do not get a row. */
const shareMin = 1;

export async function run({ scale = 1 }: ProfileOptions = {}): Promise<BenchRow[]> {
  const seconds = Math.max(2, secondsOfLoad * scale);
  return [...profiled('tell', seconds), ...profiled('ask', seconds)];
}

function profiled(kind: 'tell' | 'ask', seconds: number): BenchRow[] {
  const directory = mkdtempSync(join(tmpdir(), 'parvi-profile-'));
  try {
    const flags = ['--cpu-prof', '--cpu-prof-interval', '500', '--cpu-prof-dir', directory];
    const output = execFileSync(process.execPath, [...flags, load, kind, String(seconds)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const perMessageUs = (seconds * 1_000_000) / Number(output);
    const profiles = readdirSync(directory)
      .map((file) => JSON.parse(readFileSync(join(directory, file), 'utf8')) as CpuProfile)
      .sort((a, b) => Number(isDriver(b)) - Number(isDriver(a)));
    return profiles.flatMap((profile) => {
      const process = isDriver(profile) ? `process that ${kind}s` : 'process that receives';
      return rowsOf(`${kind}, ${process}`, profile, perMessageUs * 1000);
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const isDriver = ({ nodes }: CpuProfile): boolean =>
  nodes.some(({ callFrame }) => callFrame.url.endsWith('/profile/load.ts'));

function rowsOf(name: string, profile: CpuProfile, perMessageNs: number): BenchRow[] {
  const { areas, totalUs } = timesOf(profile);
  return [...areas]
    .map(([area, us]) => ({ area, share: (100 * us) / totalUs }))
    .filter(({ share }) => share >= shareMin)
    .map(({ area, share }) => ({
      figure: `${name}: ${area}`,
      unit: '% of its time',
      ours: share,
      spread: [share, share] as const,
      met: true,
      note: `${Math.round(perMessageNs)} ns for each ${name.split(',')[0]} under the profiler, from end to end`,
    }));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log(tableOf(await run({})));
}
