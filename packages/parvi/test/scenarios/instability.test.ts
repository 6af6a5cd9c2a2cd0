// Detection of lost members, and networks that are broken in all ways for a while (Pekko
// `ClusterAccrualFailureDetectorSpec`, `SurviveNetworkInstabilitySpec`).

import { describe, expect, it } from 'vitest';
import { isAvailable } from '../../src/remote/index.ts';
import { Scenario } from './scenario.ts';

/** Who of the others a node's own detector takes to be alive, whatever the gossip says. */
function availableTo(s: Scenario, name: string): string {
  const { state } = s.process(name);
  return s.names
    .filter((other) => other !== name && s.cluster.wasStarted(s.host(other)))
    .filter((other) =>
      isAvailable(
        state.detectors.get(s.process(other).node.addressKey),
        s.cluster.nowMs,
        state.settings.heartbeat.detector,
      ),
    )
    .join('');
}

describe('the failure detector of each member', () => {
  it('finds all members available in a healthy cluster', () => {
    const s = new Scenario('abc', 0, { failureDetector: { threshold: 4 } });
    s.clusterUp('abc');
    s.run(5);
    expect([...'abc'].map((name) => availableTo(s, name))).toEqual(['bc', 'ac', 'ab']);
    expect(s.process('a').state.detectors.size).toBe(2);
  });

  it('loses sight of the member behind a broken link only, and finds it again', () => {
    const s = new Scenario('abc', 0, { failureDetector: { threshold: 4 }, splitBrain: 'off' });
    s.clusterUp('abc');
    s.cut('a', 'b');
    s.until(() => availableTo(s, 'a') === 'c' && availableTo(s, 'b') === 'c', 15);
    expect(availableTo(s, 'c')).toBe('ab');
    s.mend('a', 'b');
    s.until(() => availableTo(s, 'a') === 'bc' && availableTo(s, 'b') === 'ac', 15);
  });

  it('loses a crashed member everywhere, and nobody else', () => {
    const s = new Scenario('abc', 0, { failureDetector: { threshold: 4 }, splitBrain: 'off' });
    s.clusterUp('abc');
    s.crash('c');
    s.until(() => availableTo(s, 'a') === 'b' && availableTo(s, 'b') === 'a', 15);
  });
});

describe('a cluster of five whose network breaks and heals', () => {
  const five = (): Scenario => {
    const s = new Scenario('abcdefgh', 0, { splitBrain: 'off' });
    s.clusterUp('abcde');
    return s;
  };

  it('outlives the isolation of one member', () => {
    const s = five();
    s.cut('a', 'bcde');
    s.until(
      () => s.unreachable('a') === 'bcde' && [...'bcde'].every((n) => s.unreachable(n) === 'a'),
      15,
    );
    s.run(45);
    s.mend('a', 'bcde');
    s.awaitUp('abcde', 'abcde', 30);
  });

  it('outlives two islands, each of which sees the other and all of it', () => {
    const s = five();
    s.cut('ab', 'cde');
    s.until(
      () =>
        [...'ab'].every((n) => s.unreachable(n) === 'cde') &&
        [...'cde'].every((n) => s.unreachable(n) === 'ab'),
      15,
    );
    s.mend('ab', 'cde');
    s.awaitUp('abcde', 'abcde', 30);
  });

  it('outlives one break after the other', () => {
    const s = five();
    for (const [side, other] of [
      ['a', 'b'],
      ['a', 'bcde'],
      ['ab', 'cde'],
      ['ace', 'bd'],
    ] as const) {
      s.cut(side, other);
      s.until(() => s.unreachable('a') !== '', 15);
      s.run(20);
      s.mend(side, other);
      s.awaitUp('abcde', 'abcde', 40);
    }
  });

  it('keeps out those who were downed on one side, however the other side sees them', () => {
    const s = new Scenario('abcdefgh', 0, { splitBrain: 'off' });
    s.clusterUp('acdefg');
    s.cut('acdh', 'efg');
    s.until(() => s.unreachable('a') === 'efg' && s.unreachable('e') === 'acd', 15);
    s.start('h');
    s.join('h', 'c');
    for (const name of 'efg') s.down(name, 'd');
    s.awaitUp('acdh', 'acdh', 40);
    s.mend('acdh', 'efg');
    s.run(10);
    expect(s.members('a')).toBe('a:Up c:Up d:Up h:Up');
    for (const name of 'efg') {
      expect(s.members(name)).toBe('a:Up c:Up d:Up e:Up f:Up g:Up');
      expect(s.unreachable(name)).toBe('acd');
    }
  });
});
