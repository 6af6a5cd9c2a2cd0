// Death watch across kinds: every way to end is told exactly once.

import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { agree, membersAre, sees } from './harness/expectations.ts';
import type { Line, NodeProcess } from './harness/node-process.ts';
import { Nodes } from './harness/nodes.ts';
import { buildPeer } from './harness/peer-build.ts';

beforeAll(() => buildPeer());
let nodes = new Nodes();
afterEach(async () => {
  await nodes.stop();
  nodes = new Nodes();
});

const endsOf = (node: NodeProcess, name: string): Line[] =>
  node.lines.filter(
    ({ event, ref = '' }) => event === 'terminated' && new RegExp(`/${name}(#|$)`).test(ref),
  );

const ended = (node: NodeProcess, name: string): Promise<Line> =>
  node.until(`the end of ${name}`, () => endsOf(node, name).length > 0);

describe.each([
  ['parvi', 'pekko'],
  ['pekko', 'parvi'],
] as const)('a %s node that watches actors of a %s node', (from, to) => {
  async function pair(): Promise<readonly [NodeProcess, NodeProcess]> {
    const all = await nodes.cluster([from, to, from]);
    const [watcher, watched] = all;
    if (watcher === undefined || watched === undefined) throw new Error('two nodes needed');
    await agree(all, membersAre(all));
    return [watcher, watched];
  }
  const watch = async (watcher: NodeProcess, watched: NodeProcess, name: string) => {
    const { ref = '' } = await watcher.do('identify', { to: watched.path(name) });
    await watcher.do('watch', { to: ref });
    return ref;
  };

  it('is told once of a stop, a crash, and of one that was never there; not of one it unwatched', async () => {
    const [watcher, watched] = await pair();
    for (const name of ['stops', 'unwatched', 'last']) await watched.do('spawn', { name });
    await watched.do('spawn', { name: 'fragile', kind: 'fragile' });
    await watch(watcher, watched, 'stops');
    await watch(watcher, watched, 'fragile/child');
    const unwatched = await watch(watcher, watched, 'unwatched');
    await watcher.do('watch', { to: watched.path('never') });
    await watcher.do('unwatch', { to: unwatched });
    // The order of one pair holds, so what was asked before has been heard.
    await watcher.do('ask', { to: watched.path('echo'), value: { text: 'heard?' } });
    await ended(watcher, 'never');
    await watched.do('stop', { name: 'unwatched' });
    await watched.do('stop', { name: 'stops' });
    await watched.do('tell', { to: watched.path('fragile'), value: { text: 'crash' } });
    await Promise.all([ended(watcher, 'stops'), ended(watcher, 'child')]);
    await watch(watcher, watched, 'last');
    await watched.do('stop', { name: 'last' });
    await ended(watcher, 'last');
    for (const name of ['never', 'stops', 'child', 'last']) {
      expect(endsOf(watcher, name)).toHaveLength(1);
    }
    expect(endsOf(watcher, 'unwatched')).toEqual([]);
    expect(endsOf(watcher, 'stops')[0]).toMatchObject({
      existenceConfirmed: true,
      addressTerminated: false,
    });
    expect(endsOf(watcher, 'never')[0]).toMatchObject({ existenceConfirmed: false });
  });

  it('is told once when the node leaves', async () => {
    const [watcher, watched] = await pair();
    await watch(watcher, watched, 'echo');
    await watched.do('leave');
    await ended(watcher, 'echo');
    await watched.exited;
    await sees(watcher, 'MemberRemoved', watched.address);
    expect(endsOf(watcher, 'echo')).toHaveLength(1);
  });

  it('is told once when the node dies, and not before it is unreachable', async () => {
    const [watcher, watched] = await pair();
    await watch(watcher, watched, 'echo');
    watched.signal('SIGKILL');
    await sees(watcher, 'UnreachableMember', watched.address);
    await ended(watcher, 'echo');
    await sees(watcher, 'MemberRemoved', watched.address);
    expect(endsOf(watcher, 'echo')).toHaveLength(1);
    expect(endsOf(watcher, 'echo')[0]).toMatchObject({ addressTerminated: true });
    const unreachable = watcher.lines.findIndex(({ event }) => event === 'UnreachableMember');
    const told = watcher.lines.findIndex(({ event }) => event === 'terminated');
    expect(told).toBeGreaterThan(unreachable);
    // Nor is it told again when another node comes to the same address.
    const seeds = [watcher.address];
    const since = watcher.lines.length;
    const again = await nodes.start(watched.kind, watched.host, { seeds });
    await sees(watcher, 'MemberUp', again.address, { since });
    await watcher.do('ask', { to: again.path('echo'), value: { text: 'a new one' } });
    expect(endsOf(watcher, 'echo')).toHaveLength(1);
  });

  it('is told once when the node is downed while it is reachable', async () => {
    const [watcher, watched] = await pair();
    await watch(watcher, watched, 'echo');
    await watcher.do('down', { address: watched.address });
    await ended(watcher, 'echo');
    await sees(watcher, 'MemberRemoved', watched.address);
    await watched.exited;
    expect(endsOf(watcher, 'echo')).toHaveLength(1);
    expect(endsOf(watcher, 'echo')[0]).toMatchObject({ addressTerminated: true });
  });
});
