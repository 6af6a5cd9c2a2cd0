import { describe, expect, it } from 'vitest';
import { receiversOf, ringOrder } from './heartbeat-ring.ts';
import { hostsOf, nodeAt } from './sample-values.ts';

const ring = ['a', 'b', 'c', 'd', 'e', 'f'].map((host) => nodeAt(host)).sort(ringOrder);

function receivers(sender: string, monitoredBy: number, unreachable = ''): string {
  const keys = new Set(unreachable.split('').map((host) => nodeAt(host).key));
  const nodes = receiversOf({ sender: nodeAt(sender).key, ring, unreachable: keys, monitoredBy });
  return hostsOf(nodes.map((node) => node.key)).replaceAll(' ', '');
}

describe('the heartbeat ring', () => {
  it('gives every node the next three, and never itself', () => {
    expect(['a', 'b', 'c', 'd', 'e', 'f'].map((host) => receivers(host, 3))).toEqual([
      'bcd',
      'cde',
      'def',
      'aef',
      'abf',
      'abc',
    ]);
  });

  it('includes unreachable nodes on the way to enough reachable ones', () => {
    expect(['a', 'b', 'c', 'd', 'e', 'f'].map((host) => receivers(host, 3, 'ade'))).toEqual([
      'bcdf',
      'cdef',
      'bdef',
      'abcef',
      'abcf',
      'abc',
    ]);
  });

  it('is everybody else in a small cluster', () => {
    for (const limit of [5, 6, 7]) expect(receivers('b', limit)).toBe('acdef');
    const alone = { sender: nodeAt('a').key, ring: [nodeAt('a')], unreachable: new Set<string>() };
    expect(receiversOf({ ...alone, monitoredBy: 3 })).toEqual([]);
  });

  it('lets every node be monitored by as many as it should be', () => {
    const nodes = Array.from({ length: 50 }, (_, index) =>
      nodeAt(`n${index}`, BigInt(index) * 7919n * 1_000_003n - 12_345_678_901n),
    ).sort(ringOrder);
    const monitors = new Map<string, number>();
    for (const { key } of nodes) {
      const targets = receiversOf({
        sender: key,
        ring: nodes,
        unreachable: new Set(),
        monitoredBy: 9,
      });
      expect(targets.length).toBe(9);
      for (const target of targets) monitors.set(target.key, (monitors.get(target.key) ?? 0) + 1);
    }
    expect([...monitors.values()].every((count) => count === 9)).toBe(true);
  });
});
