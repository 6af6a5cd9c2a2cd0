import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { connectionPreamble, FrameCutter, streamIds, WireError } from './index.ts';

function framed(...payloads: Uint8Array[]): Buffer {
  const parts = payloads.flatMap((payload) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(payload.length);
    return [length, payload];
  });
  return Buffer.concat([connectionPreamble(streamIds.ordinary), ...parts]);
}

function cut(cutter: FrameCutter, chunks: Iterable<Uint8Array>): string[] {
  const frames: string[] = [];
  for (const chunk of chunks) {
    cutter.push(chunk);
    while (cutter.next()) frames.push(Buffer.from(cutter.frame()).toString('hex'));
  }
  return frames;
}

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    return error instanceof WireError ? error.code : String(error);
  }
  return undefined;
}

describe('a connection', () => {
  it('starts with AKKA and the stream', () => {
    expect(Buffer.from(connectionPreamble(streamIds.control)).toString('latin1')).toBe('AKKA\x01');
  });

  it('is accepted with either magic', () => {
    for (const magic of ['AKKA', 'PEKK']) {
      const cutter = new FrameCutter({ frameBytesMax: 100 });
      expect(cut(cutter, [Buffer.from(`${magic}\x03`)])).toEqual([]);
      expect(cutter.stream).toBe(streamIds.large);
    }
  });

  it('of another protocol is refused at its first wrong byte', () => {
    for (const text of ['XKKA\x02', 'GET / HTTP/1.1', 'A\x16', 'PEK\x01']) {
      const cutter = new FrameCutter({ frameBytesMax: 100 });
      expect(
        codeOf(() => cut(cutter, [Buffer.from(text, 'latin1')])),
        text,
      ).toBe('FRAME_MAGIC_WRONG');
      expect(
        codeOf(() => cutter.next()),
        text,
      ).toBe('FRAME_MAGIC_WRONG');
    }
  });

  it('of an unknown stream is refused', () => {
    for (const id of [0, 4, 255]) {
      const cutter = new FrameCutter({ frameBytesMax: 100 });
      expect(codeOf(() => cut(cutter, [Buffer.from([0x41, 0x4b, 0x4b, 0x41, id])]))).toBe(
        'FRAME_STREAM_UNKNOWN',
      );
    }
  });
});

describe('frames', () => {
  it('come out the same however the stream is cut', () => {
    const payloads = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 });
    const cuts = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 });
    fc.assert(
      fc.property(payloads, cuts, (sent, sizes) => {
        const bytes = framed(...sent);
        const chunks: Uint8Array[] = [];
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const size = sizes[i % sizes.length] ?? 1;
          chunks.push(bytes.subarray(at, at + size));
          at += size;
        }
        const expected = sent.map((payload) => Buffer.from(payload).toString('hex'));
        expect(cut(new FrameCutter({ frameBytesMax: 300 }), chunks)).toEqual(expected);
      }),
    );
  });

  it('inside one chunk are not copied', () => {
    const bytes = framed(Uint8Array.of(1, 2, 3), Uint8Array.of(4));
    const cutter = new FrameCutter({ frameBytesMax: 10 });
    cutter.push(bytes);
    expect(cutter.next()).toBe(true);
    expect(cutter.bytes).toBe(bytes);
    expect(cutter.next()).toBe(true);
    expect([cutter.start, cutter.end]).toEqual([16, 17]);
    expect(cutter.next()).toBe(false);
  });

  it('beyond the limit of their stream are refused, also with lengths that are negative as signed numbers', () => {
    const limit = (stream: number): number => (stream === streamIds.large ? 1000 : 10);
    for (const [length, code] of [
      [10, undefined],
      [11, 'FRAME_TOO_LARGE'],
      [0x8000_0000, 'FRAME_TOO_LARGE'],
      [0xffff_ffff, 'FRAME_TOO_LARGE'],
    ] as const) {
      const bytes = Buffer.alloc(9);
      connectionPreamble(streamIds.ordinary).forEach((byte, i) => {
        bytes[i] = byte;
      });
      bytes.writeUInt32LE(length, 5);
      expect(codeOf(() => cut(new FrameCutter({ frameBytesMax: limit }), [bytes]))).toBe(code);
    }
  });

  it('that are announced but do not come cost little memory', () => {
    const cutter = new FrameCutter({ frameBytesMax: 2 ** 30 });
    const head = Buffer.concat([connectionPreamble(streamIds.large), Buffer.from([0, 0, 0, 0x40])]);
    expect(cut(cutter, [head, new Uint8Array(10)])).toEqual([]);
    expect(cutter.heldBytes).toBe(14);
  });
});
