import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Reachability } from './reachability.ts';

const rowsOf = (table: Reachability): string[] =>
  table.rows.map((row) => `${row.observer}>${row.subject} ${row.status} ${row.version}`).sort();

describe('reachability', () => {
  it('is given without any row', () => {
    expect(Reachability.empty.isReachable('a')).toBe(true);
    expect(Reachability.empty.isAllReachable).toBe(true);
  });

  it('is lost by the word of one observer and comes back when all take it back', () => {
    const lost = Reachability.empty.unreachable('b', 'a').unreachable('c', 'a');
    expect(lost.isUnreachable('a')).toBe(true);
    expect(lost.reachable('b', 'a').isReachable('a')).toBe(false);
    expect(lost.reachable('b', 'a').reachable('c', 'a').isReachable('a')).toBe(true);
  });

  it('never comes back from Terminated', () => {
    const ended = Reachability.empty.terminated('b', 'a');
    expect(ended.reachable('b', 'a')).toBe(ended);
    expect(ended.isReachable('a')).toBe(false);
    expect(ended.isUnreachable('a')).toBe(false);
    expect([...ended.unreachableOrTerminated]).toEqual(['a']);
  });

  it('keeps the same value when nothing changes', () => {
    const table = Reachability.empty.unreachable('b', 'a');
    expect(table.unreachable('b', 'a')).toBe(table);
    expect(Reachability.empty.reachable('b', 'a')).toBe(Reachability.empty);
  });

  it('drops the rows of an observer that has nothing left to complain of, but goes on counting', () => {
    const table = Reachability.empty
      .unreachable('d', 'x')
      .unreachable('b', 'a')
      .unreachable('b', 'c')
      .reachable('b', 'a')
      .reachable('b', 'c');
    expect(rowsOf(table)).toEqual(['d>x Unreachable 1']);
    expect(table.versions.get('b')).toBe(4);
    expect(rowsOf(table.unreachable('b', 'a').unreachable('b', 'c'))).toEqual([
      'b>a Unreachable 5',
      'b>c Unreachable 6',
      'd>x Unreachable 1',
    ]);
  });

  it('says Terminated rather than Unreachable of a subject with both', () => {
    const table = Reachability.empty.unreachable('a', 'e').terminated('b', 'e');
    expect(table.aggregate.get('e')).toBe('Terminated');
    expect(table.unreachable('c', 'e').aggregate.get('e')).toBe('Terminated');
  });

  it('tells who says what', () => {
    const table = Reachability.empty
      .unreachable('b', 'a')
      .unreachable('c', 'a')
      .unreachable('d', 'a')
      .unreachable('c', 'b')
      .reachable('c', 'b')
      .unreachable('d', 'b')
      .unreachable('d', 'c')
      .reachable('d', 'c')
      .unreachable('a', 'e')
      .terminated('b', 'e');
    expect(['c', 'd'].every((key) => table.isReachable(key))).toBe(true);
    expect(['a', 'b'].every((key) => table.isUnreachable(key))).toBe(true);
    expect(table.statusBy('a', 'e')).toBe('Unreachable');
    expect([...table.markedBy('d')].sort()).toEqual(['a', 'b']);
  });

  it('forgets what removed observers said', () => {
    const table = Reachability.empty.unreachable('b', 'a').unreachable('c', 'a');
    const rest = table.removeObservers(new Set(['b']));
    expect(rowsOf(rest)).toEqual(['c>a Unreachable 1']);
    expect(rest.versions.has('b')).toBe(false);
  });

  it('forgets all from and about removed nodes', () => {
    const table = Reachability.empty
      .unreachable('b', 'a')
      .unreachable('c', 'b')
      .unreachable('c', 'd');
    const rest = table.remove(new Set(['b', 'a']));
    expect(rowsOf(rest)).toEqual(['c>d Unreachable 2']);
    expect([...rest.versions]).toEqual([['c', 2]]);
  });
});

describe('the merge of reachability', () => {
  const all = new Set(['a', 'b', 'c', 'd']);

  it('takes all rows of the newer side, observer by observer', () => {
    const base = Reachability.empty.unreachable('b', 'a').unreachable('c', 'd');
    const one = base.unreachable('d', 'a');
    const other = base.reachable('b', 'a').unreachable('d', 'c');
    const merged = one.merge(all, other);
    expect(rowsOf(merged)).toEqual(['c>d Unreachable 1', 'd>c Unreachable 1']);
    expect(merged.versions.get('b')).toBe(2);
  });

  it('does not bring back the old rows of an observer that has none any more', () => {
    const old = Reachability.empty.unreachable('b', 'a');
    const healed = old.reachable('b', 'a');
    expect(rowsOf(old.merge(all, healed))).toEqual([]);
    expect(rowsOf(healed.merge(all, old))).toEqual([]);
  });

  it('leaves out nodes that are not allowed, with their versions', () => {
    const table = Reachability.empty
      .unreachable('a', 'b')
      .unreachable('a', 'x')
      .unreachable('x', 'a');
    const merged = table.merge(all, Reachability.empty);
    expect(rowsOf(merged)).toEqual(['a>b Unreachable 1']);
    expect([...merged.versions.keys()]).toEqual(['a']);
  });

  it('takes the larger version of each observer', () => {
    const left = new Reachability(
      [],
      new Map([
        ['a', 3],
        ['b', 5],
        ['c', 7],
      ]),
    );
    const right = new Reachability(
      [],
      new Map([
        ['a', 6],
        ['b', 2],
        ['d', 1],
      ]),
    );
    expect(Object.fromEntries(left.merge(all, right).versions)).toEqual({ a: 6, b: 5, c: 7, d: 1 });
  });

  it('gives the same rows whichever way round, for histories that share a past', () => {
    const keys = fc.constantFrom('a', 'b', 'c', 'd');
    const change = fc.tuple(fc.constantFrom('a', 'b'), keys, fc.boolean());
    const apply = (from: Reachability, changes: readonly [string, string, boolean][]) =>
      changes.reduce(
        (table, [observer, subject, ok]) =>
          ok ? table.reachable(observer, subject) : table.unreachable(observer, subject),
        from,
      );
    const changes = fc.array(change, { maxLength: 8 });
    fc.assert(
      fc.property(changes, changes, changes, (past, left, right) => {
        const base = apply(Reachability.empty, past);
        const a = apply(
          base,
          left.filter(([observer]) => observer === 'a'),
        );
        const b = apply(
          base,
          right.filter(([observer]) => observer === 'b'),
        );
        expect(rowsOf(a.merge(all, b))).toEqual(rowsOf(b.merge(all, a)));
      }),
    );
  });
});
