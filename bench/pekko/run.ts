// Parvi and Pekko beside each other and with each other: asks and tells between two processes on loopback, for a pair of
// Pekko nodes, for ours asking theirs and theirs asking ours. The node of the JVM is the one of the interop tests.

import { pathToFileURL } from 'node:url';
import { type ActorRef, ActorSystem, actor, silentLogger } from 'parvi';
import type { Line, NodeProcess } from '../../interop/harness/node-process.ts';
import { Nodes } from '../../interop/harness/nodes.ts';
import { newestPekko, peerObstacle } from '../../interop/harness/peer-build.ts';
import { type BenchRow, type Goal, rowOf } from '../bench-row.ts';
import { type AskFigures, type Contender, text, timeCalls } from '../remoting/contender.ts';
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

const javaWords = ['-Xms1g', '-Xmx1g', '-XX:+UseParallelGC'];

/** The best of what was tried on two cores; more lanes and more threads than cores cost processor time there. */
const tuning = {
  'pekko.remote.artery.advanced.inbound-lanes': 1,
  'pekko.remote.artery.advanced.compression.actor-refs.advertisement-interval': '2s',
  'pekko.remote.artery.advanced.compression.manifests.advertisement-interval': '2s',
  'pekko.actor.default-dispatcher.fork-join-executor.parallelism-min': 2,
  'pekko.actor.default-dispatcher.fork-join-executor.parallelism-max': 2,
} as const;

const settings = {
  ...tuning,
  // Our own system of the mixed pairs is no member.
  'pekko.remote.use-unsafe-remote-features-outside-cluster': 'on',
};

const asks = 50_000;
const asksOneByOne = 5000;
const tells = 300_000;
const warmUpRounds = 6;
/** A full order takes seconds. */
const orderMsMax = 120_000;

interface Stage {
  readonly driver: NodeProcess;
  readonly far: NodeProcess;
  /** Two actor systems of ours. */
  readonly pair: Contender;
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
  const nodes = new Nodes({ javaWords });
  const pair = await parviContender();
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
    const stage = { driver, far, pair, own, ownPath: own.spawn(load, 'load').path, scale };
    for (let i = 0; i < warmUpRounds; i++) await measureRound(stage);
    const measured: Round[] = [];
    for (let i = 0; i < rounds; i++) measured.push(await measureRound(stage));
    return rowsOf(measured);
  } finally {
    await pair.close();
    await own.terminate();
    await nodes.stop();
  }
}

/** All of one round, each measured right beside what it is compared with. */
interface Round {
  readonly ourTell: number;
  readonly theirTell: number;
  readonly ourAsk: AskFigures;
  readonly theirAsk: AskFigures;
  readonly oursAsksTheirs: AskFigures;
  readonly theirsAsksOurs: AskFigures;
  readonly ourSingle: AskFigures;
  readonly theirSingle: AskFigures;
}

async function measureRound(stage: Stage): Promise<Round> {
  const { pair, far, ownPath, scale } = stage;
  return {
    ourTell: await pair.tell(1_000_000 * scale),
    theirTell: await jvmTells(stage),
    ourAsk: await pair.ask(64, 200_000 * scale),
    theirAsk: await jvmAsks(stage, far.path('load'), 64),
    oursAsksTheirs: await ourAsks(stage),
    theirsAsksOurs: await jvmAsks(stage, ownPath, 64),
    ourSingle: await pair.ask(1, 10_000 * scale),
    theirSingle: await jvmAsks(stage, far.path('load'), 1),
  };
}

async function jvmAsks(
  { driver, scale }: Stage,
  to: string,
  concurrency: number,
): Promise<AskFigures> {
  const count = (concurrency === 1 ? asksOneByOne : asks) * scale;
  return (await order(driver, { to, text, kind: 'ask', concurrency, count })) as AskLine;
}

type AskLine = Line & AskFigures;

async function jvmTells({ driver, far, scale }: Stage): Promise<number> {
  const words = { to: far.path('load'), text, kind: 'tell', count: tells * scale };
  return ((await order(driver, words)) as AskLine).perSecond;
}

