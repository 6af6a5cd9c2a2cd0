import { afterEach, describe, expect, it } from 'vitest';
import { IntakePool } from './intake-pool.ts';

const pool = new IntakePool();
afterEach(() => pool.close());

const line = (id: number): string =>
  `${JSON.stringify({
    id: `t${id}`,
    instrument: 'deposit',
    notional: 1,
    rate: 0.02,
    startDate: '2026-01-20',
    tenor: '6M',
  })}\n`;

/** As many trades as make a piece for the thread. */
const piece = Buffer.from(Array.from({ length: 3000 }, (_, i) => line(i)).join(''));

/** An endless upload that counts what was asked of it. */
function endless() {
  const seen = { pieces: 0, over: false };
  async function* upload(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        seen.pieces++;
        yield piece;
      }
    } finally {
      seen.over = true;
    }
  }
  return { upload: upload(), seen };
}

describe('the intake thread', () => {
  it('reads no further ahead than one batch, however slow the reader is', async () => {
    const { upload, seen } = endless();
    const { batches, close } = await pool.open(upload, 'ndjson');
    const reader = batches[Symbol.asyncIterator]();
    for (let read = 1; read <= 5; read++) {
      expect((await reader.next()).value?.trades).toBe(3000);
      expect(seen.pieces).toBeLessThanOrEqual(read + 1);
    }
    await close();
    expect(seen.over).toBe(true);
  });

  it('lets go of an upload that nobody began to read', async () => {
    const { upload, seen } = endless();
    const { close } = await pool.open(upload, 'ndjson');
    await close();
    // The pool does not wait for its end.
    while (!seen.over) await new Promise((turn) => setImmediate(turn));
    expect((await upload.next()).done).toBe(true);
  });

  it('goes on with others after many uploads were let go in the middle', async () => {
    const readers = Array.from({ length: 8 }, () => pool.open(endless().upload, 'ndjson'));
    for (const upload of readers) await (await upload).close();
    const { batches, close } = await pool.open(endless().upload, 'ndjson');
    const reader = batches[Symbol.asyncIterator]();
    for (let i = 0; i < 5; i++) expect((await reader.next()).value?.trades).toBe(3000);
    await close();
  });

  it('ends the first of many uploads long before the last, while all of them move', async () => {
    const piecesEach = 12;
    const uploads = 10;
    const seen = new Array<number>(uploads).fill(0);
    let atFirstEnd: number[] | undefined;
    async function* upload(): AsyncGenerator<Uint8Array> {
      for (let i = 0; i < piecesEach; i++) yield piece;
    }
    const read = async (number: number): Promise<void> => {
      const { batches, close } = await pool.open(upload(), 'ndjson');
      for await (const { trades } of batches) seen[number] = (seen[number] ?? 0) + trades / 3000;
      await close();
      atFirstEnd ??= [...seen];
    };
    await Promise.all(Array.from({ length: uploads }, (_, number) => read(number)));
    expect(seen).toEqual(new Array(uploads).fill(piecesEach));
    const [first, ...others] = atFirstEnd ?? [];
    expect(first).toBe(piecesEach);
    // Evenly shared, the others would be as far as the first.
    const even = others.length * piecesEach;
    expect(others.reduce((sum, pieces) => sum + pieces, 0)).toBeLessThan(even / 2);
    expect(Math.min(...others)).toBeGreaterThan(0);
  });

  it('fails the uploads under way when it ends, and starts again for the next', async () => {
    const { upload } = endless();
    const { batches } = await pool.open(upload, 'ndjson');
    const reader = batches[Symbol.asyncIterator]();
    await pool.close();
    const toTheEnd = async (): Promise<never> => {
      for (;;) await reader.next();
    };
    await expect(toTheEnd()).rejects.toThrow('intake thread');
    const again = await pool.open(endless().upload, 'ndjson');
    expect((await again.batches[Symbol.asyncIterator]().next()).value?.trades).toBe(3000);
    await again.close();
  });

  it('reads several uploads at once', async () => {
    async function* one(id: number): AsyncGenerator<Uint8Array> {
      yield Buffer.from(line(id));
    }
    const read = async (id: number): Promise<string> => {
      const { batches, close } = await pool.open(one(id), 'ndjson');
      let text = '';
      for await (const batch of batches) text += Buffer.from(batch.lines).toString('utf8');
      await close();
      return text;
    };
    const ids = Array.from({ length: 20 }, (_, i) => i);
    expect(await Promise.all(ids.map(read))).toEqual(ids.map(line));
  });
});
