// The decisions that Pekko's `SplitBrainResolverSpec` fixes, told as tables: members a, b, c, ... of which e is the
// oldest, a partition between two sides, and what each side downs.

import { describe, expect, it } from 'vitest';
import type { MemberStatus } from '../member.ts';
import { memberWith, reachabilityOf } from '../sample-values.ts';
import { type Decision, membersToDown } from './decision.ts';
import type { StrategySettings } from './settings.ts';
import { strategyOf } from './strategies.ts';
import { emptyView, type SplitBrainView } from './view.ts';

const upNumbers: Readonly<Record<string, number>> = { a: 5, b: 4, c: 3, d: 2, e: 1, f: 6, g: 7 };
const rolesOf: Readonly<Record<string, readonly string[]>> = {
  a: ['role3'],
  b: ['role1', 'role3'],
  c: ['role2'],
  d: ['role1', 'role2', 'role3'],
};
const statusOf: Readonly<Record<string, MemberStatus>> = {
  j: 'Joining',
  l: 'Leaving',
  x: 'Exiting',
  w: 'WeaklyUp',
  d: 'Down',
};

/** Reads `'a bj el'`: hosts of one letter with the first letter of a status other than Up. */
function membersIn(text: string) {
  return text
    .split(' ')
    .filter((part) => part !== '')
    .map((part) => {
      const host = part.charAt(0);
      const status = statusOf[part.charAt(1)] ?? 'Up';
      const roles = rolesOf[host] ?? [];
      const upNumber = upNumbers[host];
      if (status === 'Joining' || status === 'WeaklyUp') return memberWith(host, status, { roles });
      return memberWith(host, status, { roles, ...(upNumber === undefined ? {} : { upNumber }) });
    });
}

interface Situation {
  readonly here: string;
  readonly there: string;
  /** `'a>b b>a'` besides what follows from the two sides. */
  readonly rows?: string;
  /** Only these rows, and unreachable is who they name. */
  readonly rowsOnly?: string;
  readonly seenBy?: string;
}

function viewOf(situation: Situation): SplitBrainView {
  const here = membersIn(situation.here);
  const there = membersIn(situation.there);
  const self = here[0];
  if (self === undefined) throw new Error('a view is from somewhere');
  const clean = here.flatMap((a) =>
    there.map((b) => `${a.node.address.host}>${b.node.address.host}`),
  );
  const rows = situation.rowsOnly ?? `${clean.join(' ')} ${situation.rows ?? ''}`;
  const table = reachabilityOf(rows.trim());
  const members = [...here, ...there];
  const keys = new Map(members.map((member) => [member.node.address.host, member.node.key]));
  const seen = situation.seenBy ?? here.map((member) => member.node.address.host).join(' ');
  return {
    ...emptyView(self.node.key, 'default'),
    members: new Map(members.map((member) => [member.node.key, member])),
    unreachable: new Set(table.rows.map((row) => row.subject)),
    rows: table.rows,
    seenBy: new Set(seen.split(' ').map((host) => keys.get(host) ?? '')),
  };
}

function downedBy(settings: StrategySettings, situation: Situation, lease = true): string {
  const strategy = strategyOf(settings);
  const view = viewOf(situation);
  let decision: Decision = strategy(view);
  if (!lease) {
    decision = {
      name:
        decision.name === 'DownUnreachable' ? 'DownReachable' : 'ReverseDownIndirectlyConnected',
    };
  }
  return membersToDown(decision, view, strategy)
    .map((member) => member.node.address.host)
    .join(' ');
}

/** Both views of a clean split: what each side downs. */
function sides(settings: StrategySettings, one: string, other: string): [string, string] {
  return [
    downedBy(settings, { here: one, there: other }),
    downedBy(settings, { here: other, there: one }),
  ];
}

