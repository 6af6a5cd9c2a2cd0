import { describe, expect, it } from 'vitest';
import {
  isExpired,
  type LeaseEvent,
  type LeaseRules,
  type LeaseState,
  newLease,
  step,
} from './lease-machine.ts';

const rules: LeaseRules = {
  owner: 'me@h:1',
  heartbeatTimeoutMs: 120_000,
  heartbeatIntervalMs: 12_000,
  operationTimeoutMs: 5000,
};
const wallMs = 1_000_000_000;
const record = (version: string, holder = '', timeMs = wallMs) => ({ version, holder, timeMs });
const answered = (version: string, holder?: string): LeaseEvent => ({
  type: 'answered',
  record: record(version, holder),
});

/** Feeds the events at their times and gives what came out of the last one, in short. */
function after(...events: readonly (readonly [atMs: number, event: LeaseEvent])[]) {
  let state: LeaseState = newLease;
  let effects: readonly object[] = [];
  for (const [nowMs, event] of events) {
    ({ state, effects } = step(state, event, { nowMs, wallMs: wallMs + nowMs }, rules));
  }
  return { state, effects };
}

const held = [
  [0, { type: 'acquire' }],
  [1, answered('1')],
  [2, answered('2', rules.owner)],
] as const;

describe('a lease', () => {
  it('is over 96 s after the last sign of life, with the defaults', () => {
    const old = record('1', 'other@h:1');
    expect(isExpired(old, rules, wallMs + 96_000)).toBe(false);
    expect(isExpired(old, rules, wallMs + 96_001)).toBe(true);
  });

  it('is taken with the version that was read, and kept with the version that was written', () => {
    expect(after(held[0], held[1]).effects).toEqual([
      { kind: 'write', holder: rules.owner, version: '1' },
    ]);
    expect(after(...held).effects).toEqual([
      { kind: 'granted' },
      { kind: 'beat', afterMs: 12_000 },
    ]);
    expect(after(...held, [12_000, { type: 'beat' }]).effects).toEqual([
      { kind: 'write', holder: rules.owner, version: '2' },
    ]);
  });

  it('is written anew where it carries our name already', () => {
    expect(after(held[0], [1, answered('7', rules.owner)]).effects).toEqual([
      { kind: 'write', holder: rules.owner, version: '7' },
    ]);
  });

  it('is not granted by an answer so late that it may be over', () => {
    const late = after(held[0], held[1], [4000, { type: 'conflict' }], [4001, answered('3')]);
    expect(late.state).toMatchObject({ step: 'taking' });
    const tooLate = after(held[0], held[1], [70_000, answered('2', rules.owner)]);
    expect(tooLate.effects).toMatchObject([{ kind: 'refused' }]);
    expect(tooLate.state).toEqual({ phase: 'idle', owed: true });
  });

  it('is given up on after five rounds in which others were faster', () => {
    const rounds = [1, 2, 3, 4, 5].flatMap(
      (round) =>
        [
          [round * 10, { type: 'conflict' }],
          [round * 10 + 1, answered(`${round}`)],
        ] as const,
    );
    expect(after(held[0], held[1], ...rounds).effects).toMatchObject([{ kind: 'write' }]);
    const last = after(held[0], held[1], ...rounds, [60, { type: 'conflict' }]);
    expect(last.effects).toMatchObject([{ kind: 'refused', why: expect.stringMatching('faster') }]);
  });

  it('is given up on when it takes longer than an operation may', () => {
    const slow = after(held[0], [5001, { type: 'missing' }]);
    expect(slow.effects).toMatchObject([{ kind: 'refused', why: 'it took longer than 5000 ms' }]);
  });

  it('is renewed again at once when the answer to a heartbeat was late', () => {
    const beat = [12_000, { type: 'beat' }] as const;
    expect(after(...held, beat, [80_000, answered('3')]).effects).toEqual([
      { kind: 'beat', afterMs: 0 },
    ]);
  });

  it('is looked into when a heartbeat is refused, and released with the version that is found', () => {
    const refused = [
      ...held,
      [12_000, { type: 'beat' }],
      [12_001, { type: 'conflict' }],
      [12_002, { type: 'release' }],
    ] as const;
    expect(after(...refused).effects).toEqual([]);
    expect(after(...refused, [12_003, answered('9', rules.owner)]).effects).toEqual([
      { kind: 'write', holder: '', version: '9' },
    ]);
    expect(after(...refused, [12_003, answered('9', 'other@h:1')])).toMatchObject({
      state: { phase: 'idle', owed: false },
      effects: [{ kind: 'lost', why: '"other@h:1" has it' }, { kind: 'released' }],
    });
  });

  it('is not fought for with an API server that refuses each write: once more, and then as after a failure', () => {
    const refusedTwice = (atMs: number) =>
      [
        [atMs, { type: 'beat' }],
        [atMs, { type: 'conflict' }],
        [atMs, answered('9', rules.owner)],
        [atMs, { type: 'conflict' }],
      ] as const;
    expect(after(...held, ...refusedTwice(12_000)).effects).toEqual([
      { kind: 'beat', afterMs: 3000 },
    ]);
    const went = [
      [15_000, { type: 'beat' }],
      [15_001, answered('10', rules.owner)],
    ] as const;
    expect(after(...held, ...refusedTwice(12_000), ...went).effects).toEqual([
      { kind: 'beat', afterMs: 12_000 },
    ]);
    expect(after(...held, ...refusedTwice(12_000), ...refusedTwice(61_000))).toMatchObject({
      state: { phase: 'idle', owed: true },
      effects: [{ kind: 'lost', why: 'it could not be renewed in time' }],
    });
  });

  it('is read once more when giving it back is refused, and left to whoever has it', () => {
    const giving = [...held, [20, { type: 'release' }], [21, { type: 'conflict' }]] as const;
    expect(after(...giving).effects).toEqual([{ kind: 'read' }]);
    expect(after(...giving, [22, answered('5', rules.owner)]).effects).toEqual([
      { kind: 'write', holder: '', version: '5' },
    ]);
    for (const last of [answered('5', 'other@h:1'), { type: 'missing' } as const]) {
      expect(after(...giving, [22, last]).effects).toEqual([{ kind: 'released' }]);
    }
  });

  it('does not heed a heartbeat that comes after all is over', () => {
    const over = after(
      ...held,
      [20, { type: 'release' }],
      [21, answered('3')],
      [22, { type: 'beat' }],
    );
    expect(over).toEqual({ state: newLease, effects: [] });
  });
});
