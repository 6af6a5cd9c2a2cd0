import { ManualTime } from 'parvi/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { failedFigures } from '../core/totals.ts';
import { ThreadPool, type WorkOutcome } from './thread-pool.ts';
import type { ChunkWork, FromThread, ToThread } from './thread-protocol.ts';

/** A thread that does only what the test says. */
class FakeThread {
  readonly posted: ToThread[] = [];
  killed = false;
  readonly tell: (message: FromThread) => void;
  readonly exit: (error?: Error) => void;

  constructor(tell: (message: FromThread) => void, exit: (error?: Error) => void) {
    this.tell = tell;
    this.exit = exit;
  }

  get tasks(): number[] {
    return this.posted.flatMap((message) => (message.kind === 'price' ? [message.task] : []));
  }

  start(task: number): void {
    this.tell({ kind: 'started', task });
  }

  finish(task: number): void {
    const figures = failedFigures('X', 0);
    this.tell({ kind: 'done', task, block: new Uint8Array(1), figures });
  }
}

let time: ManualTime;
let threads: FakeThread[];
let log: string[];

function openPool(count: number): ThreadPool {
  return new ThreadPool({
    threads: count,
    clock: time.clock,
    timers: time.timers,
    snapshot: (hash) => (hash === 'unknown' ? undefined : new Uint8Array(1)),
    start: ({ onMessage, onExit }) => {
      const thread = new FakeThread(onMessage, (error) => onExit(error));
      threads.push(thread);
      return {
        post: (message) => thread.posted.push(message),
        kill: () => {
          thread.killed = true;
          onExit(undefined);
        },
      };
    },
  });
}

const work: ChunkWork = {
  metric: 'NPV',
  snapshot: 'default',
  snapshots: { default: 'h1' },
  bytes: new Uint8Array(1),
  first: 0,
};

function add(pool: ThreadPool, key: string, urgent = false): void {
  const say = (what: string): void => {
    log.push(`${key} ${what}`);
  };
  pool.add({
    key,
    work,
    deadlineMs: 1000,
    urgent,
    onStarted: () => say('started'),
    onEnded: (outcome: WorkOutcome) => say(outcome.kind === 'done' ? 'done' : outcome.reason),
  });
}

beforeEach(() => {
  time = new ManualTime();
  threads = [];
  log = [];
});

const thread = (index: number): FakeThread => threads[index] as FakeThread;

describe('the pool of pricing threads', () => {
  it('gives each thread one task to do and one in reserve, and the rest when there is room', () => {
    const pool = openPool(2);
    for (const key of ['a', 'b', 'c', 'd', 'e']) add(pool, key);
    expect(thread(0).tasks).toEqual([]);
    thread(0).tell({ kind: 'ready' });
    thread(1).tell({ kind: 'ready' });
    expect([thread(0).tasks.length, thread(1).tasks.length]).toEqual([2, 2]);
    expect(pool.held).toHaveLength(5);
    const first = thread(0).tasks[0] as number;
    thread(0).start(first);
    thread(0).finish(first);
    expect(thread(0).tasks).toHaveLength(3);
    expect(log).toEqual(['a started', 'a done']);
  });

  it('sends a snapshot to a thread once, before the first task that needs it', () => {
    const pool = openPool(1);
    thread(0).tell({ kind: 'ready' });
    add(pool, 'a');
    add(pool, 'b');
    expect(thread(0).posted.map(({ kind }) => kind)).toEqual(['snapshot', 'price', 'price']);
  });

  it('blames the task at work when a thread dies, replaces the thread and goes on with the other', () => {
    const pool = openPool(1);
    thread(0).tell({ kind: 'ready' });
    add(pool, 'a');
    add(pool, 'b');
    thread(0).start(thread(0).tasks[0] as number);
    thread(0).exit(new Error('out of memory'));
    expect(log).toEqual(['a started', 'a thread-died']);
    thread(1).tell({ kind: 'ready' });
    const [again] = thread(1).tasks;
    thread(1).start(again as number);
    thread(1).finish(again as number);
    expect(log.slice(2)).toEqual(['b started', 'b done']);
    expect(pool.held).toEqual([]);
  });

  it('blames nobody when a thread dies before it has begun', () => {
    const pool = openPool(1);
    thread(0).tell({ kind: 'ready' });
    add(pool, 'a');
    thread(0).exit();
    thread(1).tell({ kind: 'ready' });
    expect(log).toEqual([]);
    expect(thread(1).tasks).toHaveLength(1);
  });

  it('ends a thread that is over its deadline', () => {
    const pool = openPool(1);
    thread(0).tell({ kind: 'ready' });
    add(pool, 'a');
    thread(0).start(thread(0).tasks[0] as number);
    time.advance(999);
    expect(thread(0).killed).toBe(false);
    time.advance(1);
    expect(thread(0).killed).toBe(true);
    expect(log).toEqual(['a started', 'a deadline']);
    expect(threads).toHaveLength(2);
  });

  it('waits before it starts a thread again that never came up', () => {
    openPool(1);
    thread(0).exit(new Error('cannot find module'));
    expect(threads).toHaveLength(1);
    time.advance(1000);
    expect(threads).toHaveLength(2);
  });

  it('puts urgent tasks before those that no thread has', () => {
    const pool = openPool(1);
    for (const key of ['a', 'b', 'c', 'd']) add(pool, key);
    add(pool, 'now', true);
    thread(0).tell({ kind: 'ready' });
    thread(0).start(thread(0).tasks[0] as number);
    expect(log).toEqual(['now started']);
  });

  it('tells nothing of a task that was cancelled', () => {
    const pool = openPool(1);
    thread(0).tell({ kind: 'ready' });
    for (const key of ['a', 'b', 'c']) add(pool, key);
    pool.cancel('a');
    pool.cancel('c');
    for (let i = 0; i < 2; i++) {
      const task = thread(0).tasks[i] as number;
      thread(0).start(task);
      thread(0).finish(task);
    }
    expect(log).toEqual(['b started', 'b done']);
    expect(pool.held).toEqual([]);
  });

  it('counts the time its threads were busy, those at work included', () => {
    const pool = openPool(2);
    thread(0).tell({ kind: 'ready' });
    thread(1).tell({ kind: 'ready' });
    add(pool, 'a');
    add(pool, 'b');
    thread(0).start(thread(0).tasks[0] as number);
    time.advance(100);
    thread(1).start(thread(1).tasks[0] as number);
    thread(0).finish(thread(0).tasks[0] as number);
    time.advance(50);
    expect(pool.busyMs()).toBe(150);
  });
});