describe('static-quorum', () => {
  const quorum = (quorumSize: number, role?: string): StrategySettings => ({
    name: 'static-quorum',
    quorumSize,
    role,
  });

  it.each<[number, string | undefined, string, string, string, string]>([
    [3, undefined, 'a c e', 'b d', 'b d', 'b d'],
    [3, undefined, 'a b', 'c d', 'a b', 'c d'],
    [2, 'role3', 'a b c', 'd e', 'd e', 'd e'],
    [3, undefined, 'a b c', 'd e f', 'a b c d e f', 'a b c d e f'],
    [3, undefined, 'a b cj', 'd e fj', 'a b c', 'd e f'],
    [3, undefined, 'a b c', 'd e fj', 'd e f', 'd e f'],
    [3, undefined, 'a b cj', 'd e f', 'a b c', 'a b c'],
    [3, undefined, 'a b cl', 'd e', 'd e', 'd e'],
    [3, undefined, 'a b cx', 'd e', 'a b', 'd e'],
  ])(
    'of %i (role %s) between "%s" and "%s" downs "%s" there and "%s" here',
    (size, role, one, other, first, second) => {
      expect(sides(quorum(size, role), one, other)).toEqual([first, second]);
    },
  );
});

describe('keep-majority', () => {
  const majority = (role?: string): StrategySettings => ({ name: 'keep-majority', role });

  it.each<[string | undefined, string, string, string, string]>([
    [undefined, 'a c e', 'b d', 'b d', 'b d'],
    [undefined, 'a b', 'c d e', 'a b', 'a b'],
    [undefined, 'b', 'a c', 'b', 'b'],
    [undefined, 'a b', 'c d', 'c d', 'c d'],
    [undefined, 'a', 'b', 'b', 'b'],
    ['role3', 'a b', 'c d e', 'c d e', 'c d e'],
    ['role2', 'a d e', 'b c', 'a d e', 'a d e'],
    ['role3', 'c', 'e', 'c e', 'c e'],
    [undefined, 'b d', 'aj c', 'a c', 'a c'],
    [undefined, 'a bj', 'c d e', 'a b', 'a b'],
  ])(
    'with role %s between "%s" and "%s" downs "%s" and "%s"',
    (role, one, other, first, second) => {
      expect(sides(majority(role), one, other)).toEqual([first, second]);
    },
  );

  it('makes each of three parts down itself when none has the majority', () => {
    expect(downedBy(majority(), { here: 'a b', there: 'c d e' })).toBe('a b');
    expect(downedBy(majority(), { here: 'c d', there: 'a b e' })).toBe('c d');
    expect(downedBy(majority(), { here: 'e', there: 'a b c d' })).toBe('e');
  });

  it('downs all where the other side may have grown unseen', () => {
    expect(downedBy(majority(), { here: 'a b f g', there: 'c d e' })).toBe('c d e');
    expect(downedBy(majority(), { here: 'c d e', there: 'a b fj gj' })).toBe('a b c d e f g');
    expect(downedBy(majority(), { here: 'c d e', there: 'a b fj' })).toBe('a b c d e f');
  });

  it('lets go of the smaller side where the larger one has grown', () => {
    expect(downedBy(majority(), { here: 'a b', there: 'c d e fj' })).toBe('a b');
    expect(downedBy(majority(), { here: 'c d e f', there: 'a b' })).toBe('a b');
  });

  it('does not count on members that leave', () => {
    expect(downedBy(majority(), { here: 'al b ej', there: 'c d' })).toBe('a b c d e');
    expect(downedBy(majority(), { here: 'c d', there: 'ax b' })).toBe('b');
  });
});

