import { describe, expect, it } from 'vitest';
import {
  type CompressionAdvertisement,
  HeaderText,
  noText,
  OutboundCompression,
  OutboundTable,
  type UniqueAddress,
  WireError,
} from './index.ts';

const node = (port: number, uid: bigint): UniqueAddress => ({
  address: { protocol: 'pekko', system: 'sys', host: '127.0.0.1', port },
  uid,
});
const self = node(1, 11n);
const peer = node(2, 22n);

const advertisement = (
  change: Partial<CompressionAdvertisement> = {},
): CompressionAdvertisement => ({
  kind: 'compressionAdvertisement',
  table: 'actorRefs',
  from: peer,
  originUid: self.uid,
  version: 1,
  keys: ['/b', '/a', ''],
  indexes: [1, 0, 2],
  ...change,
});

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    return error instanceof WireError ? error.code : String(error);
  }
  return undefined;
}

describe('a table that a peer advertised', () => {
  it('is used and acknowledged', () => {
    const compression = new OutboundCompression();
    expect(compression.accept(advertisement(), self, peer)).toEqual({
      kind: 'compressionAck',
      table: 'actorRefs',
      from: self,
      version: 1,
    });
    const text = new HeaderText('/b');
    expect(compression.actorRefs.indexOf(text)).toBe(1);
    expect(compression.actorRefs.indexOf(new HeaderText('/c'))).toBe(-1);
    expect(compression.actorRefs.indexOf(noText)).toBe(-1);
    expect(compression.manifests.version).toBe(0);
    compression.clear();
    expect(compression.actorRefs.indexOf(text)).toBe(-1);
  });

  it('is not used when it is for another incarnation or from another peer', () => {
    const compression = new OutboundCompression();
    for (const wrong of [{ originUid: 12n }, { from: node(2, 23n) }, { from: node(3, 22n) }]) {
      expect(compression.accept(advertisement(wrong), self, peer)).toBeUndefined();
    }
    expect(compression.actorRefs.size).toBe(0);
  });

  it('with gaps, doubled or missing entries is refused and the old one stays', () => {
    const compression = new OutboundCompression();
    compression.accept(advertisement(), self, peer);
    for (const wrong of [
      { indexes: [0, 1, 3] },
      { indexes: [0, 1, 1] },
      { indexes: [0, 1] },
      { keys: ['/a', '/a', '/b'] },
      { version: 128 },
    ]) {
      const accept = (): unknown => compression.accept(advertisement(wrong), self, peer);
      expect(codeOf(accept)).toBe('COMPRESSION_TABLE_INVALID');
    }
    expect(compression.actorRefs.size).toBe(3);
  });

  it('may be empty', () => {
    expect(OutboundTable.of(advertisement({ keys: [], indexes: [] })).size).toBe(0);
  });
});
