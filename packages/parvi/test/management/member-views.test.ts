import { describe, expect, it } from 'vitest';
import { membersView, seedNodesView } from '../../src/management/member-views.ts';
import { member, SampleCluster } from './sample-cluster.ts';

const young = { ...member(1, 1n), upNumber: 9 };
const old = { ...member(2, 2n, { roles: ['x'] }), upNumber: 1 };
const joining = { ...member(3, 3n, { status: 'Joining' }), upNumber: 2147483647 };
const leaving = { ...member(4, 4n, { status: 'Leaving', roles: ['x'] }), upNumber: 0 };
const elsewhere = { ...member(5, 5n), upNumber: 0, dataCenter: 'other', roles: ['dc-other'] };

const address = (port: number): string => `pekko://mg@127.0.0.1:${port}`;

describe('the view of the members', () => {
  it('names the oldest by age, not by address, of those that are Up in its data center', () => {
    const cluster = new SampleCluster(young, [young, old, joining, leaving, elsewhere]);
    expect(membersView(cluster)).toMatchObject({
      oldest: address(2),
      oldestPerRole: { 'dc-default': address(2), x: address(2) },
    });
  });

  it('offers five seed nodes at most, none that is unreachable, leaving or gone', () => {
    const more = Array.from({ length: 8 }, (_, i) => member(10 + i, BigInt(10 + i)));
    const cluster = new SampleCluster(young, [young, old, joining, leaving, ...more], [old]);
    const { seedNodes } = seedNodesView(cluster) as { seedNodes: { node: string }[] };
    const nodes = seedNodes.map(({ node }) => node);
    expect(nodes).toEqual([1, 3, 10, 11, 12].map(address));
  });
});
