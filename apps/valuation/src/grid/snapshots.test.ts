import { describe, expect, it } from 'vitest';
import { dayTables } from '../market/day-tables.ts';
import { defaultSnapshot, type Snapshot } from '../market/index.ts';
import { type CheckPorts, SnapshotCatalogue } from './snapshots.ts';

const snapshot = { ...defaultSnapshot(), description: 'one' };
const changed = { ...defaultSnapshot(), description: 'two' };

const ports: CheckPorts = { wallMs: () => 1, turn: () => Promise.resolve() };

const store = (catalogue: SnapshotCatalogue, name: string, given: Snapshot, wallMs: number) =>
  catalogue.store({ ...given, name }, wallMs);

const textOf = (catalogue: SnapshotCatalogue, name: string): unknown =>
  JSON.parse(Buffer.from(catalogue.read(name).bytes).toString('utf8'));

/** Exchanges versions and contents as controllers do. */
function meet(a: SnapshotCatalogue, b: SnapshotCatalogue): void {
  for (const hash of a.merge(b.versions())) a.addContent(hash, b.content(hash) as Uint8Array);
  a.merge(b.versions());
}

describe('the catalogue of snapshots', () => {
  it('knows a version by the hash of its content', () => {
    const catalogue = new SnapshotCatalogue();
    const first = store(catalogue, 'close', snapshot, 1);
    const again = store(catalogue, 'close', snapshot, 2);
    const other = store(catalogue, 'close', changed, 3);
    expect(again.hash).toBe(first.hash);
    expect(other.hash).not.toBe(first.hash);
    expect(textOf(catalogue, 'close')).toMatchObject({ name: 'close', description: 'two' });
    expect(catalogue.content(first.hash)).toBeDefined();
  });

  it('brings two controllers to the same versions, whoever speaks first', () => {
    const a = new SnapshotCatalogue();
    const b = new SnapshotCatalogue();
    store(a, 'close', snapshot, 10);
    store(b, 'close', changed, 11);
    store(b, 'open', snapshot, 5);
    meet(a, b);
    meet(b, a);
    expect(a.infos()).toEqual(b.infos());
    expect(textOf(a, 'close')).toMatchObject({ description: 'two' });
  });

  it('does not use a version before its content is there', () => {
    const a = new SnapshotCatalogue();
    const b = new SnapshotCatalogue();
    const version = store(b, 'close', snapshot, 1);
    expect(a.merge(b.versions())).toEqual([version.hash]);
    expect(a.has('close')).toBe(false);
  });

  it('refuses content that is not what its hash says', () => {
    const catalogue = new SnapshotCatalogue();
    catalogue.addContent('0123', new Uint8Array(3));
    expect(catalogue.content('0123')).toBeUndefined();
  });

  it('refuses what cannot be priced on, and names what it has when asked for what it has not', async () => {
    const catalogue = new SnapshotCatalogue();
    await catalogue.put('close', snapshot, ports);
    await expect(catalogue.put('bad', { curves: {} }, ports)).rejects.toMatchObject({
      code: 'SNAPSHOT_INVALID',
    });
    expect(() => catalogue.read('clse')).toThrow('There is no market snapshot "clse"');
  });

  it('checks a snapshot without tables of its curves by day', async () => {
    const catalogue = new SnapshotCatalogue();
    const before = dayTables();
    const given = { ...flat(200), description: 'as many curves as may be' };
    await catalogue.put('wide', given, ports);
    await catalogue.put('close', snapshot, ports);
    expect(dayTables()).toEqual(before);
  });

  it('lets others have their turn while it checks many quotes, but not for a few', async () => {
    let turns = 0;
    const turn = async () => {
      turns++;
    };
    const quote = { type: 'swap', rate: 0.03 };
    const curve = (quotes: number) => ({
      type: 'bootstrapped',
      dayCount: 'Act/365F',
      quotes: Array.from({ length: quotes }, (_, i) => ({ ...quote, tenor: `${i + 1}Y` })),
    });
    const given = { ...flat(1), curves: { c0: curve(30), c1: curve(30), c2: curve(30) } };
    const catalogue = new SnapshotCatalogue();
    await catalogue.put('many', given, { ...ports, turn });
    expect(turns).toBe(1);
    await catalogue.put('few', { ...given, curves: { c0: curve(3) } }, { ...ports, turn });
    expect(turns).toBe(1);
  });

  it('refuses by its length what no message takes, before it looks at anything else', async () => {
    const catalogue = new SnapshotCatalogue();
    const looked: PropertyKey[] = [];
    const curves = new Proxy(
      { c: 'x'.repeat(1_900_000) },
      {
        ownKeys: (target) => {
          looked.push('keys');
          return Reflect.ownKeys(target);
        },
      },
    );
    await expect(catalogue.put('long', { ...snapshot, curves }, ports)).rejects.toThrow(
      /it has 19\d{5} bytes and 1800000 is the most/,
    );
    // Once, to write it as JSON.
    expect(looked).toEqual(['keys']);
  });
});

/** A market of many flat curves. */
function flat(curves: number) {
  const curve = { type: 'flat', dayCount: 'Act/360', rate: 0.04 };
  const names = Array.from({ length: curves }, (_, i) => [`c${i}`, curve]);
  return {
    evaluationDate: '2025-06-18',
    discountCurve: 'c0',
    curves: Object.fromEntries(names) as Record<string, object>,
  };
}
