// What gossip costs as a cluster grows: messages and bytes that a node sends a second, and how long it takes until all
// are Up. Bytes are those of cluster messages as they are on the wire, without their envelopes; of large clusters only
// every so-manieth message is encoded.

import { type ClusterMessage, clusterSettings, type Effect } from '../../src/cluster/index.ts';
import { messageToWire } from '../../src/cluster/messages.ts';
import { SimCluster } from '../../src/testkit/index.ts';
import { clusterBytes } from '../../src/wire/index.ts';

export interface Growth {
  readonly nodes: number;
  /** From the start of the first node until every node sees all as Up. */
  readonly allUpMs: number;
  readonly whileGrowing: GossipRate;
  readonly afterwards: GossipRate;
}

/** What one node sends in one second, on average. */
export interface GossipRate {
  readonly messages: number;
  readonly bytes: number;
  /** The same without status messages, which name a version only. */
  readonly fullMessages: number;
}

const startEveryMs = 20;
const afterwardsMs = 20_000;
const upMsMax = 300_000;

export function measureGrowth(nodes: number, seed = 1): Growth {
  const sampled = Math.max(1, Math.floor(nodes / 30));
  let meter = new Meter(sampled);
  const settings = clusterSettings();
  const cluster = new SimCluster({
    seed,
    hosts: nodes,
    settings: (_, addresses) => ({ ...settings, seedNodes: addresses.slice(0, 2) }),
    afterStep: (_process, _before, effects) => meter.count(effects),
  });
  for (let host = 0; host < nodes; host++) {
    cluster.after(host * startEveryMs, () => cluster.start(host));
  }
  if (!cluster.runUntil(() => allUp(cluster, nodes), upMsMax)) {
    throw new Error(`${nodes} nodes are not all Up after ${upMsMax / 1000} s`);
  }
  const allUpMs = cluster.nowMs;
  const whileGrowing = meter.rate(nodes, allUpMs);
  cluster.run(afterwardsMs);
  meter = new Meter(sampled);
  cluster.run(afterwardsMs);
  return { nodes, allUpMs, whileGrowing, afterwards: meter.rate(nodes, afterwardsMs) };
}

export function growthText({ nodes, allUpMs, whileGrowing, afterwards }: Growth): string {
  const rate = ({ messages, fullMessages, bytes }: GossipRate): string =>
    `${messages.toFixed(2)} | ${fullMessages.toFixed(2)} | ${Math.round(bytes)}`;
  return `| ${nodes} | ${(allUpMs / 1000).toFixed(1)} | ${rate(whileGrowing)} | ${rate(afterwards)} |`;
}

export const growthHead = [
  '| nodes | all Up after, s | growing: messages | of them full | bytes | then: messages | of them full | bytes |',
  '|---|---|---|---|---|---|---|---|',
].join('\n');

function allUp(cluster: SimCluster, nodes: number): boolean {
  const running = cluster.running();
  if (running.length < nodes) return false;
  for (const { state } of running) {
    if (state.gossip.members.size !== nodes) return false;
    for (const { status } of state.gossip.members.values()) if (status !== 'Up') return false;
  }
  return true;
}

class Meter {
  readonly #sampled: number;
  #messages = 0;
  #full = 0;
  #bytes = 0;

  constructor(sampled: number) {
    this.#sampled = sampled;
  }

  count(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.type !== 'send' && effect.type !== 'reply') continue;
      if (isGossip(effect.message)) this.#add(effect.message);
    }
  }

  rate(nodes: number, ms: number): GossipRate {
    const share = 1000 / (nodes * ms);
    return {
      messages: this.#messages * share,
      fullMessages: this.#full * share,
      bytes: this.#bytes * share,
    };
  }

  #add(message: ClusterMessage): void {
    this.#messages++;
    if (message.type !== 'GossipStatus') this.#full++;
    if (this.#messages % this.#sampled !== 0) return;
    this.#bytes += this.#sampled * clusterBytes(messageToWire(message)).length;
  }
}

function isGossip({ type }: ClusterMessage): boolean {
  return type === 'GossipEnvelope' || type === 'GossipStatus' || type === 'Welcome';
}
