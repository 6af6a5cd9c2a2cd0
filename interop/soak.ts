// The long run: nodes of both kinds join, leave and die at random under traffic. `npm run interop -- soak --minutes 10`;
// `--seed N` repeats the same actions, `--pure` does it all with Pekko nodes alone, to see what they log by themselves.

import { type Random, randomInt, seededRandom } from 'parvi/runtime';
import { endWithReader, wordsOfCommand } from '../scripts/command.ts';
import { agree, membersAre } from './harness/expectations.ts';
import type { NodeProcess } from './harness/node-process.ts';
import { type Kind, Nodes } from './harness/nodes.ts';
import { logPattern, MemoryRecord, unexpectedLogs } from './harness/soak-records.ts';
import { Traffic } from './harness/traffic.ts';

const membersMin = 4;
const membersMax = 6;
const stallMsMax = 30_000;
const memoryEveryMs = 20_000;

interface Soak {
  readonly nodes: Nodes;
  readonly random: Random;
  readonly kinds: readonly Kind[];
  /** Stay from beginning to end; their memory is watched. */
  readonly anchors: readonly NodeProcess[];
  readonly freeHosts: string[];
  readonly traffic: Traffic;
  running: NodeProcess[];
}

const actions = ['join', 'join', 'leave', 'shutdown', 'kill', 'restart', 'pause'] as const;
type Action = (typeof actions)[number];

function pick<T>(random: Random, list: readonly T[]): T {
  const one = list[randomInt(random, list.length)];
  if (one === undefined) throw new Error('Cannot pick from an empty list');
  return one;
}

function possible(soak: Soak): readonly Action[] {
  const { length } = soak.running;
  return actions.filter((action) => {
    if (action === 'join') return length < membersMax;
    return action === 'pause' || length > membersMin;
  });
}

async function join(soak: Soak, host?: string, kind?: Kind): Promise<void> {
  const { random, nodes, freeHosts } = soak;
  const reused = freeHosts.length > 0 && randomInt(random, 2) === 0 ? freeHosts.pop() : undefined;
  const seeds = soak.running.map(({ address }) => address);
  const at = host ?? reused ?? nodes.nextHost();
  const node = await nodes.start(kind ?? pick(random, soak.kinds), at, { seeds });
  soak.running.push(node);
}

async function act(soak: Soak, action: Action): Promise<void> {
  if (action === 'join') return join(soak);
  const guests = soak.running.filter((node) => !soak.anchors.includes(node));
  const node = pick(soak.random, guests);
  process.stdout.write(`   ${action} of the ${node.kind} node ${node.host}\n`);
  if (action === 'pause') {
    node.signal('SIGSTOP');
    // Shorter than what the failure detector forgives.
    const over = AbortSignal.timeout(2000);
    await new Promise((resolve) => over.addEventListener('abort', resolve));
    node.signal('SIGCONT');
    return;
  }
  soak.traffic.exclude(node);
  soak.running = soak.running.filter((one) => one !== node);
  if (action === 'leave')
    await pick(soak.random, soak.anchors).do('leave', { address: node.address });
  else if (action === 'shutdown') await node.try('shutdown');
  else node.signal('SIGKILL');
  await node.exited;
  if (action === 'restart') await join(soak, node.host, node.kind);
  else soak.freeHosts.push(node.host);
}

async function round(soak: Soak, number: number): Promise<number> {
  const action = pick(soak.random, possible(soak));
  const startMs = performance.now();
  process.stdout.write(`${number}: ${action}\n`);
  await act(soak, action);
  const actedMs = performance.now();
  await agree(soak.running, membersAre(soak.running), { timeoutMs: 2 * stallMsMax });
  const settledMs = performance.now() - actedMs;
  soak.traffic.include(soak.running);
  await soak.traffic.burst(200);
  const total = ((performance.now() - startMs) / 1000).toFixed(1);
  process.stdout.write(`   agreed after ${(settledMs / 1000).toFixed(1)} s (${total} s in all)\n`);
  return settledMs;
}

async function run(): Promise<boolean> {
  endWithReader();
  const { values } = wordsOfCommand({
    options: {
      minutes: { type: 'string', default: '10' },
      seed: { type: 'string', default: String(Date.now() % 100_000) },
      pure: { type: 'boolean', default: false },
    },
  });
  const kinds: readonly Kind[] = values.pure ? ['pekko'] : ['parvi', 'pekko'];
  const nodes = new Nodes();
  process.stdout.write(`soak of ${values.minutes} minutes, --seed ${values.seed}\n`);
  try {
    const anchors = await nodes.cluster(values.pure ? ['pekko', 'pekko'] : ['parvi', 'pekko']);
    const random = seededRandom(Number(values.seed));
    const traffic = new Traffic(random);
    const running = [...anchors];
    const soak: Soak = { nodes, random, kinds, anchors, freeHosts: [], traffic, running };
    while (soak.running.length < membersMin) await join(soak);
    await agree(soak.running, membersAre(soak.running));
    return await rounds(soak, Number(values.minutes) * 60_000);
  } finally {
    await nodes.stop();
  }
}

async function rounds(soak: Soak, durationMs: number): Promise<boolean> {
  const memory = soak.anchors.map((node) => new MemoryRecord(node));
  const endMs = performance.now() + durationMs;
  let nextMemoryMs = 0;
  let longestMs = 0;
  let count = 0;
  soak.traffic.include(soak.running);
  while (performance.now() < endMs) {
    longestMs = Math.max(longestMs, await round(soak, ++count));
    if (performance.now() < nextMemoryMs) continue;
    nextMemoryMs = performance.now() + memoryEveryMs;
    for (const record of memory) await record.take();
  }
  const logs = unexpectedLogs(soak.nodes.all);
  const findings = [
    ...(longestMs > stallMsMax ? [`convergence took ${Math.round(longestMs)} ms`] : []),
    ...memory.flatMap((record) => record.finding() ?? []),
    ...logs.map(([line, times]) => `${times} times in a log: ${line}`),
    ...(soak.traffic.failed > 0 ? [`${soak.traffic.failed} asks failed in a calm cluster`] : []),
  ];
  process.stdout.write(
    [...new Set(soak.nodes.all.flatMap((node) => node.logLines(['WARN', 'ERROR'])).map(logPattern))]
      .map((line) => `logged by Pekko: ${line}\n`)
      .join(''),
  );
  for (const record of memory) process.stdout.write(`${record.summary()}\n`);
  for (const finding of findings) process.stdout.write(`FINDING ${finding}\n`);
  process.stdout.write(
    `soak: ${count} actions, ${soak.nodes.all.length} nodes, ${soak.traffic.answered} asks answered, ` +
      `longest convergence ${(longestMs / 1000).toFixed(1)} s, ${findings.length} findings\n`,
  );
  return findings.length === 0;
}

process.exitCode = (await run()) ? 0 : 1;
