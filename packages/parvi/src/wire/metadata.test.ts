import { describe, expect, it } from 'vitest';
import { readEnvelope } from './envelope.ts';
import { EnvelopeWriter } from './envelope-writer.ts';
import { streamIds } from './framing.ts';
import { HeaderText, noText } from './header-text.ts';
import { metadataDataStart, metadataEntry, metadataSection, traceMetadataKey } from './metadata.ts';

const recipient = new HeaderText('pekko://sys@127.0.0.1:2551/user/echo');
const manifest = new HeaderText('com.acme.Msg');
const parent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

function frame(metadata: Uint8Array | undefined): Uint8Array {
  const writer = new EnvelopeWriter({ uid: 7n, stream: streamIds.ordinary });
  writer.metadata = metadata;
  writer.begin(31, noText, recipient, manifest).raw(Uint8Array.of(1, 2, 3));
  writer.end();
  const slab = writer.take();
  if (slab === undefined) throw new Error('no frame');
  return slab.filled.slice(4);
}

/** The text of that entry. */
function textAt(
  bytes: Uint8Array,
  [start, end]: readonly [number, number],
  key: number,
): string | undefined {
  const place = metadataEntry(bytes, { start, end }, key);
  return place && Buffer.from(bytes.subarray(place.start, place.end)).toString('latin1');
}

describe('the metadata of an envelope', () => {
  it('is its length, then an entry whose key and length share 32 bits', () => {
    expect(Buffer.from(metadataSection(24, 'abc')).toString('hex')).toBe('0700000003000060616263');
    // Keys up to 31 keep the sign bit of Pekko's number free or not: 31 << 26 is still positive.
    expect(Buffer.from(metadataSection(31, '')).toString('hex')).toBe('040000000000007c');
  });

  it('stands between header and texts, and is read back by its key', () => {
    const envelope = readEnvelope(frame(metadataSection(traceMetadataKey, parent)));
    const { bytes, metadataStart, metadataEnd } = envelope;
    expect(envelope.hasMetadata).toBe(true);
    expect(metadataStart).toBe(32);
    expect(textAt(bytes, [metadataStart, metadataEnd], traceMetadataKey)).toBe(parent);
    expect(textAt(bytes, [metadataStart, metadataEnd], 9)).toBeUndefined();
    expect(envelope.recipient).toBe(recipient.text);
    expect(envelope.manifest).toBe(manifest.text);
    expect([...envelope.payload()]).toEqual([1, 2, 3]);
  });

  it('has its data at one place, where another of the same length may be written', () => {
    const section = metadataSection(traceMetadataKey, ' '.repeat(parent.length));
    Buffer.from(parent).copy(section, metadataDataStart);
    expect(section).toEqual(metadataSection(traceMetadataKey, parent));
  });

  it('is absent, byte for byte, where there is none', () => {
    const plain = frame(undefined);
    expect(readEnvelope(plain).hasMetadata).toBe(false);
    expect(plain[1]).toBe(0);
    expect(frame(metadataSection(24, '')).length).toBe(plain.length + 8);
  });

  it('is found behind entries of other instruments', () => {
    const own = metadataSection(traceMetadataKey, 'mine').subarray(4);
    const other = metadataSection(8, 'other').subarray(4);
    const both = Buffer.concat([other, own]);
    expect(textAt(both, [0, both.length], traceMetadataKey)).toBe('mine');
  });

  it('gives nothing when an entry does not fit', () => {
    const section = metadataSection(traceMetadataKey, 'text').subarray(4);
    for (let end = 0; end < section.length; end++) {
      expect(textAt(section, [0, end], traceMetadataKey)).toBeUndefined();
    }
    const huge = Buffer.alloc(8, 0xff);
    expect(textAt(huge, [0, 8], 63)).toBeUndefined();
  });

  it('does not stay on the writer for the next frame unless it stands there', () => {
    const writer = new EnvelopeWriter({ uid: 7n, stream: streamIds.ordinary });
    for (const metadata of [metadataSection(24, parent), undefined]) {
      writer.metadata = metadata;
      writer.begin(31, noText, recipient, manifest);
      writer.end();
    }
    const bytes = writer.take()?.filled.slice() ?? new Uint8Array();
    const first = new DataView(bytes.buffer).getUint32(0, true);
    expect(bytes[5]).toBe(1);
    expect(bytes[4 + first + 5]).toBe(0);
  });
});
