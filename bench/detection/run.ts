// How long a cluster of five takes to decide, ours beside Pekko's with the same settings: after the death of one process,
// and after a partition of the network in three and two.

import { pathToFileURL } from 'node:url';
import { networkObstacle } from '../../faults/network-obstacle.ts';
import { newestPekko, peerObstacle } from '../../interop/harness/peer-build.ts';
import { type BenchRow, rowOf } from '../bench-row.ts';
import { tableOf } from '../table.ts';
import { FiveNodes, javaWords, settings } from './five-nodes.ts';

export interface DetectionBenchOptions {
  readonly rounds?: number;
}

/** Seconds of one kind of node, a value a round. */
interface Times {
  readonly killDowned: number[];
  readonly killRemoved: number[];
  readonly partDowned: number[];
  readonly partEnded: number[];
}

const titles: Readonly<Record<keyof Times, string>> = {
  killDowned: 'kill −9 of one of five, until all survivors have it down',
  killRemoved: 'kill −9 of one of five, until all survivors have it removed',
  partDowned: 'partition 3 : 2, until all of the majority have the others down',
  partEnded: 'partition 3 : 2, until all of the minority have ended',
};

export async function run({ rounds = 3 }: DetectionBenchOptions = {}): Promise<BenchRow[]> {
  const obstacle = networkObstacle() ?? (await peerObstacle());
  if (obstacle !== undefined) {
    console.error(`No figures of detection: ${obstacle}`);
    return [];
  }
  const clusters: FiveNodes[] = [];
  try {
    for (const kind of ['parvi', 'pekko'] as const) clusters.push(await FiveNodes.of(kind));
    const [ours, theirs] = await measure(clusters, rounds);
    return ours === undefined || theirs === undefined ? [] : rowsOf(ours, theirs, rounds);
  } finally {
    await Promise.all(clusters.map((cluster) => cluster.stop()));
  }
}

/** Times of each cluster, in their order. One at a time is disturbed, while the other only sends heartbeats. */
async function measure(clusters: readonly FiveNodes[], rounds: number): Promise<Times[]> {
  const times = clusters.map(
    (): Times => ({ killDowned: [], killRemoved: [], partDowned: [], partEnded: [] }),
  );
  const complete = () => Promise.all(clusters.map((cluster) => cluster.complete()));
  for (let round = 0; round < rounds; round++) {
    await complete();
    for (const [i, cluster] of clusters.entries()) {
      const { downed, removed } = await cluster.kill();
      times[i]?.killDowned.push(downed);
      times[i]?.killRemoved.push(removed);
    }
    await complete();
    for (const [i, cluster] of clusters.entries()) {
      const { downed, ended } = await cluster.part();
      times[i]?.partDowned.push(downed);
      times[i]?.partEnded.push(ended);
    }
  }
  return times;
}

function rowsOf(ours: Times, theirs: Times, rounds: number): BenchRow[] {
  const { heartbeatInterval, acceptableHeartbeatPause, threshold, stableAfter } = settings;
  const note = [
    `five processes of each kind on hosts of a network of their own, ${rounds} rounds in turn; both with keep-majority,`,
    `heartbeats every ${heartbeatInterval}, acceptable pause ${acceptableHeartbeatPause}, threshold ${threshold},`,
    `stable-after ${stableAfter}; JVM with ${javaWords.join(' ')}; both look and gossip once a second, so a twentieth`,
    'is chance',
  ].join(' ');
  return (Object.keys(titles) as (keyof Times)[]).map((key) =>
    rowOf({
      figure: titles[key],
      unit: 's',
      better: 'less',
      goal: { on: 'ratio', atLeast: 0.95 },
      rounds: ours[key],
      peer: { name: `Pekko ${newestPekko}`, rounds: theirs[key] },
      note,
    }),
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log(tableOf(await run(process.argv.includes('--short') ? { rounds: 1 } : {})));
}
