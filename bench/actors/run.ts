// Messages within one process: tells and asks of local actors, and as the floor what the language gives without actors:
// an event emitter and a queue of functions that is drained once a turn. The sides take turns, round by round.
// Run it with `node bench/actors/run.ts`; the common runner imports `run`.

import { EventEmitter } from 'node:events';
import { pathToFileURL } from 'node:url';
import { type ActorRef, ActorSystem, actor } from '../../packages/parvi/src/index.ts';
import { type BenchRow, rowOf } from '../bench-row.ts';
import { tableOf } from '../table.ts';

export interface ActorsBenchOptions {
  readonly rounds?: number;
  /** Share of the messages of a full round. */
  readonly scale?: number;
}

type Sink =
  | { type: 'add'; n: number }
  | { type: 'report'; replyTo: ActorRef<number> }
  | { type: 'echo'; n: number; replyTo: ActorRef<number> };

const sink = actor<Sink>(() => {
  let sum = 0;
  return {
    add({ n }) {
      sum += n;
    },
    report({ replyTo }) {
      replyTo.tell(sum);
    },
    echo({ n, replyTo }) {
      replyTo.tell(n);
    },
  };
});

const tells = 5_000_000;
const asks = 500_000;
/** Messages sent before the receiver gets its turn, so that the mailbox does not hold millions. */
const burst = 10_000;
const outstanding = 64;

export async function run({ rounds = 7, scale = 1 }: ActorsBenchOptions = {}): Promise<BenchRow[]> {
  const system = ActorSystem.create({ name: 'bench' });
  try {
    const ref = system.spawn(sink, 'sink');
    const sides = {
      tell: () => tellRound(ref, tells * scale),
      queue: () => queueRound(tells * scale),
      emit: () => emitRound(tells * scale),
      ask: () =>
        askRound((n) => ref.ask((replyTo) => ({ type: 'echo', n, replyTo })), asks * scale),
      promise: () => askRound(promised, asks * scale),
    };
    const seen = await measure(sides, rounds);
    return [
      rowOf({
        figure: 'local tell',
        unit: 'messages/s',
        rounds: seen('tell'),
        peer: { name: 'queue of functions', rounds: seen('queue') },
        goal: { on: 'ours', atLeast: 12_000_000 },
      }),
      rowOf({
        figure: 'local tell',
        unit: 'messages/s',
        rounds: seen('tell'),
        peer: { name: 'EventEmitter, called at once', rounds: seen('emit') },
      }),
      rowOf({
        figure: `local ask, ${outstanding} at a time`,
        unit: 'asks/s',
        rounds: seen('ask'),
        peer: { name: 'queue of functions and a promise', rounds: seen('promise') },
        goal: { on: 'ours', atLeast: 1_500_000 },
      }),
    ];
  } finally {
    await system.terminate();
  }
}

/** All sides take turns; one round of each is for warming up and not counted. */
async function measure<Name extends string>(
  sides: Readonly<Record<Name, () => Promise<number>>>,
  rounds: number,
): Promise<(name: Name) => number[]> {
  const seen = new Map<string, number[]>();
  for (let i = -1; i < rounds; i++) {
    for (const [name, side] of Object.entries<() => Promise<number>>(sides)) {
      const figure = await side();
      if (i >= 0) seen.set(name, [...(seen.get(name) ?? []), figure]);
    }
  }
  return (name) => seen.get(name) ?? [];
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function tellRound(ref: ActorRef<Sink>, count: number): Promise<number> {
  const report = (): Promise<number> => ref.ask((replyTo) => ({ type: 'report', replyTo }));
  const before = await report();
  const begin = performance.now();
  for (let sent = 0; sent < count; ) {
    for (const end = Math.min(count, sent + burst); sent < end; sent++) {
      ref.tell({ type: 'add', n: 1 });
    }
    await nextTurn();
  }
  const after = await report();
  const seconds = (performance.now() - begin) / 1000;
  if (after - before !== count) throw new Error(`${after - before} of ${count} messages came`);
  return count / seconds;
}

/** The least a mailbox can be: calls that wait in an array until the turn ends. */
class FunctionQueue {
  #waiting: ((n: number) => void)[] = [];
  #numbers: number[] = [];
  readonly #drain = (): void => {
    const calls = this.#waiting;
    const numbers = this.#numbers;
    this.#waiting = [];
    this.#numbers = [];
    for (let i = 0; i < calls.length; i++) calls[i]?.(numbers[i] ?? 0);
  };

  add(call: (n: number) => void, n: number): void {
    if (this.#waiting.length === 0) queueMicrotask(this.#drain);
    this.#waiting.push(call);
    this.#numbers.push(n);
  }
}

async function queueRound(count: number): Promise<number> {
  const queue = new FunctionQueue();
  let sum = 0;
  const add = (n: number): void => {
    sum += n;
  };
  const begin = performance.now();
  for (let sent = 0; sent < count; ) {
    for (const end = Math.min(count, sent + burst); sent < end; sent++) queue.add(add, 1);
    await nextTurn();
  }
  const seconds = (performance.now() - begin) / 1000;
  if (sum !== count) throw new Error(`${sum} of ${count} calls came`);
  return count / seconds;
}

async function emitRound(count: number): Promise<number> {
  const emitter = new EventEmitter();
  let sum = 0;
  emitter.on('add', (n: number) => {
    sum += n;
  });
  const begin = performance.now();
  for (let sent = 0; sent < count; ) {
    for (const end = Math.min(count, sent + burst); sent < end; sent++) emitter.emit('add', 1);
    await nextTurn();
  }
  const seconds = (performance.now() - begin) / 1000;
  if (sum !== count) throw new Error(`${sum} of ${count} events came`);
  return count / seconds;
}

const questions = new FunctionQueue();

function promised(n: number): Promise<number> {
  return new Promise((resolve) => questions.add(resolve, n));
}

/** Asks on, each of the outstanding ones as soon as its answer is there. */
async function askRound(ask: (n: number) => Promise<number>, count: number): Promise<number> {
  let next = 0;
  const begin = performance.now();
  await Promise.all(
    Array.from({ length: outstanding }, async () => {
      for (let n = next++; n < count; n = next++) {
        const answer = await ask(n);
        if (answer !== n) throw new Error(`Asked for ${n} and got ${answer}`);
      }
    }),
  );
  return count / ((performance.now() - begin) / 1000);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log(tableOf(await run()));
}
