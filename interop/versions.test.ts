// Versions: Pekko from 1.0.3 on, and Akka 2.6, whose protocol is the same under other names.

import { afterEach, describe, expect, it } from 'vitest';
import { agree, membersAre, sees } from './harness/expectations.ts';
import type { NodeProcess } from './harness/node-process.ts';
import { type Kind, Nodes } from './harness/nodes.ts';
import { buildPeer, newestPekko } from './harness/peer-build.ts';

const oldestPekko = '1.0.3';
const middlePekko = '1.4.0';
const akka = 'akka-2.6.21';

let nodes = new Nodes();
afterEach(async () => {
  await nodes.stop();
  nodes = new Nodes();
});

async function talk(all: readonly NodeProcess[]): Promise<void> {
  for (const from of all) {
    for (const to of all) {
      if (from === to) continue;
      const ping = {
        to: to.path('typed'),
        text: 'hello',
        n: '1',
        format: 'cbor',
        timeoutMs: 30_000,
      } as const;
      expect(await from.do('ping', ping)).toMatchObject({ text: 'pong:hello', n: '2' });
    }
  }
}

/** Those of a Pekko node alone too: it says so of every shutdown of a peer. */
const isOrdinary = (line: string): boolean => /Upstream failed|Restarting graph|aborted/.test(line);

const orders: readonly (readonly [version: string, first: Kind, second: Kind, third: Kind])[] = [
  [oldestPekko, 'parvi', 'pekko', 'parvi'],
  [oldestPekko, 'pekko', 'parvi', 'pekko'],
  [middlePekko, 'parvi', 'pekko', 'parvi'],
  [middlePekko, 'pekko', 'parvi', 'pekko'],
  [akka, 'parvi', 'pekko', 'parvi'],
  [akka, 'pekko', 'parvi', 'pekko'],
];

describe.each(orders)('with %s in a cluster of %s, %s, %s', (version, first, second, third) => {
  it('nodes join, talk, leave, die and are downed as with the newest', async () => {
    await buildPeer(version);
    if (version === akka) nodes = new Nodes({ protocol: 'akka' });
    const all = await nodes.cluster([first, second, third], () => ({ version }));
    const [a, b, c] = all;
    if (a === undefined || b === undefined || c === undefined) throw new Error('three needed');
    const state = await agree(all, membersAre(all));
    expect([state.leader, state.oldest]).toEqual([a.address, a.address]);
    await talk(all);
    const options = { version, seeds: [a.address] };
    const guest = await nodes.start(b.kind, nodes.nextHost(), options);
    await agree([...all, guest], membersAre([...all, guest]));
    await guest.do('leave');
    await Promise.all(all.map((node) => sees(node, 'MemberRemoved', guest.address)));
    expect(await guest.exited).toBe(0);
    c.signal('SIGKILL');
    await Promise.all([a, b].map((node) => sees(node, 'MemberRemoved', c.address)));
    await agree([a, b], membersAre([a, b]));
    expect(a.logLines(['ERROR']).filter((line) => !isOrdinary(line))).toEqual([]);
  });
});

describe('a rolling upgrade', () => {
  it(`from ${oldestPekko} over ${middlePekko} to ${newestPekko} goes on around Parvi nodes`, async () => {
    for (const version of [oldestPekko, middlePekko, newestPekko]) await buildPeer(version);
    const started = await nodes.cluster(['pekko', 'parvi', 'pekko', 'parvi'], () => ({
      version: oldestPekko,
    }));
    const parvi = started.filter(({ kind }) => kind === 'parvi');
    let pekko = started.filter(({ kind }) => kind === 'pekko');
    const stays = parvi[0];
    if (stays === undefined) throw new Error('a Parvi node stays');
    for (const version of [middlePekko, newestPekko]) {
      const upgraded: NodeProcess[] = [];
      for (const old of pekko) {
        await old.do('leave');
        await old.exited;
        await sees(stays, 'MemberRemoved', old.address);
        const next = await nodes.start('pekko', old.host, { version, seeds: [stays.address] });
        upgraded.push(next);
        const rest = pekko.filter((node) => node.isRunning);
        const members = [...parvi, ...rest, ...upgraded];
        await agree(members, membersAre(members));
      }
      pekko = upgraded;
      await talk([...parvi, ...pekko]);
    }
    const unreachable = parvi.flatMap(({ lines }) =>
      lines.filter(({ event }) => event === 'UnreachableMember'),
    );
    expect(unreachable).toEqual([]);
  });
});
