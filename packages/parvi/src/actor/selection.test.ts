import { describe, expect, it } from 'vitest';
import { testSystem } from '../testkit/test-system.ts';
import { type Address, rootPathText } from '../wire/index.ts';
import { actor } from './actor.ts';
import { matchesPattern } from './internal/selection-walk.ts';
import { identify, kill, poisonPill, readActorIdentity, SelectedMessage } from './protocol.ts';
import { ActorRef, type AskDoor, sendSystem } from './ref.ts';

const home: Address = { protocol: 'pekko', system: 'test', host: '10.0.0.1', port: 25520 };
const away: Address = { ...home, host: '10.0.0.2' };

/** Stands for a ref of another node and keeps what it was told. */
class FarRef extends ActorRef<unknown> {
  override readonly path: string;
  override readonly isStopped = false;
  readonly told: unknown[] = [];

  constructor(asks: AskDoor, path: string) {
    super(asks);
    this.path = path;
  }

  override tell(message: unknown): void {
    this.told.push(message);
  }

  override [sendSystem](): void {}
}

/** A small tree: /user/a, /user/b with children one and two; all write down what they get. */
function tree(remote = false) {
  const test = testSystem();
  const { system, time } = test;
  const far = new Map<string, FarRef>();
  if (remote) {
    system.setRefProvider({
      address: home,
      remoteRef(path) {
        const ref = far.get(path) ?? new FarRef(system.askDoor, path);
        far.set(path, ref);
        return ref;
      },
    });
  }
  const seen: string[] = [];
  const leaf = actor<string>((context) => ({
    onMessage: (message) =>
      void seen.push(`${context.parent.name}/${context.self.name} ${message}`),
  }));
  const branch = actor<string>((context) => {
    for (const name of ['one', 'two']) context.spawn(leaf, name);
    return { onMessage: (message) => void seen.push(`${context.self.name} ${message}`) };
  });
  for (const name of ['a', 'b']) system.spawn(branch, name);
  time.settle();
  return { ...test, seen, far };
}