describe('keep-majority among indirectly connected members', () => {
  const majority: StrategySettings = { name: 'keep-majority' };

  it.each([
    ['two that cannot reach each other', 'a b', 'a>b b>a', 'a b', 'a b'],
    ['two of three', 'a b c', 'a>b b>a', 'a b c', 'a b'],
    ['a circle of three', 'a b c', 'a>b b>c c>a', 'a b c', 'a b c'],
    ['two pairs', 'a b c d', 'a>d d>a b>c c>b', 'a b c d', 'a b c d'],
    ['a circle among five', 'a b c d e', 'a>b b>c c>a', 'a b c d e', 'a b c'],
    ['two pairs among seven', 'a b c d e f g', 'b>c c>b e>f f>e', 'a b c d e f g', 'b c e f'],
    ['one that others have seen', 'a b c', 'a>b a>c', 'a b c', 'a b c'],
    ['a pair, and one more that has been seen', 'a b c d e', 'b>c c>b a>d', 'a b c d e', 'a b c d'],
  ])('downs %s', (_, here, rowsOnly, seenBy, downed) => {
    expect(downedBy(majority, { here, there: '', rowsOnly, seenBy })).toBe(downed);
  });

  it('downs a crashed member besides', () => {
    const rowsOnly = 'a>b b>a d>c e>c';
    expect(downedBy(majority, { here: 'a b d e', there: 'c', rowsOnly, seenBy: 'a b d e' })).toBe(
      'a b c',
    );
  });

  it('downs the smaller side of a split besides', () => {
    const one = { here: 'a b c', there: 'd e', rows: 'b>c c>b' };
    expect(downedBy(majority, one)).toBe('b c d e');
    expect(downedBy(majority, { here: 'd e', there: 'a b c' })).toBe('d e');
    expect(downedBy(majority, { here: 'd e', there: 'a b c', rows: 'b>c c>b' })).toBe('b c d e');
  });

  it('keeps what is left of the larger side', () => {
    const pair = 'b>c c>b';
    expect(downedBy(majority, { here: 'a b c', there: 'd e f g', rows: pair })).toBe('a b c');
    expect(downedBy(majority, { here: 'd e f g', there: 'a b c', rows: pair })).toBe('a b c');
    const other = 'd>e e>d';
    expect(downedBy(majority, { here: 'a b c', there: 'd e f g' })).toBe('a b c');
    expect(downedBy(majority, { here: 'a b c', there: 'd e f g', rows: other })).toBe('a b c d e');
    expect(downedBy(majority, { here: 'd e f g', there: 'a b c', rows: other })).toBe('a b c d e');
  });

  it('finds them across a clean split, whichever side looks', () => {
    const rows = 'b>e e>f f>b';
    expect(downedBy(majority, { here: 'a b c', there: 'd e f g', rows })).toBe('a b c e f');
    expect(downedBy(majority, { here: 'd e f g', there: 'a b c', rows })).toBe('a b c e f');
  });

  it('gives up everything where broken links on the larger side leave no majority', () => {
    const rows = 'd>e g>f';
    expect(downedBy(majority, { here: 'a b c', there: 'd e f g' })).toBe('a b c');
    expect(downedBy(majority, { here: 'd e f g', there: 'a b c', rows })).toBe('a b c d e f g');
    const known = () => downedBy(majority, { here: 'a b c', there: 'd e f g', rows });
    expect(known).toThrow('Cannot tell a clean split from indirectly connected members');
  });

  it('does not down members that are Exiting', () => {
    const rows = 'e>f';
    expect(downedBy(majority, { here: 'a b c d', there: 'e fx', rows })).toBe('e');
    expect(downedBy(majority, { here: 'a b c d', there: 'ex f', rows })).toBe('f');
  });

  it('does not let both sides survive after both called a third, downed member unreachable', () => {
    const smaller = { here: 'a b', there: 'c d f ed', rowsOnly: '' };
    const across = 'a>c a>d a>f b>c b>d b>f';
    const ofThird = 'c>e d>e f>e e>c e>d e>f';
    expect(downedBy(majority, { ...smaller, rowsOnly: `${across} ${ofThird}` })).toBe('a b c d f');
    expect(downedBy(majority, { here: 'c d f', there: 'a b ed', rows: 'a>e b>e' })).toBe('a b');
  });
});

