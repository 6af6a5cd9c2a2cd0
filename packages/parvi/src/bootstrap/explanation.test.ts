import { describe, expect, it } from 'vitest';
import { explanation, summaryOf } from './explanation.ts';
import { nameUnknown } from './probing.ts';
import { SampleBootstrap } from './sample-situations.ts';

const [low, high] = ['10.0.0.1', '10.0.0.2'] as const;

function node(host: string, options: object = {}): SampleBootstrap {
  const made = new SampleBootstrap(host, options);
  made.feed({ type: 'start' });
  return made;
}

/** Six seconds in which discovery and contact points always say the same. */
function live(
  one: SampleBootstrap,
  ips: readonly string[],
  answers: Readonly<Record<string, readonly string[]>>,
): string {
  for (let second = 0; second < 6; second++) {
    if (one.state.isLookingUp) one.find(...ips);
    one.answer(answers);
    one.advance(1000);
  }
  one.answer(answers);
  return explanation(one.state, one.nowMs);
}

describe('the explanation why a node is in no cluster', () => {
  it('comes after 20 s and then once a minute', () => {
    const one = node(low);
    const warnings = () =>
      one.take('log').filter(({ text }) => text.startsWith('Not in a cluster'));
    one.advance(19_999);
    expect(warnings()).toHaveLength(0);
    one.advance(1);
    expect(warnings()).toHaveLength(1);
    one.advance(120_000);
    expect(warnings()).toHaveLength(2);
  });

  it('counts what was found, what answers and what must, and names the silent ones', () => {
    const said = live(node(low), [low, high], { [low]: [] });
    expect(said).toContain('found 2 contact points of service "app", 1 of them answer, and 2 must');
    expect(said).toContain('no answer from 10.0.0.2 (nobody listens there)');
    expect(said).toContain('port is that of management');
  });

  it('tells each kind of silence with its own remedy', () => {
    const one = node(low, { requiredContactPointNr: 4 });
    const [unknown, foreign] = ['10.0.0.3', '10.0.0.4'];
    one.find(low, high, unknown, foreign);
    for (const { key, probe, contactPoint } of one.take('probe')) {
      const { host } = contactPoint;
      const system = host === foreign ? 'shop' : 'app';
      const selfNode = `pekko://${system}@${host}:25520`;
      if (host === low || host === foreign) {
        one.feed({ type: 'answered', key, probe, selfNode, seedNodes: [] });
      } else {
        const reason = host === unknown ? nameUnknown : 'nobody listens there';
        one.feed({ type: 'unanswered', key, probe, reason });
      }
    }
    const said = explanation(one.state, one.nowMs);
    expect(said).toContain('no answer from 10.0.0.2 (nobody listens there); check that management');
    expect(said).toContain(
      'no address of 10.0.0.3 (its name is not known to DNS); correct the name where',
    );
    expect(said).toContain(
      'no use for the answer of 10.0.0.4 (it belongs to another actor system: "pekko://shop@10.0.0.4:25520"); give all nodes the name of this system (system.name), "app"',
    );
  });

  it('does not send who has but a name that is wrong after network policies', () => {
    const one = node(low);
    one.find(low, high);
    for (const { key, probe, contactPoint } of one.take('probe')) {
      if (contactPoint.host === high) {
        one.feed({ type: 'unanswered', key, probe, reason: nameUnknown });
      } else {
        const selfNode = `pekko://app@${low}:25520`;
        one.feed({ type: 'answered', key, probe, selfNode, seedNodes: [] });
      }
    }
    const said = explanation(one.state, one.nowMs);
    expect(said).toContain('discovery.config.endpoints');
    expect(said).not.toContain('network policies');
  });

  it('says why discovery fails', () => {
    const one = node(low);
    one.feed({ type: 'notFound', lookup: 1, reason: 'Cannot look up "app" by DNS' });
    expect(explanation(one.state, one.nowMs)).toContain('Cannot look up "app" by DNS');
  });

  it('asks for names, labels and not-ready addresses when nobody is found', () => {
    expect(live(node(low), [], {})).toMatch(/finds nobody: .*publishNotReadyAddresses/);
  });

  it('says that fewer were found than are required', () => {
    const said = live(node(low, { requiredContactPointNr: 3 }), [low, high], {
      [low]: [],
      [high]: [],
    });
    expect(said).toMatch(/requiredContactPointNr is above the number of nodes/);
  });

  it('says that discovery finds others and not the node itself', () => {
    const said = live(node('10.0.0.9'), [low, high], { [low]: [], [high]: [] });
    expect(said).toContain('does not find this node, which answers at 10.0.0.9:7626');
  });

  it('says who is the lowest and must form the cluster', () => {
    const said = live(node(high), [low, high], { [low]: [], [high]: [] });
    expect(said).toContain('waiting for 10.0.0.1 to form the cluster');
  });

  it('says that a node may form none', () => {
    const said = live(node(low, { newClusterEnabled: false }), [low, high], {
      [low]: [],
      [high]: [],
    });
    expect(said).toContain('bootstrap.newClusterEnabled is off');
  });

  it('says that a cluster of one is not formed by accident', () => {
    const said = live(node(low, { requiredContactPointNr: 1 }), [low], { [low]: [] });
    expect(said).toContain('set bootstrap.formAlone');
  });

  it('says that contact points with other ports were left out', () => {
    const one = node('127.0.0.1');
    const ports = [7626, 7627, 7628];
    const targets = ports.map((port) => ({ host: '127.0.0.1', port, ip: undefined }));
    one.feed({ type: 'found', lookup: 1, targets });
    const said = explanation(one.state, one.nowMs);
    expect(said).toContain('left out 2 with other ports than 7626');
    expect(said).toContain('filterOnFallbackPort');
  });

  it('says whom it has asked for admission', () => {
    const one = node(high);
    const seed = `pekko://app@${low}:25520`;
    one.find(low, high);
    one.answer({ [low]: [seed] });
    expect(explanation(one.state, one.nowMs)).toContain(`asked [${seed}] for admission`);
  });

  it('has its parts as values, too', () => {
    const one = node(high);
    live(one, [low, high], { [low]: [], [high]: [] });
    expect(summaryOf(one.state, one.nowMs)).toEqual({
      phase: 'looking',
      discovered: 2,
      answering: 2,
      required: 2,
      silent: [],
      lowest: '10.0.0.1',
      isSelfFound: true,
      waitsFor: 'the lowest',
    });
  });
});