describe('resolving a path', () => {
  it('finds actors, guardians and the root by text, with and without address', () => {
    const { system } = tree();
    const one = system.resolve('pekko://test/user/a/one');
    expect(one.name).toBe('one');
    expect(system.resolve(one.path)).toBe(one);
    expect(system.resolve('/user/a/one')).toBe(one);
    expect(system.resolve('/user').path).toBe('pekko://test/user');
    expect(system.resolve('pekko://test/').path).toBe('pekko://test/');
  });

  it.each([
    ['/user/nobody', 'recipientNotFound'],
    ['/user/a/one#7', 'wrongIncarnation'],
    ['/elsewhere/a', 'recipientNotFound'],
    ['/deadLetters', 'recipientNotFound'],
    ['/temp/$zz', 'lateReply'],
    ['pekko://test', 'recipientNotFound'],
    ['no path at all', 'recipientNotFound'],
    ['pekko://test@far:1/user/a', 'remotingAbsent'],
  ])('gives a stand-in for "%s" that makes dead letters: %s', (path, reason) => {
    const { system, deadLetters } = tree();
    system.resolve(path).tell('lost');
    expect(deadLetters).toMatchObject([{ recipient: path, reason, message: 'lost' }]);
  });

  it('takes our own address as local and leaves others to the provider', () => {
    const { system, far } = tree(true);
    const one = system.resolve('pekko://test@10.0.0.1:25520/user/a/one');
    expect(one.path).toMatch(/^pekko:\/\/test@10\.0\.0\.1:25520\/user\/a\/one#-?\d+$/);
    expect(system.resolve('pekko://test/user/a/one')).toBe(one);
    const other = system.resolve('pekko://test@localhost:25520/user/a/one');
    expect(other).toBeInstanceOf(FarRef);
    expect(far.size).toBe(1);
    expect(system.address).toEqual(home);
    expect([system.isLocal(home), system.isLocal(away)]).toEqual([true, false]);
  });

  it('knows the ref that swallows everything', () => {
    const { system, deadLetters } = tree();
    const ignore = system.resolve('pekko://local/ignore');
    ignore.tell('gone');
    expect([ignore.path, deadLetters.length]).toEqual(['pekko://local/ignore', 0]);
  });
});

describe('a selection', () => {
  it.each([
    ['/user/a', ['a hi']],
    ['/user/*', ['a hi', 'b hi']],
    ['/user/a/*', ['a/one hi', 'a/two hi']],
    ['/user/*/t?o', ['a/two hi', 'b/two hi']],
    ['/user/a/../b/one', ['b/one hi']],
    ['/*/a/one', ['a/one hi']],
  ])('of "%s" reaches the actors it leads to', (path, expected) => {
    const { system, time, seen } = tree();
    system.select(path).tell('hi');
    time.settle();
    expect(seen).toEqual(expected);
  });

  it('without match makes a dead letter', () => {
    const { system, deadLetters } = tree();
    system.select('/user/c*/one').tell('lost');
    expect(deadLetters).toMatchObject([
      { reason: 'selectionWithoutMatch', recipient: 'selection /user/c*/one', message: 'lost' },
    ]);
  });

  it('resolves to a ref by Identify', async () => {
    const { system, time } = tree();
    const found = system.select('/user/a/one').resolveOne();
    time.settle();
    expect(await found).toBe(system.resolve('/user/a/one'));
  });

  it('says that nobody is there at once, and that nobody answers in time', async () => {
    const { system, time } = tree(true);
    const nobody = system.select('/user/nobody').resolveOne();
    await expect(nobody).rejects.toMatchObject({ code: 'SELECTION_NOT_FOUND' });
    const silent = system.select(`${rootPathText(away)}user/a`).resolveOne({ timeout: '1s' });
    const rejected = expect(silent).rejects.toThrow('nobody answered within 1.0 s');
    await time.advanceAsync(1010);
    await rejected;
  });

  it.each([
    ['in the path', 'pekko://test@10.0.0.2:25520/user/*/x', undefined],
    ['beside the path', '/user/*/x', away],
  ])('of another node, named %s, goes to its root, elements and all', (_, path, at) => {
    const { system, far } = tree(true);
    system.select(path, at).tell('hi');
    const root = far.get('pekko://test@10.0.0.2:25520/');
    expect(root?.told).toEqual([
      new SelectedMessage(
        [
          { kind: 'name', name: 'user' },
          { kind: 'pattern', pattern: '*' },
          { kind: 'name', name: 'x' },
        ],
        'hi',
      ),
    ]);
  });

  it('from another node is delivered from its anchor: the root, or any actor', () => {
    const { system, time, seen } = tree();
    const selected = new SelectedMessage(
      [{ kind: 'parent' }, { kind: 'name', name: 'b' }],
      'from afar',
    );
    system.deliverSelection(system.resolve('/user/a'), selected);
    const elements = [
      { kind: 'name', name: 'user' },
      { kind: 'name', name: 'a' },
    ] as const;
    system.resolve('pekko://test/').tell(new SelectedMessage(elements, 'to the root'));
    time.settle();
    expect(seen).toEqual(['b from afar', 'a to the root']);
  });

  it('answers Identify once for each match, and with nobody only when there was no wildcard before', async () => {
    const { system, probe } = tree();
    const asker = probe<unknown>();
    system.select('/user/*/one').tell(identify, asker.ref);
    for (let i = 0; i < 2; i++) {
      const identity = readActorIdentity(await asker.expectMessage());
      expect(identity?.ref).toMatch(/user\/[ab]\/one#/);
      expect(asker.lastSender).toBeUndefined();
    }
    system.select('/user/*/three').tell(identify, asker.ref);
    await asker.expectNoMessage();
    system.select('/user/a/three').tell(identify, asker.ref);
    expect(readActorIdentity(await asker.expectMessage())).toMatchObject({ ref: undefined });
  });

  it('matches names with * and ?', () => {
    const cases: [string, string, boolean][] = [
      ['*', '', true],
      ['a*', 'abc', true],
      ['*c', 'abc', true],
      ['a*b*c', 'axxbyyc', true],
      ['a?c', 'abc', true],
      ['a?c', 'ac', false],
      ['*a', 'ab', false],
      ['ab', 'abc', false],
      ['.', 'a', false],
    ];
    for (const [pattern, name, expected] of cases) {
      expect([pattern, name, matchesPattern(pattern, name)]).toEqual([pattern, name, expected]);
    }
    expect(matchesPattern(`${'*a'.repeat(50)}b`, 'a'.repeat(5000))).toBe(false);
  });
});

describe('stock messages', () => {
  it('stop an actor behind what it was sent before (PoisonPill)', () => {
    const { system, tellAll, seen, deadLetters } = tree();
    const ref = system.resolve('/user/a/one');
    tellAll(ref, 'before', poisonPill, 'behind');
    expect(seen).toEqual(['a/one before']);
    expect(ref.isStopped).toBe(true);
    expect(deadLetters).toMatchObject([{ message: 'behind', reason: 'recipientStopped' }]);
  });

  it('make an actor fail (Kill)', () => {
    const { system, tellAll, log } = tree();
    tellAll(system.resolve('/user/a/one'), kill);
    expect(log.lines.at(-1)?.fields.error).toMatchObject({ code: 'ACTOR_KILLED' });
  });

  it('of that look but not of that kind are ordinary messages', () => {
    const { system, tellAll, seen } = tree();
    tellAll(system.resolve('/user/a/one'), { kind: 'poisonPill' });
    expect(seen).toEqual(['a/one [object Object]']);
  });
});
