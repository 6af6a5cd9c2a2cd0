import { describe, expect, it } from 'vitest';
import { type LineOutput, lineOutput } from './line-output.ts';

/** A stream that takes bytes when told to. */
class Stream {
  readonly output: LineOutput;
  readonly later: (() => void)[] = [];
  #pending: ((error: Error | null, written: number) => void) | undefined;
  readonly #taken: number[] = [];
  #bytes: Uint8Array = new Uint8Array(0);
  syncAnswers: (number | string)[] = [];

  constructor(bytesMax?: number) {
    const door = {
      write: (bytes: Uint8Array, done: (error: Error | null, written: number) => void) => {
        this.#bytes = bytes;
        this.#pending = done;
      },
      writeSync: (bytes: Uint8Array) => {
        const answer = this.syncAnswers.shift() ?? bytes.length;
        if (typeof answer === 'string') throw systemError(answer);
        this.#taken.push(...bytes.subarray(0, answer));
        return answer;
      },
      later: (callback: () => void) => this.later.push(callback),
      droppedText: (lines: number) => `${lines} lost\n`,
    };
    this.output = lineOutput(door, bytesMax);
  }

  get text(): string {
    return Buffer.from(this.#taken).toString();
  }

  get busy(): boolean {
    return this.#pending !== undefined;
  }

  take(count = this.#bytes.length): void {
    this.#taken.push(...this.#bytes.subarray(0, count));
    this.#answer(null, count);
  }

  fail(code: string): void {
    this.#answer(systemError(code), 0);
  }

  #answer(error: Error | null, written: number): void {
    const done = this.#pending;
    this.#pending = undefined;
    done?.(error, written);
  }
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

describe('a line output', () => {
  it('writes lines in order, those that arrive meanwhile as one batch', () => {
    const stream = new Stream();
    for (const line of ['a\n', 'b\n', 'c\n']) stream.output.write(line);
    stream.take();
    expect(stream.text).toBe('a\n');
    stream.take();
    expect(stream.text).toBe('a\nb\nc\n');
    expect(stream.busy).toBe(false);
  });

  it('goes on where the stream took a part only, also inside a character', () => {
    const stream = new Stream();
    stream.output.write('äö\n');
    stream.take(1);
    stream.take(2);
    stream.take();
    expect(stream.busy).toBe(false);
    expect(stream.text).toBe('äö\n');
  });

  it('tries again later when the stream is full', () => {
    const stream = new Stream();
    stream.output.write('a\n');
    stream.fail('EAGAIN');
    expect(stream.busy).toBe(false);
    stream.later.shift()?.();
    stream.take();
    expect(stream.text).toBe('a\n');
  });

  it('drops what exceeds its limit while the reader stalls and says how much', () => {
    const stream = new Stream(4);
    for (const line of ['a\n', 'b\n', 'c\n', 'd\n', 'e\n']) stream.output.write(line);
    stream.take();
    stream.output.write('f\n');
    stream.take();
    stream.take();
    expect(stream.text).toBe('a\nb\nc\n2 lost\nf\n');
  });

  it('gives up when the reader is gone, and flushing ends', async () => {
    const stream = new Stream();
    stream.output.write('a\n');
    stream.output.write('b\n');
    const flushed = stream.output.flush();
    stream.fail('EPIPE');
    await flushed;
    stream.output.write('c\n');
    expect(stream.busy).toBe(false);
    expect(stream.text).toBe('');
  });

  it('has flushed when all that was queued is written', async () => {
    const stream = new Stream();
    await stream.output.flush();
    stream.output.write('a\n');
    stream.output.write('b\n');
    let flushed = false;
    const flushing = stream.output.flush().then(() => {
      flushed = true;
    });
    stream.take();
    await Promise.resolve();
    expect(flushed).toBe(false);
    stream.take();
    await flushing;
    expect(stream.text).toBe('a\nb\n');
  });

  it('writes what is left before the process exits', () => {
    const stream = new Stream();
    stream.output.write('a\n');
    stream.output.write('b\nc\n');
    stream.syncAnswers = [2, 'EAGAIN'];
    stream.output.flushNow();
    expect(stream.text).toBe('b\nc\n');
  });

  it('writes nothing more at exit into a stream whose reader did not read in time', async () => {
    const stream = new Stream();
    stream.output.write('a\n');
    stream.output.write('b\n');
    const flushed = stream.output.flush();
    expect(stream.output.isBusy).toBe(true);
    stream.output.abandon();
    await flushed;
    stream.output.write('c\n');
    stream.output.flushNow();
    expect(stream.output.isBusy).toBe(false);
    expect(stream.text).toBe('');
  });

  it('writes at exit what waits for room in a full stream', () => {
    const stream = new Stream();
    stream.output.write('a\n');
    stream.output.write('b\n');
    stream.fail('EAGAIN');
    stream.output.flushNow();
    expect(stream.text).toBe('a\nb\n');
  });

  it.each(['EPIPE', 'EBADF', 'EIO'])('does not hold an exiting process on %s', (code) => {
    const stream = new Stream();
    stream.output.write('a\n');
    stream.output.write('b\n');
    stream.syncAnswers = [code];
    stream.output.flushNow();
    expect(stream.text).toBe('');
    expect(stream.syncAnswers).toEqual([]);
  });
});
