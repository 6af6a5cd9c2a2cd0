// Parvi and Pekko beside each other and with each other: asks and tells between two processes on loopback, for a pair of
// Pekko nodes, for ours asking theirs and theirs asking ours. The node of the JVM is the one of the interop tests.

import { pathToFileURL } from 'node:url';
import { type ActorRef, ActorSystem, actor, silentLogger } from 'parvi';
import type { Line, NodeProcess } from '../../interop/harness/node-process.ts';
import { Nodes } from '../../interop/harness/nodes.ts';
import { peerObstacle } from '../../interop/harness/peer-build.ts';
import { type BenchRow, type Goal, rowOf } from '../bench-row.ts';
import { text, timeCalls } from '../remoting/contender.ts';
import { parviContender } from '../remoting/parvi.ts';
import { tableOf } from '../table.ts';

export interface PekkoBenchOptions {
  readonly rounds?: number;
  /** Share of the messages of a full round. */
  readonly scale?: number;
}

type Command =
  | { type: 'ping'; text: string; n: number; replyTo: ActorRef<Pong> }
  | { type: 'count'; text: string; n: number }
  | { type: 'total'; replyTo: ActorRef<Pong> };

interface Pong {
  readonly type: 'pong';
  readonly text: string;
  readonly n: number;
}

