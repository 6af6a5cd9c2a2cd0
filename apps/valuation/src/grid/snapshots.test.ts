import { describe, expect, it } from 'vitest';
import { defaultSnapshot } from '../market/index.ts';
import { SnapshotCatalogue } from './snapshots.ts';

const snapshot = { ...defaultSnapshot(), description: 'one' };
const changed = { ...defaultSnapshot(), description: 'two' };

/** Exchanges versions and contents as controllers do. */
function meet(a: SnapshotCatalogue, b: SnapshotCatalogue): void {
  for (const hash of a.merge(b.versions())) a.addContent(hash, b.content(hash) as Uint8Array);
  a.merge(b.versions());
}

describe('the catalogue of snapshots', () => {
  it('knows a version by the hash of its content', () => {
    const catalogue = new SnapshotCatalogue();
    const first = catalogue.put('close', snapshot, 1);
    const again = catalogue.put('close', snapshot, 2);
    const other = catalogue.put('close', changed, 3);
    expect(again.hash).toBe(first.hash);
    expect(other.hash).not.toBe(first.hash);
    expect(catalogue.read('close')).toMatchObject({ name: 'close', description: 'two' });
    expect(catalogue.content(first.hash)).toBeDefined();
  });

  it('brings two controllers to the same versions, whoever speaks first', () => {
    const a = new SnapshotCatalogue();
    const b = new SnapshotCatalogue();
    a.put('close', snapshot, 10);
    b.put('close', changed, 11);
    b.put('open', snapshot, 5);
    meet(a, b);
    meet(b, a);
    expect(a.infos()).toEqual(b.infos());
    expect(a.read('close')).toMatchObject({ description: 'two' });
  });

  it('does not use a version before its content is there', () => {
    const a = new SnapshotCatalogue();
    const b = new SnapshotCatalogue();
    const version = b.put('close', snapshot, 1);
    expect(a.merge(b.versions())).toEqual([version.hash]);
    expect(a.has('close')).toBe(false);
  });

  it('refuses content that is not what its hash says', () => {
    const catalogue = new SnapshotCatalogue();
    catalogue.addContent('0123', new Uint8Array(3));
    expect(catalogue.content('0123')).toBeUndefined();
  });

  it('refuses what cannot be priced on, and names what it has when asked for what it has not', () => {
    const catalogue = new SnapshotCatalogue();
    catalogue.put('close', snapshot, 1);
    expect(() => catalogue.put('bad', { curves: {} }, 1)).toThrow(
      expect.objectContaining({ code: 'SNAPSHOT_INVALID' }),
    );
    expect(() => catalogue.read('clse')).toThrow('There is no market snapshot "clse"');
  });
});
