import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  EnvelopeReader,
  EnvelopeWriter,
  HeaderText,
  HeaderTexts,
  noText,
  readEnvelope,
  SlabPool,
  type StreamId,
  streamIds,
  WireError,
} from './index.ts';

const path = fc.stringMatching(/^[\x20-\x7e]{1,300}$/);

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    return error instanceof WireError ? error.code : String(error);
  }
  return undefined;
}

function frameOf(sender: string, recipient: string, manifest: string): Buffer {
  const writer = new EnvelopeWriter({ uid: 1n, stream: streamIds.ordinary });
  const texts = [sender, recipient, manifest].map((text) => new HeaderText(text));
  writer
    .begin(20, texts[0] ?? noText, texts[1] ?? noText, texts[2] ?? noText)
    .raw(Buffer.from('hi'));
  writer.end();
  return Buffer.from(writer.take()?.filled.subarray(4) ?? []);
}

describe('an envelope', () => {
  it('survives writing and reading', () => {
    const pool = new SlabPool({ slabBytes: 128 });
    const reader = new EnvelopeReader();
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        fc.integer().filter((id) => ![0, 1, 3, 6].includes(id)),
        fc.tuple(fc.option(path, { nil: '' }), path, fc.option(path, { nil: '' })),
        fc.uint8Array({ maxLength: 500 }),
        (uid, serializerId, [sender, recipient, manifest], payload) => {
          const writer = new EnvelopeWriter({ uid, stream: streamIds.ordinary, pool });
          for (let i = 0; i < 3; i++) {
            const [s, r, m] = [sender, recipient, manifest].map((text) => new HeaderText(text));
            writer.begin(serializerId, s ?? noText, r ?? noText, m ?? noText).raw(payload);
            expect(writer.end()).toBe(
              34 + sender.length + recipient.length + manifest.length + payload.length,
            );
          }
          expect(writer.pendingFrames).toBe(3);
          const slab = writer.take();
          const bytes = Buffer.from(slab?.filled ?? []);
          let at = 0;
          for (let i = 0; i < 3; i++) {
            const end = at + 4 + bytes.readInt32LE(at);
            const envelope = reader.read(bytes, at + 4, end);
            expect(envelope).toMatchObject({
              version: 0,
              serializerId,
              sender,
              recipient,
              manifest,
            });
            expect(envelope.uid).toBe(uid);
            expect(Buffer.from(envelope.payload())).toEqual(Buffer.from(payload));
            at = end;
          }
          expect(at).toBe(bytes.length);
          if (slab !== undefined) pool.release(slab);
        },
      ),
    );
  });

  it('tells texts apart that differ in one byte anywhere', () => {
    const reader = new EnvelopeReader();
    const base = 'pekko://sys@127.0.0.1:25520/user/some/actor/with/a/long/path#123456';
    for (let i = 0; i < base.length; i++) {
      const other = `${base.slice(0, i)}X${base.slice(i + 1)}`;
      for (const text of [base, other, base]) {
        const frame = frameOf('', text, text);
        expect(reader.read(frame, 0, frame.length)).toMatchObject({
          recipient: text,
          manifest: text,
        });
      }
    }
  });

  it('with metadata is read past it', () => {
    const frame = frameOf('/s', '/r', 'm');
    const metadata = Buffer.from([5, 0, 0, 0, 1, 2, 3, 4, 5]);
    const marked = Buffer.concat([frame.subarray(0, 28), metadata, frame.subarray(28)]);
    marked[1] = 1;
    const envelope = readEnvelope(marked);
    expect(envelope).toMatchObject({ sender: '/s', recipient: '/r', manifest: 'm' });
    expect(Buffer.from(envelope.payload()).toString()).toBe('hi');
    marked.writeInt32LE(1000, 28);
    expect(codeOf(() => readEnvelope(marked))).toBe('ENVELOPE_MALFORMED');
    marked.writeInt32LE(-1, 28);
    expect(codeOf(() => readEnvelope(marked))).toBe('ENVELOPE_MALFORMED');
  });

  it('cut short anywhere before its payload is malformed', () => {
    const frame = frameOf('/sender', '/recipient', 'manifest');
    for (let length = 0; length < frame.length - 2; length++) {
      expect(codeOf(() => readEnvelope(frame.subarray(0, length)))).toBe('ENVELOPE_MALFORMED');
    }
    expect(codeOf(() => readEnvelope(frame.subarray(0, frame.length - 2)))).toBeUndefined();
  });

  it('with the length 65535 in place of a text is malformed, also as the first that a reader sees', () => {
    const frame = Buffer.concat([Buffer.alloc(28), Buffer.from('01002f01002fffffffff', 'hex')]);
    expect(codeOf(() => readEnvelope(frame))).toBe('ENVELOPE_MALFORMED');
    expect(
      codeOf(() => readEnvelope(Buffer.concat([Buffer.alloc(28, 0), Buffer.alloc(12, 255)]))),
    ).toBe('ENVELOPE_MALFORMED');
  });

  it('of a newer version or with other than ASCII texts is refused', () => {
    const newer = frameOf('/s', '/r', 'm');
    newer[0] = 1;
    expect(codeOf(() => readEnvelope(newer))).toBe('ENVELOPE_VERSION_UNSUPPORTED');
    const foreign = frameOf('/s', '/r', 'm');
    foreign[31] = 0xe4;
    expect(codeOf(() => readEnvelope(foreign))).toBe('ENVELOPE_MALFORMED');
  });

  it('is taken back when it is too large, and the frames before it stay', () => {
    const writer = new EnvelopeWriter({ uid: 1n, stream: streamIds.ordinary, frameBytesMax: 100 });
    const to = new HeaderText('/r');
    writer.begin(4, noText, to, noText).raw(new Uint8Array(10));
    writer.end();
    const pending = writer.pendingBytes;
    writer.begin(4, noText, to, noText).raw(new Uint8Array(200));
    expect(codeOf(() => writer.end())).toBe('FRAME_TOO_LARGE');
    writer.begin(4, noText, to, noText);
    writer.abort();
    expect([writer.pendingBytes, writer.pendingFrames]).toEqual([pending, 1]);
    expect(writer.take()?.filled.length).toBe(pending);
    expect(writer.take()).toBeUndefined();
  });
});