interface Figures extends Line {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Classes of Messages.java and Load.java. */
const messageTypes = [
  { type: 'ping', class: 'parvi.interop.Messages$Ping', refs: ['replyTo'] },
  { type: 'pong', class: 'parvi.interop.Messages$Pong' },
  { type: 'count', class: 'parvi.interop.Load$Count' },
  { type: 'total', class: 'parvi.interop.Load$Total', refs: ['replyTo'] },
] as const;

/** What `Load.counter()` of the JVM does. */
const load = actor<Command>(() => {
  let seen = 0;
  return {
    ping({ text: content, n, replyTo }) {
      replyTo.tell({ type: 'pong', text: content, n });
    },
    count() {
      seen++;
    },
    total({ replyTo }) {
      replyTo.tell({ type: 'pong', text: '', n: seen });
    },
  };
});

const jvm = { words: ['-Xms1g', '-Xmx1g', '-XX:+UseParallelGC'], asText: '-Xmx1g ParallelGC' };
const warmUpRounds = 8;

interface Stage {
  readonly driver: NodeProcess;
  readonly far: NodeProcess;
  /** Our `load` actor in a process of its own would be a third to share two cores; it lives here. */
  readonly own: ActorSystem;
  readonly ownPath: string;
  readonly scale: number;
}

export async function run({ rounds = 5, scale = 1 }: PekkoBenchOptions = {}): Promise<BenchRow[]> {
  const obstacle = await peerObstacle();
  if (obstacle !== undefined) {
    console.error(`No figures beside Pekko: ${obstacle}`);
    return [];
  }
  const nodes = new Nodes({ javaWords: jvm.words });
  const ours = await parviContender();
  const own = await ActorSystem.start(
    {
      name: 'interop',
      remote: { host: nodes.nextHost(), port: 25_520, serialization: { messageTypes } },
    },
    { log: silentLogger },
  );
  try {
    const [driver, far] = await nodes.cluster(['pekko', 'pekko'], () => ({ settings }));
    if (driver === undefined || far === undefined) throw new Error('No nodes were started');
    const stage = { driver, far, own, ownPath: own.spawn(load, 'load').path, scale };
    for (let i = 0; i < warmUpRounds; i++) await warmUp(stage);
    await ours.ask(64, 100_000 * scale);
    await ours.tell(300_000 * scale);
    return await measure(stage, ours, rounds);
  } finally {
    await ours.close();
    await own.terminate();
    await nodes.stop();
  }
}

/** Our own system of the mixed pairs is no member. */
const settings = {
  // The default of 3,072 messages would drop what is told ahead.
  'pekko.remote.artery.advanced.outbound-message-queue-size': 50_000,
  'pekko.remote.use-unsafe-remote-features-outside-cluster': 'on',
  'pekko.remote.artery.untrusted-mode': 'off',
};

const asks = 20_000;
const tells = 200_000;

async function warmUp(stage: Stage): Promise<void> {
  await jvmAsks(stage, stage.far.path('load'), 64);
  await jvmAsks(stage, stage.ownPath, 64);
  await oursAsk(stage, 64);
  await jvmTells(stage);
}

const jvmAsks = async ({ driver, scale }: Stage, to: string, concurrency: number) => {
  const order = { to, text, kind: 'ask', concurrency, count: asks * scale };
  return (await driver.do('load', order as never)) as Figures;
};

const jvmTells = async ({ driver, far, scale }: Stage): Promise<number> => {
  const order = { to: far.path('load'), text, kind: 'tell', count: tells * scale };
  return ((await driver.do('load', order as never)) as Figures).perSecond;
};

function oursAsk({ own, far, scale }: Stage, concurrency: number) {
  const ref = own.resolve(far.path('load')) as ActorRef<Command>;
  return timeCalls(concurrency, asks * scale, (n) =>
    ref.ask<Pong>((replyTo) => ({ type: 'ping', text, n, replyTo }), { timeout: '60s' }),
  );
}

interface Figure {
  readonly figure: string;
  readonly unit: string;
  readonly better?: 'less';
  readonly goal: Goal;
  ours(stage: Stage, pair: Awaited<ReturnType<typeof parviContender>>): Promise<number>;
  theirs(stage: Stage): Promise<number>;
}

const pairAsks = async (stage: Stage): Promise<number> =>
  (await jvmAsks(stage, stage.far.path('load'), 64)).perSecond;

const figures: readonly Figure[] = [
  {
    figure: 'remote tell, 100 B, Parvi pair',
    unit: 'messages/s',
    goal: { on: 'ratio', atLeast: 8 },
    ours: ({ scale }, pair) => pair.tell(1_000_000 * scale),
    theirs: jvmTells,
  },
  {
    figure: 'remote ask, 64 at a time, Parvi pair',
    unit: 'asks/s',
    goal: { on: 'ratio', atLeast: 40 },
    ours: async ({ scale }, pair) => (await pair.ask(64, 200_000 * scale)).perSecond,
    theirs: pairAsks,
  },
  {
    figure: 'remote ask, 64 at a time, p99, Parvi pair',
    unit: 'ms',
    better: 'less',
    goal: { on: 'ours', atMost: 0.5 },
    ours: async ({ scale }, pair) => (await pair.ask(64, 200_000 * scale)).p99Ms,
    theirs: async (stage) => (await jvmAsks(stage, stage.far.path('load'), 64)).p99Ms,
  },
  {
    figure: 'remote ask, one at a time, p50, Parvi pair',
    unit: 'ms',
    better: 'less',
    goal: { on: 'ours', atMost: 0.08 },
    ours: async ({ scale }, pair) => (await pair.ask(1, 10_000 * scale)).p50Ms,
    theirs: async (stage) => (await jvmAsks(stage, stage.far.path('load'), 1)).p50Ms,
  },
  {
    figure: 'remote ask, 64 at a time, Parvi asks Pekko',
    unit: 'asks/s',
    goal: { on: 'ratio', atLeast: 1.5 },
    ours: async (stage) => (await oursAsk(stage, 64)).perSecond,
    theirs: pairAsks,
  },
  {
    figure: 'remote ask, 64 at a time, Pekko asks Parvi',
    unit: 'asks/s',
    goal: { on: 'ratio', atLeast: 1.5 },
    ours: async (stage) => (await jvmAsks(stage, stage.ownPath, 64)).perSecond,
    theirs: pairAsks,
  },
];

async function measure(
  stage: Stage,
  pair: Awaited<ReturnType<typeof parviContender>>,
  rounds: number,
): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const { figure, unit, goal, better = 'more', ours, theirs } of figures) {
    const own: number[] = [];
    const peer: number[] = [];
    for (let round = 0; round < rounds; round++) {
      own.push(await ours(stage, pair));
      peer.push(await theirs(stage));
    }
    rows.push(
      rowOf({
        figure,
        unit,
        goal,
        better,
        rounds: own,
        peer: { name: 'Pekko 1.7.0 pair', rounds: peer },
        note: `two processes on loopback, ${rounds} rounds in turn; Pekko with Jackson CBOR, ${jvm.asText}, ${warmUpRounds} rounds of warm-up`,
      }),
    );
  }
  return rows;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const short = process.argv.includes('--short');
  console.log(tableOf(await run(short ? { rounds: 2, scale: 0.1 } : {})));
}
