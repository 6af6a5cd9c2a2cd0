// The fuzzer's short form: inputs that once broke something, a few thousand new ones for each target from a fixed seed, and
// that the fuzzer would notice a broken decoder.

import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/runtime/index.ts';
import { keptInputs } from './findings.ts';
import { fuzz } from './fuzz-thread.ts';
import { Fuzzer, tryInput } from './fuzzer.ts';
import { withCounters } from './instrument.ts';
import { shrunk } from './shrink.ts';
import { type FuzzTarget, plainMemoryMax } from './target.ts';
import { fuzzTargets } from './targets.ts';

const inputsEach = 8000;
/** The machine may be busy with other tests: what is slow shows in the long form. */
const patient = { msMax: 5000, usPerByte: 100 };

const broken = (run: (input: Uint8Array) => void): FuzzTarget => ({
  name: 'broken',
  seeds: () => [Buffer.from('seed')],
  run,
  memoryMax: plainMemoryMax,
});

describe('inputs that once broke a decoder', () => {
  it.each(keptInputs().map((input) => [input.file, input] as const))(
    '%s does no harm any more',
    async (_file, { target: name, bytes }) => {
      const target = fuzzTargets.find((one) => one.name === name);
      if (target === undefined) throw new Error(`no target is called "${name}"`);
      await target.prepare?.();
      expect(tryInput(target, bytes, patient)).toBeUndefined();
    },
  );
});

describe('random inputs', () => {
  it.each(fuzzTargets.map(({ name }) => [name] as const))(
    'of the target "%s" crash, hang and bloat nothing',
    async (target) => {
      const order = { target, seed: 1, inputs: inputsEach, seconds: 60, findingsMax: 1 };
      const { figures, findings } = await fuzz(order);
      const said = findings.map(({ fault, input }) => [fault, Buffer.from(input).toString('hex')]);
      expect(said).toEqual([]);
      expect(figures?.inputs).toBeGreaterThanOrEqual(inputsEach);
      expect(figures?.places).toBeGreaterThanOrEqual(figures?.seedPlaces ?? Infinity);
    },
    90_000,
  );
});

describe('the fuzzer', () => {
  /** Finds a text letter by letter only if each letter that is right counts as something new. */
  it('is led by what was reached', () => {
    const source = `export function run(bytes) {
      if (bytes[0] === 66) { if (bytes[1] === 85) { if (bytes[2] === 71) { return true; } } }
      return false;
    }`;
    const hits = new Uint8Array(64);
    Reflect.set(globalThis, '__parviFuzzHits', hits);
    let places = 0;
    const code = withCounters(source, () => places++).replace('export', 'return');
    const run = new Function(`${code}`)() as (bytes: Uint8Array) => boolean;
    const target = broken((input) => {
      if (run(input)) throw new Error('reached');
    });
    const found = (counters: Uint8Array): boolean => {
      const fuzzer = new Fuzzer(target, seededRandom(1), counters);
      fuzzer.run(Buffer.from('seed'));
      for (let i = 0; i < 60_000; i++) if (fuzzer.run(fuzzer.next())?.kind === 'crash') return true;
      return false;
    };
    expect(places).toBe(4);
    expect(found(hits)).toBe(true);
  });

  it('sees errors that are not typed, slowness and memory', () => {
    const long = new Uint8Array(10);
    const throwing = broken(() => {
      throw new RangeError('too far');
    });
    expect(tryInput(throwing, long)?.kind).toBe('crash');
    const kept: unknown[] = [];
    const hungry = broken(() => {
      kept.push(new Uint8Array(16_000_000));
    });
    expect(tryInput(hungry, long)?.kind).toBe('growth');
    const slow = broken(() => {
      for (let i = 0; i < 50_000; i++) kept[0] = `${i}`;
    });
    expect(tryInput(slow, long, { msMax: 0, usPerByte: 0 })?.kind).toBe('slow');
  });

  it('shrinks what it found', () => {
    const input = Buffer.from('much before X and much behind it');
    expect(Buffer.from(shrunk(input, (bytes) => bytes.includes(0x58))).toString()).toBe('X');
  });
});
