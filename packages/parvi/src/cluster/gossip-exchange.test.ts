import { describe, expect, it } from 'vitest';
import { seededRandom } from '../runtime/index.ts';
import { type Gossip, seenDigest, withVersionOf } from './gossip.ts';
import { gossipTick, needsSpeedup } from './gossip-sending.ts';
import { differentViewProbability, gossipTarget, randomTargets } from './gossip-targets.ts';
import { step } from './membership.ts';
import { type MembershipState, newMembership } from './membership-state.ts';
import { clusterSettings } from './options.ts';
import type { ClusterMessage } from './protocol.ts';
import { gossipOf, hostsOf, memberWith, nodeAt, statusesOf } from './sample-values.ts';
import { type Effect, Turn } from './turn.ts';
import { compareClocks } from './vector-clock.ts';

const random = seededRandom(3);
const moment = { nowMs: 100_000, wallMs: 0, random };

/** Node a as a member, with this gossip. */
function nodeA(gossip: Gossip): MembershipState {
  const fresh = newMembership(nodeAt('a'), clusterSettings());
  return { ...fresh, phase: { name: 'member' }, gossip };
}

function receive(state: MembershipState, message: ClusterMessage) {
  const sender = { address: nodeAt('b').address };
  const { state: next, effects } = step(
    state,
    { type: 'message', message, sender, to: 'daemon' },
    moment,
  );
  const replies = effects.flatMap((effect) => (effect.type === 'reply' ? [effect.message] : []));
  return { next, replies, effects };
}

const envelope = (gossip: Gossip, from = nodeAt('b'), to = nodeAt('a')): ClusterMessage => ({
  type: 'GossipEnvelope',
  from,
  to,
  gossip,
});

const status = (gossip: Gossip, digest = seenDigest(gossip)): ClusterMessage => ({
  type: 'GossipStatus',
  from: nodeAt('b'),
  version: gossip.version,
  seenDigest: digest,
});

const both = 'a:Up b:Up';
const base = withVersionOf(gossipOf(both, { seen: 'a b' }), nodeAt('a'));

