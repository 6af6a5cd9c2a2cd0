// Whole nodes (actors, remoting, cluster) on a network in memory and in time that the test moves: for scenarios in
// which more than membership is at stake.

import { afterEach } from 'vitest';
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

/** As many nodes as the text has letters. */
type NodeForEach<Names extends string> = Names extends `${string}${infer Rest}`
  ? [WholeNode, ...NodeForEach<Rest>]
  : [];

/** Gives a test file its networks; what runs on them ends after each test. */
export function wholeNodes(): (options?: WholeNodesOptions) => WholeNodes {
  const all: WholeNodes[] = [];
  afterEach(async () => {
    for (const whole of all.splice(0)) await whole.end();
  });
  return (options) => {
    const whole = new WholeNodes(options);
    all.push(whole);
    return whole;
  };
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
  async form<Names extends string>(names: Names): Promise<NodeForEach<Names>> {
    const nodes: WholeNode[] = [];
    for (const name of names) nodes.push(await this.start(name));
    const expected = [...names].map((name) => `${name}:Up`).join(' ');
    await this.until(() => nodes.every((node) => membersOf(node) === expected), 20);
    return nodes as NodeForEach<Names>;
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
