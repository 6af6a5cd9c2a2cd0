import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BoundedQueue } from './bounded-queue.ts';

describe('a bounded queue', () => {
  it('refuses what does not fit and takes again when there is room', () => {
    const queue = new BoundedQueue<number>(2);
    expect([queue.push(1), queue.push(2), queue.push(3)]).toEqual([true, true, false]);
    expect(queue.shift()).toBe(1);
    expect(queue.push(4)).toBe(true);
    expect(queue.drain()).toEqual([2, 4]);
    expect([queue.size, queue.shift(), queue.peek()]).toEqual([0, undefined, undefined]);
  });

  it('wants room for one item at least', () => {
    expect(() => new BoundedQueue(0)).toThrow(/at least one item, not 0/);
    expect(() => new BoundedQueue(Number.NaN)).toThrow(/at least one item/);
  });

  it('behaves like a list with a limit, whatever is done to it', () => {
    const commands = fc.array(fc.oneof(fc.constant('shift'), fc.constant('drain'), fc.nat()), {
      maxLength: 300,
    });
    const capacities = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constant(Infinity));
    fc.assert(
      fc.property(commands, capacities, (todo, capacity) => {
        const queue = new BoundedQueue<number>(capacity);
        let model: number[] = [];
        for (const command of todo) {
          if (command === 'shift') expect(queue.shift()).toBe(model.shift());
          else if (command === 'drain') {
            if (model.length % 7 !== 0) continue;
            expect(queue.drain()).toEqual(model);
            model = [];
          } else {
            const fits = model.length < capacity;
            expect(queue.push(command)).toBe(fits);
            if (fits) model.push(command);
          }
          expect(queue.size).toBe(model.length);
          expect(queue.peek()).toBe(model[0]);
        }
      }),
    );
  });
});
