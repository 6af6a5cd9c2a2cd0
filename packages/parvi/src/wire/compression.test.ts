import { describe, expect, it } from 'vitest';
import {
  type CompressionAdvertisement,
  HeaderText,
  InboundCompression,
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

describe('a table that we advertise', () => {
  const heard = (texts: Record<string, number>, entriesMax = 4): InboundCompression => {
    const compression = new InboundCompression({ entriesMax });
    for (const [text, hits] of Object.entries(texts)) {
      for (let i = 0; i < hits; i++) compression.hit(text);
    }
    return compression;
  };

  it('holds the texts that came most often, without temporary actors and empty texts', () => {
    const compression = heard({ a: 1, b: 5, c: 3, d: 4, e: 2, '': 9, 'pekko://s/temp/x$a': 9 });
    expect(compression.advertise()).toEqual({
      version: 1,
      keys: ['b', 'd', 'c', 'e'],
      indexes: [0, 1, 2, 3],
    });
  });

  it('is understood from the first frame that uses it, acknowledged or not', () => {
    const compression = heard({ a: 2, b: 1 });
    compression.advertise();
    expect(compression.activeVersion).toBe(0);
    expect(compression.resolve(1, 1)).toBe('b');
    expect(compression.activeVersion).toBe(1);
  });

  it('becomes the active one when it is acknowledged; other acknowledgements change nothing', () => {
    const compression = heard({ a: 1 });
    compression.advertise();
    compression.confirm({ version: 2 });
    expect(compression.activeVersion).toBe(0);
    compression.confirm({ version: 1 });
    expect(compression.activeVersion).toBe(1);
  });

  it('is sent three times again, then taken to be known', () => {
    const compression = heard({ a: 1 });
    const first = compression.advertise();
    expect([1, 2, 3].map(() => compression.advertise())).toEqual([first, first, first]);
    expect(compression.advertise()).toBeUndefined();
    expect(compression.activeVersion).toBe(1);
  });

  it('is not made without new traffic', () => {
    const compression = heard({ a: 1 });
    compression.advertise();
    compression.confirm({ version: 1 });
    expect(compression.advertise()).toBeUndefined();
    compression.resolve(1, 0);
    expect(compression.advertise()).toMatchObject({ version: 2, keys: ['a'] });
  });

  it('counts uses of its entries, so that heavy ones stay', () => {
    const compression = heard({ a: 2, b: 1 }, 1);
    compression.advertise();
    compression.confirm({ version: 1 });
    for (let i = 0; i < 10; i++) compression.resolve(1, 0);
    for (let i = 0; i < 5; i++) compression.hit('b');
    expect(compression.advertise()?.keys).toEqual(['a']);
  });

  it('leaves three older ones readable, and numbers wrap after 127', () => {
    const compression = new InboundCompression({ entriesMax: 1 });
    const versions: number[] = [];
    for (let i = 0; i < 130; i++) {
      compression.hit(`text ${i}`);
      const next = compression.advertise();
      if (next !== undefined) compression.confirm(next);
      versions.push(next?.version ?? -1);
    }
    expect(versions.slice(125)).toEqual([126, 127, 0, 1, 2]);
    for (const version of [2, 1, 0, 127]) {
      expect(compression.resolve(version, 0)).toMatch(/^text/);
    }
    for (const [version, index] of [
      [126, 0],
      [2, 1],
      [5, 0],
      [-1, 0],
    ] as const) {
      expect(codeOf(() => compression.resolve(version, index))).toBe('COMPRESSION_INDEX_UNKNOWN');
    }
  });

  it('keeps heavy texts while a flood of others passes, in bounded memory', () => {
    const compression = new InboundCompression({ entriesMax: 4 });
    for (let i = 0; i < 10_000; i++) {
      compression.hit(`one-off ${i}`);
      if (i % 3 === 0) compression.hit('heavy');
    }
    expect(compression.advertise()?.keys).toContain('heavy');
  });
});