describe('gossip from another member', () => {
  it('of the same version adds who has seen it, and is answered only when this node is new among them', () => {
    const unseen = { ...base, seen: new Set([nodeAt('b').key]) };
    const { next, replies } = receive(
      nodeA({ ...base, seen: new Set([nodeAt('a').key]) }),
      envelope(unseen),
    );
    expect(hostsOf(next.gossip.seen)).toBe('a b');
    expect(replies.length).toBe(1);
    expect(receive(next, envelope(base)).replies).toEqual([]);
  });

  it('that is newer replaces the own, which is thereby seen here', () => {
    const newer = withVersionOf(
      { ...gossipOf('a:Up b:Leaving', { seen: 'b' }), version: base.version },
      nodeAt('b'),
    );
    const { next, replies } = receive(nodeA(base), envelope(newer));
    expect(statusesOf(next.gossip)).toBe('a:Up b:Leaving');
    expect(hostsOf(next.gossip.seen)).toBe('a b');
    expect(next.gossip.version).toBe(newer.version);
    expect(replies).toMatchObject([{ type: 'GossipEnvelope', to: nodeAt('b') }]);
  });

  it('brings nobody back to life who knew that it is down', () => {
    const down = withVersionOf(gossipOf('a:Down b:Up', { seen: 'a' }), nodeAt('a'));
    const stale = withVersionOf(
      { ...gossipOf('a:Joining b:Up', { seen: 'b' }), version: down.version },
      nodeAt('b'),
    );
    const { next, effects } = receive(nodeA(down), envelope(stale));
    expect(statusesOf(next.gossip)).toBe('a:Down b:Up');
    expect(compareClocks(next.gossip.version, stale.version)).toBe('after');
    const told = effects.flatMap((effect) =>
      effect.type === 'send' && effect.message.type === 'GossipEnvelope' ? [effect.message] : [],
    );
    expect(told.map(({ gossip }) => statusesOf(gossip))).toContain('a:Down b:Up');
  });

  it('that is older is answered with the own', () => {
    const own = withVersionOf(base, nodeAt('a'));
    const { next, replies } = receive(nodeA(own), envelope(base));
    expect(next.gossip).toBe(own);
    expect(replies).toMatchObject([{ gossip: own }]);
  });

  it('that is concurrent is merged without a new version of it all', () => {
    const own = withVersionOf(base, nodeAt('a'));
    const other = withVersionOf(
      { ...gossipOf('a:Up b:Leaving', { seen: 'b' }), version: base.version },
      nodeAt('b'),
    );
    const { next, replies } = receive(nodeA(own), envelope(other));
    expect(statusesOf(next.gossip)).toBe('a:Up b:Leaving');
    expect(hostsOf(next.gossip.seen)).toBe('a');
    expect([...next.gossip.version.values()].sort()).toEqual([1, 2]);
    expect(replies.length).toBe(1);
  });

  it.each([
    ['for another incarnation', envelope(base, nodeAt('b'), nodeAt('a', 5n)), both, ''],
    ['from a stranger', envelope(base, nodeAt('x')), both, ''],
    ['from a member that is unreachable from here', envelope(base), both, 'a>b'],
    ['without this node in it', envelope(gossipOf('b:Up c:Up')), both, ''],
  ])('is ignored when it is %s', (_, message, members, rows) => {
    const own = { ...gossipOf(members, { seen: 'a', rows }), version: base.version };
    const { next, replies } = receive(nodeA(own), message);
    expect(next.gossip).toBe(own);
    expect(replies).toEqual([]);
  });

  it('is accepted from a member that only others call unreachable', () => {
    const members = 'a:Up b:Up c:Up';
    const own = { ...gossipOf(members, { rows: 'c>b' }), version: base.version };
    const newer = withVersionOf(own, nodeAt('b'));
    expect(receive(nodeA(own), envelope(newer)).next.gossip.version).toBe(newer.version);
  });

  it('is dropped when it has waited too long', () => {
    const newer = withVersionOf(base, nodeAt('b'));
    const input = {
      type: 'message',
      message: envelope(newer),
      sender: { address: nodeAt('b').address },
      to: 'daemon',
      receivedAtMs: moment.nowMs - 2001,
    } as const;
    expect(step(nodeA(base), input, moment).state.gossip).toBe(base);
  });

  it('that shows this node Exiting starts its end, and hides that it has seen what is newer', () => {
    const exiting = withVersionOf(
      { ...gossipOf('a:Exiting b:Up', { seen: 'b' }), version: base.version },
      nodeAt('b'),
    );
    const first = receive(nodeA(base), envelope(exiting));
    expect(first.effects).toContainEqual({
      type: 'runCoordinatedShutdown',
      reason: 'ClusterLeaving',
    });
    expect(hostsOf(first.next.gossip.seen)).toBe('a b');
    expect(first.replies.length).toBe(1);
    const newer = withVersionOf({ ...exiting, seen: new Set([nodeAt('b').key]) }, nodeAt('b'));
    const second = receive(first.next, envelope(newer));
    expect(hostsOf(second.next.gossip.seen)).toBe('b');
    expect(second.replies).toEqual([]);
  });

  it('that shows this node Down ends it when all downed ones know', () => {
    const down = withVersionOf(
      { ...gossipOf('a:Down b:Up', { seen: 'b' }), version: base.version },
      nodeAt('b'),
    );
    const { next, effects } = receive(nodeA(base), envelope(down));
    expect(next.phase.name).toBe('stopped');
    expect(effects.map((effect) => effect.type)).toContain('stopped');
    expect(effects).toContainEqual({ type: 'runCoordinatedShutdown', reason: 'ClusterDowning' });
  });
});

