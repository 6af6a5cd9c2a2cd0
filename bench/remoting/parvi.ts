// Two actor systems over Artery TCP on loopback.

import { fileURLToPath } from 'node:url';
import { type ActorRef, ActorSystem, actor } from '../../packages/parvi/src/actor/index.ts';
import { loadTracing, type Tracing } from '../../packages/parvi/src/observe/index.ts';
import { Remoting } from '../../packages/parvi/src/remote/index.ts';
import { systemClock, systemRandom, systemTimers } from '../../packages/parvi/src/runtime/index.ts';
import { type Contender, nextTurn, text, timeCalls } from './contender.ts';
import { isServer, serverIsReady, startServer } from './server-process.ts';

type Message =
  | { type: 'echo'; n: number; text: string; replyTo: ActorRef<Reply> }
  | { type: 'count'; n: number; text: string }
  | { type: 'total'; replyTo: ActorRef<number> };

interface Reply {
  readonly type: 'reply';
  readonly n: number;
  readonly text: string;
}

const echo = actor<Message>(() => {
  let seen = 0;
  return {
    echo({ n, text: content, replyTo }) {
      replyTo.tell({ type: 'reply', n, text: content });
    },
    count() {
      seen++;
    },
    total({ replyTo }) {
      replyTo.tell(seen);
    },
  };
});

/** A loopback address of this process alone, so that runs beside each other do not meet. */
function ownHost(): string {
  const { pid } = process;
  return `127.${40 + ((pid >> 16) & 63)}.${(pid >> 8) & 255}.${pid & 255}`;
}

/** Where spans go, for those who measure what tracing costs; nothing is traced without it. */
export const tracesVariable = 'BENCH_TRACES_TO';
const sampleRatio = 0.01;
/** How many a second at most; left out, as many as by default. */
export const tracesPerSecondVariable = 'BENCH_TRACES_PER_SECOND';

async function startSystem(): Promise<ActorSystem> {
  const endpoint = process.env[tracesVariable];
  if (endpoint === undefined) return ActorSystem.create({ name: 'bench' });
  const ports = {
    random: systemRandom(),
    clock: systemClock,
    timers: systemTimers({ keepsProcessAlive: false }),
    instanceId: String(process.pid),
  };
  const limit = process.env[tracesPerSecondVariable];
  const tracesPerSecond = limit === undefined ? undefined : { tracesPerSecond: Number(limit) };
  const tracing = await loadTracing({ endpoint, sampleRatio, ...tracesPerSecond }, ports);
  return ActorSystem.create({ name: 'bench' }, { tracing });
}

async function serve(): Promise<void> {
  const system = await startSystem();
  await Remoting.start(system, { host: ownHost(), port: 25520 });
  serverIsReady(system.spawn(echo, 'echo').path);
  setInterval(() => undefined, 60_000);
}

/** Bytes that may wait in our own queue while telling flat out; far from where it would drop. */
const queuedBytesMax = 4_000_000;

/** Each question may begin a trace, as each request of an HTTP server does. */
function tracedBy<T>(tracing: Tracing, question: (n: number) => Promise<T>) {
  return (n: number): Promise<T> => {
    const span = tracing.start({ name: 'question', kind: 'client' });
    if (span === undefined) return question(n);
    return tracing.run(span.context, () => question(n)).finally(() => span.end());
  };
}

export async function parviContender(): Promise<Contender> {
  const server = await startServer(fileURLToPath(import.meta.url));
  const system = await startSystem();
  const { tracing } = system;
  const remoting = await Remoting.start(system, { host: ownHost(), port: 25520 });
  const far = system.resolve(String(server.ready)) as ActorRef<Message>;
  const total = (): Promise<number> => far.ask<number>((replyTo) => ({ type: 'total', replyTo }));
  const plainQuestion = (n: number): Promise<Reply> =>
    far.ask<Reply>((replyTo) => ({ type: 'echo', n, text, replyTo }));
  const question = tracing === undefined ? plainQuestion : tracedBy(tracing, plainQuestion);
  const queuedBytes = (): number =>
    remoting.associations()[0]?.streams.reduce((sum, { queuedBytes: q }) => sum + q, 0) ?? 0;
  return {
    name: tracing === undefined ? 'Parvi' : 'Parvi, tracing 1 %',
    async tell(count) {
      const before = await total();
      const startMs = performance.now();
      for (let sent = 0; sent < count; ) {
        for (let i = 0; i < 1000 && sent < count; i++) far.tell({ type: 'count', n: sent++, text });
        do await nextTurn();
        while (queuedBytes() > queuedBytesMax);
      }
      while ((await total()) - before < count);
      return (count * 1000) / (performance.now() - startMs);
    },
    ask: (concurrency, count) => timeCalls(concurrency, count, question),
    tellThenAsk: (count) =>
      timeCalls(1, count, (n) => {
        far.tell({ type: 'count', n, text });
        return question(n);
      }),
    async close() {
      await system.terminate();
      await server.stop();
    },
  };
}

if (isServer()) await serve();