/** @throws Error when the node fails, loses messages or does not answer in time */
function order(driver: NodeProcess, words: Readonly<Record<string, unknown>>): Promise<Line> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const what = `The load ${JSON.stringify(words)} did not end within ${orderMsMax} ms`;
  const timer = setTimeout(() => reject(driver.failure(what)), orderMsMax);
  return Promise.race([driver.do('load', words as never), late]).finally(() => clearTimeout(timer));
}

function ourAsks({ own, far, scale }: Stage): Promise<AskFigures> {
  const ref = own.resolve(far.path('load')) as ActorRef<Command>;
  return timeCalls(64, asks * scale, (n) =>
    ref.ask<Pong>((replyTo) => ({ type: 'ping', text, n, replyTo }), { timeout: '20s' }),
  );
}

interface Figure {
  readonly figure: string;
  readonly unit: string;
  readonly better?: 'less';
  readonly goal: Goal;
  readonly ours: (round: Round) => number;
  readonly theirs: (round: Round) => number;
  /** Why the goal is missed, for the note. */
  readonly why?: string;
}

const figures: readonly Figure[] = [
  {
    figure: 'remote tell, 100 B, Parvi pair',
    unit: 'messages/s',
    goal: { on: 'ratio', atLeast: 8 },
    ours: ({ ourTell }) => ourTell,
    theirs: ({ theirTell }) => theirTell,
  },
  {
    figure: 'remote ask, 64 at a time, Parvi pair',
    unit: 'asks/s',
    goal: { on: 'ratio', atLeast: 40 },
    ours: ({ ourAsk }) => ourAsk.perSecond,
    theirs: ({ theirAsk }) => theirAsk.perSecond,
    why: [
      'The goal was set beside 5,000 to 8,500 asks/s of Pekko: so few they are when what follows an answer is given to the',
      'futures of Java without an executor, because on two cores the JDK then starts a thread for each. Here it runs in the',
      'thread that has the answer',
    ].join(' '),
  },
  {
    figure: 'remote ask, 64 at a time, p99, Parvi pair',
    unit: 'ms',
    better: 'less',
    goal: { on: 'ours', atMost: 0.5 },
    ours: ({ ourAsk }) => ourAsk.p99Ms,
    theirs: ({ theirAsk }) => theirAsk.p99Ms,
  },
  {
    figure: 'remote ask, one at a time, p50, Parvi pair',
    unit: 'ms',
    better: 'less',
    goal: { on: 'ours', atMost: 0.08 },
    ours: ({ ourSingle }) => ourSingle.p50Ms,
    theirs: ({ theirSingle }) => theirSingle.p50Ms,
  },
  {
    figure: 'remote ask, 64 at a time, Parvi asks Pekko',
    unit: 'asks/s',
    goal: { on: 'ratio', atLeast: 1.5 },
    ours: ({ oursAsksTheirs }) => oursAsksTheirs.perSecond,
    theirs: ({ theirAsk }) => theirAsk.perSecond,
  },
  {
    figure: 'remote ask, 64 at a time, Pekko asks Parvi',
    unit: 'asks/s',
    goal: { on: 'ratio', atLeast: 1.5 },
    ours: ({ theirsAsksOurs }) => theirsAsksOurs.perSecond,
    theirs: ({ theirAsk }) => theirAsk.perSecond,
  },
];

function rowsOf(rounds: readonly Round[]): BenchRow[] {
  const tuned = Object.entries(tuning)
    .map(([name, value]) => `${name.replace(/^pekko\.(remote\.artery\.advanced\.)?/, '')} ${value}`)
    .join(', ');
  const note = [
    `two processes on loopback, ${rounds.length} rounds in turn; Pekko with Jackson CBOR, ${javaWords.join(' ')},`,
    `${tuned}, flow control of three bursts of 1,000 as in its own benchmark, ${warmUpRounds} rounds of warm-up`,
  ].join(' ');
  return figures.map(({ figure, unit, goal, better, ours, theirs, why }) =>
    rowOf({
      figure,
      unit,
      goal,
      better: better ?? 'more',
      rounds: rounds.map(ours),
      peer: { name: `Pekko ${newestPekko} pair`, rounds: rounds.map(theirs) },
      note: why === undefined ? note : `${note}. ${why}`,
    }),
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const short = process.argv.includes('--short');
  console.log(tableOf(await run(short ? { rounds: 2, scale: 0.1 } : {})));
}