describe('keep-oldest', () => {
  const oldest = (downIfAlone = true, role?: string): StrategySettings => ({
    name: 'keep-oldest',
    downIfAlone,
    role,
  });

  it.each<[boolean, string | undefined, string, string, string, string]>([
    [true, undefined, 'a e', 'b c d', 'b c d', 'b c d'],
    [true, 'role2', 'a e', 'b c d', 'a e', 'a e'],
    [true, undefined, 'e', 'a b c d', 'e', 'e'],
    [true, undefined, 'b', 'a', 'a', 'a'],
    [false, undefined, 'e', 'a b c d', 'a b c d', 'a b c d'],
    [true, undefined, 'a el', 'b c d', 'a b c d e', 'b c d'],
    [true, undefined, 'a e', 'bl cl d', 'b c d', 'b c d'],
    [true, undefined, 'dl e', 'a b c', 'a b c d e', 'a b c'],
    [true, undefined, 'e', 'a b cl', 'e', 'e'],
    [true, undefined, 'e', 'a bl cl dl', 'e', 'a b c d e'],
    [true, undefined, 'aj e', 'b c d', 'a e', 'a b c d e'],
    [false, undefined, 'aj e', 'b c d', 'b c d', 'b c d'],
  ])(
    '(down if alone %s, role %s) between "%s" and "%s" downs "%s" and "%s"',
    (alone, role, one, other, first, second) => {
      expect(sides(oldest(alone, role), one, other)).toEqual([first, second]);
    },
  );

  it('sees what the other side cannot know as well', () => {
    expect(downedBy(oldest(false), { here: 'a b d', there: 'c ex' })).toBe('c');
    expect(downedBy(oldest(false), { here: 'c el', there: 'a b d' })).toBe('a b c d e');
    expect(downedBy(oldest(), { here: 'd ex', there: 'a b c' })).toBe('d');
    expect(downedBy(oldest(), { here: 'a', there: 'bx' })).toBe('');
    expect(downedBy(oldest(), { here: 'bl', there: 'a' })).toBe('a b');
  });

  it('downs indirectly connected members', () => {
    const rowsOnly = 'a>b b>a';
    expect(downedBy(oldest(), { here: 'a b c', there: '', rowsOnly, seenBy: 'a b c' })).toBe('a b');
    const rows = 'b>c c>b';
    expect(downedBy(oldest(), { here: 'a b c', there: 'd e f g', rows })).toBe('a b c');
    expect(downedBy(oldest(), { here: 'd e f g', there: 'a b c', rows })).toBe('a b c');
    const other = 'd>e e>d';
    expect(downedBy(oldest(), { here: 'a b c', there: 'd e f g' })).toBe('a b c');
    expect(downedBy(oldest(), { here: 'a b c', there: 'd e f g', rows: other })).toBe('a b c d e');
    expect(downedBy(oldest(), { here: 'd e f g', there: 'a b c', rows: other })).toBe('a b c d e');
  });
});

describe('down-all', () => {
  it('downs all', () => {
    expect(sides({ name: 'down-all' }, 'a b', 'c')).toEqual(['a b c', 'a b c']);
    const pair = { here: 'a b c', there: '', rowsOnly: 'a>b b>a', seenBy: 'a b c' };
    expect(downedBy({ name: 'down-all' }, pair)).toBe('a b c');
  });
});

describe('lease-majority', () => {
  const lease = (role?: string): StrategySettings => ({
    name: 'lease-majority',
    role,
    acquireDelayForMinorityMs: 2000,
    releaseAfterMs: 40_000,
  });
  const delay = (here: string, there: string, role?: string): number | undefined =>
    strategyOf(lease(role))(viewOf({ here, there })).lease?.delayMs;

  it('makes the smaller side wait before it tries', () => {
    expect(delay('a c e', 'b d')).toBe(0);
    expect(delay('b d', 'a c e')).toBe(2000);
    expect(delay('a d e', 'b c', 'role2')).toBe(2000);
    expect(delay('b c', 'a d e', 'role2')).toBe(0);
  });

  it('downs the other side with the lease and the own side without', () => {
    expect(downedBy(lease(), { here: 'a c e', there: 'b d' })).toBe('b d');
    expect(downedBy(lease(), { here: 'a c e', there: 'b d' }, false)).toBe('a c e');
  });

  it('downs indirectly connected members, and without the lease all that it reaches', () => {
    const pair = { here: 'a b c', there: '', rowsOnly: 'a>b b>a', seenBy: 'a b c' };
    expect(downedBy(lease(), pair)).toBe('a b');
    expect(downedBy(lease(), pair, false)).toBe('a b c');
    const split = { here: 'a b c', there: 'd e', rows: 'b>c c>b' };
    expect(downedBy(lease(), split)).toBe('b c d e');
    expect(downedBy(lease(), split, false)).toBe('a b c');
    const otherSide = { here: 'd e', there: 'a b c' };
    expect(downedBy(lease(), otherSide)).toBe('a b c');
    expect(downedBy(lease(), otherSide, false)).toBe('d e');
    expect(downedBy(lease(), { ...otherSide, rows: 'b>c c>b' })).toBe('a b c');
    expect(downedBy(lease(), { ...otherSide, rows: 'b>c c>b' }, false)).toBe('b c d e');
  });

  it('does not wait for the lease when the smaller side knows of indirectly connected members', () => {
    const known = viewOf({ here: 'd e', there: 'a b c', rows: 'b>c c>b' });
    expect(strategyOf(lease())(known).lease?.delayMs).toBe(0);
    expect(delay('d e', 'a b c')).toBe(2000);
  });
});
