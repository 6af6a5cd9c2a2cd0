// Whole nodes (actors, remoting, cluster) on a network in memory and in time that the test moves: for scenarios in
// which more than membership is at stake.

import { Cluster, type ClusterOptions } from '../../src/cluster/index.ts';
import type { RemotingOptions } from '../../src/remote/index.ts';
import { assert } from '../../src/runtime/index.ts';
import { TestNetwork, type TestNode } from '../remoting/nodes.ts';

export interface WholeNode extends TestNode {
  readonly name: string;
  readonly cluster: Cluster;
}

export interface WholeNodesOptions {
  readonly cluster?: ClusterOptions;
  readonly remoting?: Partial<RemotingOptions>;
}

export class WholeNodes {
  readonly network = new TestNetwork();
  readonly #options: WholeNodesOptions;
  readonly #started: TestNode[] = [];

  constructor(options: WholeNodesOptions = {}) {
    this.#options = options;
  }

  /** A node whose cluster part has `a` for its seed. */
  async start(name: string, options: ClusterOptions = {}): Promise<WholeNode> {
    const node = await this.plain(name);
    const cluster = Cluster.start(node.system, node.remoting, {
      seedNodes: ['a:2550'],
      ...this.#options.cluster,
      ...options,
    });
    return { ...node, name, cluster };
  }

  /** A node with remoting and without a cluster. */
  async plain(name: string): Promise<TestNode> {
    const node = await this.network.start(name, this.#options.remoting);
    this.#started.push(node);
    return node;
  }

  /** One node for each letter, all of them members. */
  async form(names: string): Promise<WholeNode[]> {
    const nodes: WholeNode[] = [];
    for (const name of names) nodes.push(await this.start(name));
    const expected = [...names].map((name) => `${name}:Up`).join(' ');
    await this.until(() => nodes.every((node) => membersOf(node) === expected), 20);
    return nodes;
  }

  async run(seconds: number): Promise<void> {
    await this.network.pass(seconds * 1000);
  }

  async until(condition: () => boolean, seconds: number): Promise<void> {
    for (let waited = 0; !condition(); waited++) {
      assert(waited < seconds * 10, `it happens within ${seconds} s: ${condition}`);
      await this.network.pass(100);
    }
  }

  /** Nothing passes between the two groups, either way. What is sent waits, as it does in TCP. */
  cut(side: string, other: string): void {
    for (const a of side) {
      for (const b of other) {
        this.network.net.cut(a, b);
        this.network.net.cut(b, a);
      }
    }
  }

  heal(): void {
    this.network.net.heal();
  }

  /** The process is gone without a word, and its address free. */
  async crash(node: WholeNode, others: string): Promise<void> {
    await this.network.kill(node, [...others]);
  }

  /** Ends what is still running. */
  async end(): Promise<void> {
    this.heal();
    for (const { system } of this.#started) system.terminate().catch(() => undefined);
    await this.run(40);
  }
}

/** `'a:Up b:Leaving'` */
export function membersOf({ cluster }: WholeNode): string {
  return cluster.state.members
    .map(({ node, status }) => `${node.address.host}:${status}`)
    .join(' ');
}

/** `'bc'` */
export function unreachableOf({ cluster }: WholeNode): string {
  return cluster.state.unreachable.map(({ node }) => node.address.host).join('');
}
