// The short form for every run of the tests: one cluster of both kinds of node, from join to leave.

import { afterAll, describe, expect, it } from 'vitest';
import { agree, memberEventsOf, membersAre, sees } from './harness/expectations.ts';
import { Nodes } from './harness/nodes.ts';
import { peerObstacle } from './harness/peer-build.ts';

const obstacle = await peerObstacle();
if (obstacle !== undefined) process.stderr.write(`Skipped: ${obstacle}\n`);

describe.skipIf(obstacle !== undefined).each([
  ['parvi', 'pekko'],
  ['pekko', 'parvi'],
] as const)('a cluster that a %s node started and a %s node joined', (first, second) => {
  const nodes = new Nodes();
  afterAll(() => nodes.stop());

  it('agrees, talks both ways, and lets each node leave in good order', async () => {
    const [a, b] = await nodes.cluster([first, second]);
    if (a === undefined || b === undefined) throw new Error('no nodes');
    const state = await agree([a, b], membersAre([a, b]));
    expect(state.leader).toBe(a.address);
    expect(state.oldest).toBe(a.address);

    await a.do('tell', { to: b.path('echo'), value: { text: 'hello' } });
    await a.until('the echo', ({ event }) => event === 'received');
    expect(await a.do('ask', { to: b.path('echo'), value: { int: 7 } })).toMatchObject({
      value: { int: 7 },
    });
    const ping = { text: 'typed', n: '9007199254740993' };
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      expect(
        await from.do('ping', { to: to.path('typed'), format: 'cbor', ...ping }),
      ).toMatchObject({ text: 'pong:typed', n: '9007199254740994' });
    }

    await b.do('leave');
    await sees(a, 'MemberRemoved', b.address);
    expect(await b.exited).toBe(0);
    expect(memberEventsOf(a).filter((event) => event.startsWith('Unreachable'))).toEqual([]);
    expect(a.logLines(['ERROR'])).toEqual([]);
  }, 240_000);
});
