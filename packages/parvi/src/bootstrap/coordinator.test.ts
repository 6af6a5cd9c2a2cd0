import { describe, expect, it } from 'vitest';
import { SampleBootstrap } from './sample-situations.ts';

const [low, middle, high] = ['10.0.0.1', '10.0.0.2', '10.0.0.3'] as const;
const nobody = { [low]: [], [middle]: [], [high]: [] };

/** A second of lookups and probes, all with the same answers. */
function seconds(
  node: SampleBootstrap,
  count: number,
  ips: readonly string[],
  answers: Readonly<Record<string, readonly string[]>>,
): void {
  for (let second = 0; second < count; second++) {
    if (node.state.isLookingUp) node.find(...ips);
    node.answer(answers);
    node.advance(1000);
  }
}

function started(host: string, options = {}): SampleBootstrap {
  const node = new SampleBootstrap(host, { requiredContactPointNr: 3, ...options });
  node.feed({ type: 'start' });
  return node;
}

describe('a bootstrap', () => {
  it('forms a cluster once all have answered and the set has been stable for its margin', () => {
    const node = started(low);
    seconds(node, 4, [low, middle, high], nobody);
    expect(node.take('joinSelf')).toEqual([]);
    seconds(node, 1, [low, middle, high], nobody);
    expect(node.take('joinSelf')).toHaveLength(1);
    expect(node.state.phase).toBe('joining');
    node.feed({ type: 'member' });
    expect(node.take('ended')).toHaveLength(1);
  });

  it('starts its margin anew when the set changes', () => {
    const node = started(low, { requiredContactPointNr: 2 });
    seconds(node, 4, [low, middle], nobody);
    seconds(node, 4, [low, middle, high], nobody);
    expect(node.take('joinSelf')).toEqual([]);
    seconds(node, 3, [low, middle, high], nobody);
    expect(node.take('joinSelf')).toHaveLength(1);
  });

  it('joins the cluster that any contact point knows as soon as it hears of it', () => {
    const node = started(high);
    node.find(low, middle, high);
    const seed = `pekko://app@${low}:25520`;
    node.answer({ [low]: [seed] });
    expect(node.take('joinSeedNodes')).toEqual([{ type: 'joinSeedNodes', addresses: [seed] }]);
  });

  it('looks again when its seed nodes do not admit it', () => {
    const node = started(high);
    node.find(low, middle, high);
    node.answer({ [low]: [`pekko://app@${low}:25520`] });
    node.advance(14_999);
    expect(node.take('lookup')).toEqual([]);
    node.advance(1);
    expect(node.take('lookup')).toHaveLength(1);
    node.find(middle, high);
    node.answer({ [middle]: [`pekko://app@${middle}:25520`], [high]: [] });
    const [, second] = node.take('joinSeedNodes');
    expect(second?.addresses).toEqual([`pekko://app@${middle}:25520`]);
  });

  it('backs off while lookups fail, up to the longest interval, and forms nothing meanwhile', () => {
    const node = started(low, { exponentialBackoffMax: '6s' });
    seconds(node, 4, [low, middle, high], nobody);
    const waits: number[] = [];
    for (let failure = 0; failure < 5; failure++) {
      node.feed({ type: 'notFound', lookup: node.state.lookup, reason: 'no DNS' });
      const failedMs = node.nowMs;
      while (!node.state.isLookingUp) node.advance(100);
      waits.push(Math.round((node.nowMs - failedMs) / 100) / 10);
    }
    expect(waits).toEqual([2, 4, 6, 6, 6]);
    expect(node.take('joinSelf')).toEqual([]);
  });

  it('spreads lookups and probes in time by chance', () => {
    const node = new SampleBootstrap(low, {
      exponentialBackoffRandomFactor: 0.2,
      probeIntervalJitter: 0.2,
    });
    node.feed({ type: 'start' });
    const effects = node.feed({ type: 'found', lookup: 1, targets: [] });
    const [wait] = effects.flatMap((effect) => (effect.type === 'schedule' ? effect.afterMs : []));
    expect(wait).toBeGreaterThan(1000);
    expect(wait).toBeLessThan(1200);
  });

  it('gives a contact point up after a time of silence, and asks discovery whether it is there', () => {
    const node = started(low);
    node.find(low, middle);
    const answers = { [low]: [] };
    for (let second = 0; second < 3; second++) {
      node.answer(answers);
      node.advance(1000);
      if (node.state.isLookingUp) node.find(low, middle);
    }
    node.answer(answers);
    const silent = [...node.state.probes.values()].find(({ target }) => target.host === middle);
    expect(silent).toMatchObject({ isStopped: true, failure: 'nobody listens there' });
    node.advance(1000);
    node.find(low, middle);
    expect(node.take('probe').map(({ contactPoint }) => contactPoint.host)).toContain(middle);
  });

  it('forgets what a contact point said when it says no more', () => {
    const node = started(low, { contactWithAllContactPoints: false });
    node.find(low, middle, high);
    node.answer(nobody);
    node.advance(3001);
    node.take('probe');
    if (node.state.isLookingUp) node.find(low, middle, high);
    node.advance(6000);
    expect(node.take('joinSelf')).toEqual([]);
    expect(node.state.waitsFor).toBe('contact points');
  });

  it('ignores answers to lookups and probes that count no more', () => {
    const node = started(low);
    node.find(low, middle);
    const [old] = node.take('probe');
    node.advance(1000);
    node.find(middle);
    const seedNodes = [`pekko://app@${middle}:25520`];
    const selfNode = `pekko://app@${low}:25520`;
    node.feed({
      type: 'answered',
      key: old?.key ?? '',
      probe: old?.probe ?? 0,
      selfNode,
      seedNodes,
    });
    node.feed({ type: 'found', lookup: 1, targets: [] });
    expect(node.take('joinSeedNodes')).toEqual([]);
    expect(node.state.contacts?.targets).toHaveLength(1);
  });

  it('does not join members of another actor system, and says whose they are', () => {
    const node = started(low);
    node.find(low, middle);
    const [, probe] = node.take('probe');
    node.feed({
      type: 'answered',
      key: probe?.key ?? '',
      probe: probe?.probe ?? 0,
      selfNode: `pekko://shop@${middle}:25520`,
      seedNodes: [`pekko://shop@${middle}:25520`],
    });
    expect(node.take('joinSeedNodes')).toEqual([]);
    const said = node.take('log').map(({ text }) => text);
    expect(said.at(-1)).toContain(`another actor system: "pekko://shop@${middle}:25520"`);
  });

  it('repeats no more of what a contact point says than the beginning', () => {
    const node = started(low);
    node.find(low, middle);
    const [, { key, probe } = { key: '', probe: 0 }] = node.take('probe');
    const selfNode = `pekko://${'x'.repeat(200_000)}@${middle}:25520`;
    node.feed({ type: 'answered', key, probe, selfNode, seedNodes: [] });
    const said = node.take('log').map(({ text }) => text);
    expect(said.at(-1)).toMatch(/another actor system: "pekko:\/\/x+…"$/);
    expect(said.at(-1)?.length).toBeLessThan(300);
  });

  it('does not probe the port of its own actors', () => {
    const node = started(low, { portName: 'remoting' });
    const targets = [{ host: low, port: 25_520, ip: low }];
    node.feed({ type: 'found', lookup: 1, targets });
    expect(node.take('probe')).toEqual([]);
    expect(node.take('log').at(-1)?.text).toMatch(/not its management.*bootstrap\.portName/);
  });

  it('warns of lookups that fail at once, and of each other reason when half a minute has gone by', () => {
    const node = started(low);
    const told = (reason: string): string[] => {
      node.take('log');
      node.feed({ type: 'notFound', lookup: node.state.lookup, reason });
      const levels = node.take('log').map(({ level }) => level);
      node.advance(10_000);
      return levels;
    };
    expect(['a', 'a', 'b', 'b', 'b'].map(told)).toEqual([['warn'], [], ['info'], ['warn'], []]);
    expect(['a', 'b', 'a', 'b'].map(told)).toEqual([['info'], ['info'], ['warn'], ['info']]);
    node.find(low);
    node.advance(30_000);
    expect(told('a')).toEqual(['warn']);
  });

  it('warns when a single contact point is enough to form a cluster', () => {
    const warnings = (options: object) =>
      started(low, options)
        .take('log')
        .filter(({ level }) => level === 'warn');
    expect(warnings({ requiredContactPointNr: 1 })[0]?.text).toContain('one of their own');
    expect(warnings({ requiredContactPointNr: 1, newClusterEnabled: false })).toEqual([]);
    expect(warnings({ requiredContactPointNr: 2 })).toEqual([]);
  });

  it('hears nothing more once it has ended', () => {
    const node = started(low);
    node.feed({ type: 'stop' });
    expect(node.feed({ type: 'decideTick' })).toEqual([]);
    expect(node.feed({ type: 'found', lookup: 1, targets: [] })).toEqual([]);
  });
});