describe('a gossip status', () => {
  const newer = withVersionOf(base, nodeAt('b'));

  it.each([
    ['the same version seen by the same', base, status(base), []],
    ['the same version seen by others', base, status(base, 'ff'), ['GossipEnvelope']],
    ['the same version without saying who has seen it', base, status(base, ''), []],
    ['a newer version', base, status(newer), ['GossipStatus']],
    ['an older version', newer, status(base), ['GossipEnvelope']],
    ['a concurrent version', withVersionOf(base, nodeAt('a')), status(newer), ['GossipEnvelope']],
  ])('with %s is answered rightly', (_, own, message, answer) => {
    const digest = seenDigest(own);
    const sent =
      message.type === 'GossipStatus' && message.seenDigest.length === 40
        ? { ...message, seenDigest: digest }
        : message;
    expect(receive(nodeA(own), sent).replies.map((reply) => reply.type)).toEqual(answer);
  });

  it('from a stranger is not answered', () => {
    expect(
      receive(nodeA(base), { ...status(newer), from: nodeAt('x') } as ClusterMessage).replies,
    ).toEqual([]);
  });
});

describe('a gossip round', () => {
  const targetsOf = (state: MembershipState): string => {
    const hosts = new Set<string>();
    for (let i = 0; i < 300; i++) hosts.add(gossipTarget(state, random)?.node.key ?? '');
    return hostsOf(hosts);
  };

  it('reaches all members but those that this node cannot reach, and never itself', () => {
    const state = nodeA(gossipOf('a:Up b:Up c:Up d:Up', { seen: 'a b c d', rows: 'a>c b>d' }));
    expect(targetsOf(state)).toBe('b d');
  });

  it('goes sooner to those that have not seen the version', () => {
    const members = [memberWith('a', 'Up'), memberWith('b', 'Up'), memberWith('c', 'Up')];
    const state = nodeA(gossipOf(members, { seen: 'a b' }));
    let unseen = 0;
    for (let i = 0; i < 1000; i++) {
      if (gossipTarget(state, random)?.node.key === nodeAt('c').key) unseen++;
    }
    expect(unseen).toBeGreaterThan(850);
    expect(unseen).toBeLessThan(960);
  });

  it('prefers those less in a large cluster', () => {
    const sized = (count: number): MembershipState =>
      nodeA(
        gossipOf(
          Array.from({ length: count }, (_, i) => memberWith(`n${i}`, 'Up', { uid: BigInt(i) })),
        ),
      );
    expect(differentViewProbability(sized(400))).toBe(0.8);
    expect(differentViewProbability(sized(800))).toBeCloseTo(0.44, 5);
    expect(differentViewProbability(sized(1200))).toBeCloseTo(0.08, 5);
  });

  it('stays at home in one data center, unless this node is alone there', () => {
    const inDc = (host: string, dc: string) => memberWith(host, 'Up', { roles: [`dc-${dc}`] });
    const gossip = gossipOf([inDc('a', 'default'), inDc('g', 'far'), inDc('h', 'far')]);
    expect(targetsOf(nodeA(gossip))).toBe('g h');
  });

  it('sends the whole to who has not seen it, and only the version to who has', () => {
    const sentBy = (state: MembershipState): string[] => {
      const turn = new Turn(moment, nodeAt('a'));
      gossipTick(state, turn);
      return turn.effects.flatMap((effect: Effect) =>
        effect.type === 'send' ? [effect.message.type] : [],
      );
    };
    expect(sentBy(nodeA(gossipOf(both, { seen: 'a' })))).toEqual(['GossipEnvelope']);
    expect(sentBy(nodeA(gossipOf(both, { seen: 'a b' })))).toEqual(['GossipStatus']);
    expect(sentBy(nodeA(gossipOf('a:Up', { seen: 'a' })))).toEqual([]);
  });

  it('comes more often while few have seen the version or somebody is Down', () => {
    expect(needsSpeedup(nodeA(gossipOf('a:Up b:Up c:Up d:Up', { seen: 'a' })))).toBe(true);
    expect(needsSpeedup(nodeA(gossipOf('a:Up b:Up c:Up d:Up', { seen: 'a b' })))).toBe(false);
    expect(needsSpeedup(nodeA(gossipOf('a:Up b:Down', { seen: 'a b' })))).toBe(true);
  });

  it('at turning points goes to several at random', () => {
    const state = nodeA(gossipOf('a:Up b:Up c:Up d:Up e:Up'));
    const targets = randomTargets(state, 3, random);
    expect(new Set(targets).size).toBe(3);
    expect(hostsOf(targets.map(({ node }) => node.key))).not.toContain('a');
  });
});