describe('the writer of frames', () => {
  it('has one frame open at a time, and gives nothing away while it has', () => {
    const writer = new EnvelopeWriter({ uid: 1n, stream: streamIds.ordinary });
    const begin = () => writer.begin(20, noText, new HeaderText('/r'), noText);
    expect(() => writer.end()).toThrow('a frame begins before it ends');
    begin();
    expect(begin).toThrow('a frame ends before the next begins');
    expect(() => writer.take()).toThrow('frames are taken when none is open');
    writer.abort();
    expect(() => writer.end()).toThrow('a frame begins before it ends');
    begin();
    writer.end();
    expect(writer.take()?.filled.length).toBeGreaterThan(28);
  });
});

describe('frames that harm a Pekko node', () => {
  const begin = (stream: StreamId, serializerId: number, manifest: string): (() => unknown) => {
    const writer = new EnvelopeWriter({ uid: 1n, stream });
    return () => writer.begin(serializerId, noText, noText, new HeaderText(manifest));
  };

  it('cannot be written: users messages without recipient', () => {
    expect(begin(2, 20, '')).toThrow('has a recipient');
    expect(begin(1, 5, 'HB')).toThrow('has a recipient');
    expect(begin(1, 17, 'j')).toThrow('has a recipient');
    expect(begin(1, 17, 'n')).toThrow('has a recipient');
  });

  it('cannot be written: control messages on the ordinary stream that belong on the control stream', () => {
    for (const manifest of 'aefghikl') {
      expect(begin(2, 17, manifest), manifest).toThrow('has a recipient');
      expect(begin(3, 17, manifest), manifest).toThrow('has a recipient');
      expect(begin(1, 17, manifest), manifest).not.toThrow();
    }
    for (const manifest of 'bdo') expect(begin(2, 17, manifest), manifest).not.toThrow();
  });
});

describe('a header text', () => {
  it('is ASCII of at most 32767 bytes', () => {
    expect(codeOf(() => new HeaderText('/user/ä'))).toBe('VALUE_NOT_SERIALIZABLE');
    expect(codeOf(() => new HeaderText('x'.repeat(32_768)))).toBe('VALUE_NOT_SERIALIZABLE');
    expect(new HeaderText('x'.repeat(32_767)).bytes.length).toBe(32_769);
  });

  it('is not kept when it is long', () => {
    const texts = new HeaderTexts(8);
    const long = 'x'.repeat(2000);
    expect(texts.of(long)).not.toBe(texts.of(long));
    expect(texts.of(long).text).toBe(long);
  });

  it('is made once while it is in use, and forgotten some time after', () => {
    const texts = new HeaderTexts(8);
    const kept = texts.of('kept');
    const first = texts.of('first');
    for (let i = 0; i < 100; i++) {
      texts.of(`other ${i}`);
      expect(texts.of('kept')).toBe(kept);
    }
    expect(texts.of('first')).not.toBe(first);
  });
});

describe('a pool of slabs', () => {
  it('gives back what was released and keeps no more than its limit', () => {
    const pool = new SlabPool({ slabBytes: 64, slabsMax: 1 });
    const [a, b] = [pool.acquire(10), pool.acquire(10)];
    pool.release(a);
    pool.release(b);
    expect(pool.acquire(1)).toBe(a);
    expect(pool.acquire(1)).not.toBe(b);
    expect(pool.acquire(65).capacity).toBe(128);
  });

  it('keeps larger ones for messages of their size, those used last, up to its limit', () => {
    const pool = new SlabPool({ slabBytes: 64, largeBytesMax: 1000 });
    const [first, second, third] = [pool.acquire(400), pool.acquire(400), pool.acquire(400)];
    for (const slab of [first, second, third]) pool.release(slab);
    pool.release(pool.acquire(2000));
    expect([pool.acquire(90), pool.acquire(1000)]).not.toContain(third);
    expect(pool.acquire(300)).toBe(third);
    expect(pool.acquire(300)).toBe(second);
    expect(pool.acquire(300)).not.toBe(first);
  });
});
