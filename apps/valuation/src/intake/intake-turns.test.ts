import { describe, expect, it } from 'vitest';
import { IntakeTurns } from './intake-turns.ts';

/** A reader that takes pieces when told, and remembers whose they were. */
class Reader {
  readonly order: number[] = [];
  readonly #turns: IntakeTurns;
  readonly #atWork: (() => void)[] = [];

  constructor(atOnce: number) {
    this.#turns = new IntakeTurns(atOnce);
  }

  get atWork(): number {
    return this.#atWork.length;
  }

  /** An upload of so many pieces, the next of which asks when the one before was read. */
  async upload(number: number, pieces: number): Promise<void> {
    for (let i = 0; i < pieces; i++) {
      await this.#turns.take(number, () => {
        this.order.push(number);
        return new Promise<void>((resolve) => this.#atWork.push(resolve));
      });
    }
  }

  /** Ends the reading of the piece that has been at work for longest, and lets the next begin. */
  async step(): Promise<void> {
    this.#atWork.shift()?.();
    for (let i = 0; i < 10; i++) await Promise.resolve();
  }

  async steps(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await this.step();
  }
}

describe('turns at the intake', () => {
  it('are taken at once while there is room, and no more at a time than that', async () => {
    const reader = new Reader(2);
    for (const number of [1, 2, 3]) void reader.upload(number, 1);
    expect(reader.order).toEqual([1, 2]);
    await reader.step();
    expect(reader.order).toEqual([1, 2, 3]);
    expect(reader.atWork).toBe(2);
  });

  it('are shared by the uploads that came first, and each third is of that which waited longest', async () => {
    const reader = new Reader(2);
    for (let number = 1; number <= 10; number++) void reader.upload(number, 100);
    await reader.steps(300);
    const count = (number: number): number =>
      reader.order.filter((other) => other === number).length;
    const early = count(1) + count(2) + count(3);
    expect(early).toBeGreaterThanOrEqual(200);
    for (let number = 4; number <= 10; number++) expect(count(number)).toBeGreaterThanOrEqual(8);
    await reader.steps(700);
    expect(reader.order).toHaveLength(1000);
  });

  it('come to every upload before three rounds of all are over', async () => {
    const uploads = 20;
    const reader = new Reader(2);
    for (let number = 1; number <= uploads; number++) void reader.upload(number, 30);
    await reader.steps(uploads * 30);
    for (let number = 1; number <= uploads; number++) {
      const places = reader.order.flatMap((other, place) => (other === number ? [place] : []));
      expect(places).toHaveLength(30);
      const gaps = places.map((place, i) => place - (places[i - 1] ?? -1));
      expect(Math.max(...gaps)).toBeLessThanOrEqual(3 * uploads);
    }
  });

  it('are given back by a read that fails', async () => {
    const turns = new IntakeTurns(1);
    const failing = turns.take(1, () => Promise.reject(new Error('broken')));
    const next = turns.take(2, () => Promise.resolve('read'));
    await expect(failing).rejects.toThrow('broken');
    await expect(next).resolves.toBe('read');
  });
});
