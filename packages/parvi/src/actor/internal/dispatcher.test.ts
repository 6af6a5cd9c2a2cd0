import { describe, expect, it } from 'vitest';
import type { Turns } from '../../runtime/index.ts';
import { ManualTime } from '../../testkit/manual-time.ts';
import { Dispatcher, type Runnable } from './dispatcher.ts';

class Worker implements Runnable {
  scheduled = false;
  done = 0;
  left: number;
  readonly each: () => void;

  constructor(left: number, each: () => void = () => undefined) {
    this.left = left;
    this.each = each;
  }

  run(limit: number): number {
    const count = Math.min(limit, this.left);
    for (let i = 0; i < count; i++) this.each();
    this.left -= count;
    this.done += count;
    return count;
  }

  hasWork(): boolean {
    return this.left > 0;
  }
}

/** Turns that a test takes one by one. */
function countedTurns() {
  const soon: (() => void)[] = [];
  const settled: (() => void)[] = [];
  const later: (() => void)[] = [];
  const turns: Turns = {
    soon: (callback) => void soon.push(callback),
    settled: (callback) => void settled.push(callback),
    later: (callback) => void later.push(callback),
  };
  const takeAll = (list: (() => void)[]): number => {
    const taken = list.splice(0);
    for (const callback of taken) callback();
    return taken.length;
  };
  return {
    turns,
    takeSoon: () => takeAll(soon),
    takeSettled: () => takeAll(settled),
    takeLater: () => takeAll(later),
  };
}

describe('the dispatcher', () => {
  it('gives every runnable its turn before one gets a second', () => {
    const time = new ManualTime();
    const dispatcher = new Dispatcher(time.clock, time.turns, () => undefined);
    const order: string[] = [];
    for (const name of ['a', 'b', 'c']) dispatcher.schedule(new Worker(32, () => order.push(name)));
    time.settle();
    const rounds = order.filter((name, i) => name !== order[i - 1]).join('');
    expect(rounds).toBe('abcabc');
  });

  it('leaves the rest to a later turn after 5 ms, so that I/O has its chance', () => {
    let nowMs = 0;
    const clock = { nowMs: () => nowMs, wallMs: () => 0, nanos: () => 0n };
    const { turns, takeSoon, takeLater } = countedTurns();
    const dispatcher = new Dispatcher(clock, turns, () => undefined);
    const worker = new Worker(1000, () => {
      nowMs += 0.1;
    });
    dispatcher.schedule(worker);
    takeSoon();
    expect(worker.left).toBeGreaterThan(900);
    expect(takeSoon()).toBe(0);
    const before = worker.left;
    takeLater();
    expect(worker.left).toBeLessThan(before);
    while (takeLater() > 0) takeSoon();
    expect(worker.left).toBe(0);
  });

  it('does so too when work comes in many small drains that never leave the current turn', () => {
    const time = new ManualTime();
    const { turns, takeSoon, takeLater } = countedTurns();
    const dispatcher = new Dispatcher(time.clock, turns, () => undefined);
    const worker = new Worker(0);
    let drains = 0;
    for (; drains < 100_000; drains++) {
      worker.left = 1;
      dispatcher.schedule(worker);
      if (takeSoon() === 0) break;
    }
    expect(drains).toBeLessThan(20_000);
    takeLater();
    expect(worker.left).toBe(0);
  });

  it('calls back once at the end of the drain, after all that was to do', () => {
    const time = new ManualTime();
    const dispatcher = new Dispatcher(time.clock, time.turns, () => undefined);
    const order: string[] = [];
    dispatcher.schedule(
      new Worker(2, () => {
        order.push('work');
        if (order.length === 1) dispatcher.afterTurn(() => order.push('flush'));
      }),
    );
    dispatcher.schedule(new Worker(1, () => order.push('more')));
    time.settle();
    expect(order).toEqual(['work', 'work', 'more', 'flush']);
  });

  it('calls back after further drains of the same turn, but holds nothing back for long', () => {
    const time = new ManualTime();
    const { turns, takeSoon, takeSettled } = countedTurns();
    const dispatcher = new Dispatcher(time.clock, turns, () => undefined);
    let flushed = 0;
    const worker = new Worker(0);
    const drain = () => {
      worker.left = 1;
      dispatcher.schedule(worker);
      takeSoon();
    };
    dispatcher.afterTurn(() => void flushed++);
    for (let i = 0; i < 3; i++) drain();
    expect(flushed).toBe(0);
    takeSettled();
    expect(flushed).toBe(1);
    dispatcher.afterTurn(() => void flushed++);
    for (let i = 0; i < 100; i++) drain();
    expect(flushed).toBe(2);
    takeSettled();
    expect(flushed).toBe(2);
  });

  it('calls back also when there is nothing else to do, and survives a callback that throws', () => {
    const time = new ManualTime();
    const errors: unknown[] = [];
    const dispatcher = new Dispatcher(time.clock, time.turns, (error) => errors.push(error));
    let flushed = 0;
    dispatcher.afterTurn(() => {
      throw new Error('broken');
    });
    dispatcher.afterTurn(() => void flushed++);
    time.settle();
    expect([flushed, errors.length]).toEqual([1, 1]);
  });

  it('holds many runnables at once', () => {
    const time = new ManualTime();
    const dispatcher = new Dispatcher(time.clock, time.turns, () => undefined);
    const workers = Array.from({ length: 1000 }, () => new Worker(20));
    for (const worker of workers) dispatcher.schedule(worker);
    time.settle();
    expect(workers.every(({ done }) => done === 20)).toBe(true);
  });
});
