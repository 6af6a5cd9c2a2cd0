// Quarantine on both kinds and the way out of it, and the compression tables that make frames short.

import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { agree, membersAre, sees } from './harness/expectations.ts';
import { figure } from './harness/figures.ts';
import type { NodeProcess } from './harness/node-process.ts';
import { Nodes } from './harness/nodes.ts';
import { buildPeer } from './harness/peer-build.ts';
import { Tap } from './harness/tap.ts';

beforeAll(() => buildPeer());
let nodes = new Nodes();
const taps: Tap[] = [];
afterEach(async () => {
  for (const tap of taps.splice(0)) tap.close();
  await nodes.stop();
  nodes = new Nodes();
});

describe.each([
  ['parvi', 'pekko'],
  ['pekko', 'parvi'],
] as const)('a %s node', (from, to) => {
  it(`that quarantines a ${to} node makes it end itself; restarted, it is welcome`, async () => {
    const all = await nodes.cluster([from, to, from]);
    const [judge, judged, third] = all;
    if (judge === undefined || judged === undefined || third === undefined) throw new Error('no');
    await agree(all, membersAre(all));
    await judge.do('quarantine', { address: judged.address, uid: judged.uid });
    await judged.exited;
    const rest = [judge, third];
    await Promise.all(rest.map((node) => sees(node, 'MemberRemoved', judged.address)));
    const again = await nodes.start(to, judged.host, { seeds: [judge.address] });
    await agree([...rest, again], membersAre([...rest, again]));
    const answer = await judge.do('ask', { to: again.path('echo'), value: { text: 'hello' } });
    expect(answer.value).toEqual({ text: 'hello' });
  });

  it(`that was removed while it stood still ends itself when it goes on (others: ${to})`, async () => {
    const all = await nodes.cluster([to, from, to]);
    const [a, still, c] = all;
    if (a === undefined || still === undefined || c === undefined) throw new Error('no');
    await agree(all, membersAre(all));
    still.signal('SIGSTOP');
    await Promise.all([a, c].map((node) => sees(node, 'MemberRemoved', still.address)));
    still.signal('SIGCONT');
    await still.exited;
    const state = await agree([a, c], membersAre([a, c]));
    expect(state.members).toHaveLength(2);
  });
});

describe('compression tables', () => {
  it('are offered and used in both directions', async () => {
    const bindPort = 25_521;
    const started: NodeProcess[] = [];
    const seeds: string[] = [];
    const interval = 'pekko.remote.artery.advanced.compression';
    for (const kind of ['parvi', 'pekko'] as const) {
      const host = nodes.nextHost();
      seeds.push(nodes.address(host));
      taps.push(await Tap.open(host, 25_520, bindPort));
      started.push(
        await nodes.start(kind, host, {
          seeds: seeds.slice(0, 1),
          bindPort,
          settings: {
            [`${interval}.actor-refs.advertisement-interval`]: '1s',
            [`${interval}.manifests.advertisement-interval`]: '1s',
          },
          parvi: { remote: { limits: { compressionAdvertiseMs: 1000 } } },
        }),
      );
    }
    const [parvi, pekko] = started;
    const [toParvi, toPekko] = taps;
    if (parvi === undefined || pekko === undefined) throw new Error('two nodes needed');
    await agree(started, membersAre(started));
    const record = { text: 't', n: '1', x: 0.5, flag: false, list: [], bytes: '' };
    const start = performance.now();
    const isUsed = (tap: Tap | undefined): boolean =>
      (tap?.counts.compressedRecipients ?? 0) > 100 && (tap?.counts.compressedManifests ?? 0) > 100;
    while (!(isUsed(toParvi) && isUsed(toPekko)) && performance.now() - start < 60_000) {
      for (const [from, to] of [
        [parvi, pekko],
        [pekko, parvi],
      ] as const) {
        // Only refs with a uid go into tables.
        const { ref = '' } = await from.do('identify', { to: to.path('echo') });
        const order = { to: ref, value: { cbor: record } };
        for (let i = 0; i < 50; i++) {
          expect((await from.do('ask', order)).value).toEqual({ cbor: record });
        }
      }
    }
    const counts = { toParvi: toParvi?.counts, toPekko: toPekko?.counts };
    expect(isUsed(toParvi) && isUsed(toPekko), JSON.stringify(counts)).toBe(true);
    for (const [direction, tap] of [
      ['parvi to pekko', toPekko],
      ['pekko to parvi', toParvi],
    ] as const) {
      const { frames = 0, compressedRecipients = 0, compressedManifests = 0 } = tap?.counts ?? {};
      const shown = `recipient in ${compressedRecipients}, class in ${compressedManifests} of ${frames} frames`;
      figure('table indices', `${direction} ${shown}`);
    }
  });
});
