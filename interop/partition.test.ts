// Partitions between both kinds of node: each strategy decides alike on both, and one cluster remains, or none.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { agree, membersAre } from './harness/expectations.ts';
import { figure } from './harness/figures.ts';
import type { NodeProcess } from './harness/node-process.ts';
import { type Kind, type NodeOptions, Nodes, patient } from './harness/nodes.ts';
import { buildPeer } from './harness/peer-build.ts';
import { Tap } from './harness/tap.ts';

beforeAll(() => buildPeer());
let nodes = new Nodes();
const tapOf = new Map<NodeProcess, Tap>();
afterEach(async () => {
  for (const tap of tapOf.values()) tap.close();
  tapOf.clear();
  await nodes.stop();
  nodes = new Nodes();
});

const resolver = 'pekko.cluster.split-brain-resolver';
const unstable = '60s';

/**
 * A strategy on both kinds. Members of one side forgive each other a silence, and unrest is no reason to down all: both
 * happen on a machine that does much else, and are not what is tried here.
 */
function byStrategy(
  name: 'keep-majority' | 'keep-oldest' | 'static-quorum' | 'down-all',
  quorumSize = 3,
): NodeOptions {
  const { failureDetector } = patient.parvi.cluster;
  const quorum = name === 'static-quorum' ? { quorumSize } : {};
  return {
    settings: {
      ...patient.settings,
      [`${resolver}.down-all-when-unstable`]: unstable,
      [`${resolver}.active-strategy`]: name,
      [`${resolver}.static-quorum.quorum-size`]: quorumSize,
    },
    parvi: {
      cluster: {
        failureDetector,
        splitBrain: {
          strategy: name,
          stableAfter: '3s',
          downAllWhenUnstable: unstable,
          ...quorum,
        },
      },
    },
  };
}

const keepMajority = byStrategy('keep-majority');
const keepOldest = byStrategy('keep-oldest');
const staticQuorum = byStrategy('static-quorum');
const downAll = byStrategy('down-all');

/** The lease comes on top: it makes the strategy that of the majority with a lease. */
const byLease = (lease: string): NodeOptions => {
  const { settings = {}, parvi } = keepMajority;
  const { [`${resolver}.active-strategy`]: _, ...others } = settings;
  return { settings: others, ...(parvi === undefined ? {} : { parvi }), lease };
};

/** A cluster each of whose nodes has a tap before it. */
async function tapped(kinds: readonly Kind[], options: NodeOptions): Promise<NodeProcess[]> {
  const bindPort = 25_521;
  const hosts = kinds.map(() => nodes.nextHost());
  const seeds = hosts.slice(0, 1).map((host) => nodes.address(host));
  const all: NodeProcess[] = [];
  for (const [index, kind] of kinds.entries()) {
    const host = hosts[index] ?? '';
    const tap = await Tap.open(host, 25_520, bindPort);
    const node = await nodes.start(kind, host, { seeds, bindPort, ...options });
    tapOf.set(node, tap);
    all.push(node);
  }
  await agree(all, membersAre(all));
  return all;
}

function part(one: readonly NodeProcess[], other: readonly NodeProcess[]): void {
  const uids = (side: readonly NodeProcess[]) => side.map(({ uid }) => uid);
  for (const node of one) tapOf.get(node)?.cutOff(uids(other));
  for (const node of other) tapOf.get(node)?.cutOff(uids(one));
}

/** These stay one cluster, the others end themselves. */
async function remain(stay: readonly NodeProcess[], go: readonly NodeProcess[], start: number) {
  await Promise.all(go.map((node) => node.exited));
  if (stay.length > 0) await agree(stay, membersAre(stay));
  expect(stay.every(({ isRunning }) => isRunning)).toBe(true);
  figure('partition to decision, s', String(Math.round((performance.now() - start) / 1000)));
}

/** Sides of two and three that are led by different kinds. */
function mixedSides(all: readonly NodeProcess[]): readonly [NodeProcess[], NodeProcess[]] {
  const [first] = all;
  const minority = all.filter(({ kind }) => kind === first?.kind).slice(0, 2);
  return [minority, all.filter((node) => !minority.includes(node))];
}

function leaseFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'parvi-lease-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'lease');
}

const mixes: readonly (readonly Kind[])[] = [
  ['parvi', 'pekko', 'parvi', 'pekko', 'parvi'],
  ['pekko', 'parvi', 'pekko', 'parvi', 'pekko'],
];

describe.each(mixes)('in a partition of %s, %s | %s, %s, %s', (...kinds) => {
  it.each([
    ['keep-majority', 'majority', keepMajority],
    ['keep-oldest', 'minority, which has the oldest,', keepOldest],
    ['static-quorum', 'side that has the quorum', staticQuorum],
  ] as const)(
    'by %s the %s stays one cluster, the others end themselves',
    async (_, __, options) => {
      const all = await tapped(kinds, options);
      const [minority, majority] = [all.slice(0, 2), all.slice(2)];
      const start = performance.now();
      part(minority, majority);
      if (options === keepOldest) await remain(minority, majority, start);
      else await remain(majority, minority, start);
    },
  );

  it('by keep-oldest an oldest that is alone ends itself', async () => {
    const [oldest, ...others] = await tapped(kinds.slice(0, 3), keepOldest);
    if (oldest === undefined) throw new Error('no node');
    const start = performance.now();
    part([oldest], others);
    await remain(others, [oldest], start);
  });

  it('by lease-majority the majority gets the lease', async () => {
    const lease = leaseFile();
    const all = await tapped(kinds, byLease(lease));
    const [minority, majority] = mixedSides(all);
    const start = performance.now();
    part(minority, majority);
    await remain(majority, minority, start);
    expect(readFileSync(lease, 'utf8')).toBe(majority[0]?.address.replace('pekko://', ''));
  });

  it('by lease-majority the minority stays that has the lease already', async () => {
    const lease = leaseFile();
    const all = await tapped(kinds, byLease(lease));
    const [minority, majority] = mixedSides(all);
    writeFileSync(lease, minority[0]?.address.replace('pekko://', '') ?? '');
    const start = performance.now();
    part(minority, majority);
    await remain(minority, majority, start);
  });

  it('by down-all nobody stays', async () => {
    const all = await tapped(kinds.slice(0, 3), downAll);
    const start = performance.now();
    part(all.slice(0, 1), all.slice(1));
    await remain([], all, start);
  });

  it('two that do not hear each other, but all the others, end themselves on both kinds', async () => {
    const [a, b, ...others] = await tapped(kinds, keepMajority);
    if (a === undefined || b === undefined) throw new Error('no nodes');
    const start = performance.now();
    part([a], [b]);
    await remain(others, [a, b], start);
  });
});
