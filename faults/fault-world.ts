// Five nodes, each on a host of its own: two controllers and three workers of a pricing grid, or a Pekko node in the place
// of some. What a case does to them and what it waits for.

import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { GridView, JobView } from '../apps/valuation/src/http/views.ts';
import { NodeProcess } from '../apps/valuation/test/acceptance/node-process.ts';
import { optionLines } from '../apps/valuation/test/acceptance/portfolios.ts';
import { hasEnded, isUp, jobDone } from '../apps/valuation/test/acceptance/process-grid.ts';
import { until } from '../apps/valuation/test/acceptance/until.ts';
import type { StateLine } from '../interop/harness/node-process.ts';
import { type FaultNetwork, type HostNumber, hostNumbers } from './fault-network.ts';
import { type FaultNode, GridNode } from './fault-node.ts';
import { leaseOwner } from './file-lease.ts';
import { PekkoNode } from './pekko-node.ts';

/** The seed nodes, which are controllers. The job of a case is kept by the first of them that is one. */
const seedHosts: readonly HostNumber[] = [1, 2];
const systemName = 'Valuation';
const clusterPort = 25520;
const httpPort = 7777;
/** Everything waits for an event; this is for a machine that has more to do than is good. */
const patienceMs = 150_000;
const leasedProgram = fileURLToPath(new URL('./leased-node.ts', import.meta.url));

export interface WorldOptions {
  /** Options of every node. */
  readonly words?: readonly string[];
  /** Variables of the nodes on those hosts. */
  readonly environment?: (host: HostNumber) => Readonly<Record<string, string>>;
  /** Nodes go by the names of their hosts instead of their addresses. */
  readonly named?: boolean;
  /** Hosts whose nodes are of the JVM; with what differs from Pekko's own settings. */
  readonly pekko?: {
    readonly hosts: readonly HostNumber[];
    readonly settings: Readonly<Record<string, unknown>>;
  };
  /** The strategy is lease-majority; gives the directory in which a host finds the lease. */
  readonly lease?: (host: HostNumber) => string;
}

/** What became of one blow that splits the cluster, in seconds after it. */
export interface Decision {
  /** Until the first node decided. */
  readonly decidedSeconds: number;
  /** Until the last node that was to end itself had ended. */
  readonly endedSeconds: number | undefined;
}

export class FaultWorld {
  readonly network: FaultNetwork;
  readonly #directory: string;
  readonly #options: WorldOptions;
  readonly #nodes = new Map<HostNumber, FaultNode>();
  readonly #ended: { readonly host: HostNumber; readonly node: FaultNode }[] = [];
  readonly #blows: { readonly atMs: number; endedAtMs?: number }[] = [];

  constructor(network: FaultNetwork, directory: string, options: WorldOptions) {
    this.network = network;
    this.#directory = directory;
    this.#options = options;
  }

  /** Starts all five and waits until they are one cluster. */
  async start(): Promise<void> {
    for (const host of hostNumbers) this.startNode(host);
    await this.untilWhole(hostNumbers);
  }

  startNode(host: HostNumber): void {
    const seeds = seedHosts.map((seed) => `${this.#place(seed)}:${clusterPort}`);
    const node = this.#isPekko(host) ? this.#pekkoNode(host, seeds) : this.#gridNode(host, seeds);
    const before = this.#nodes.get(host);
    if (before !== undefined) this.#ended.push({ host, node: before });
    this.#nodes.set(host, node);
  }

  #gridNode(host: HostNumber, seeds: readonly string[]): GridNode {
    const own = seedHosts.includes(host)
      ? ['controller', '--http.host', '0.0.0.0', '--http.page', 'false']
      : ['worker', '--worker.threads', '1'];
    const { words = [], environment, lease } = this.#options;
    const process = new NodeProcess({
      wrapper: this.network.wrapper(host),
      ...(lease === undefined ? {} : { program: leasedProgram }),
      words: [
        ...own,
        ...['--remote.host', this.#place(host), '--remote.bind-host', '0.0.0.0'],
        ...['--remote.port', String(clusterPort), '--cluster.seed-nodes', seeds.join(',')],
        ...['--log.format', 'json', ...words],
      ],
      environment: {
        TMPDIR: this.#directory,
        // Shared by all cases: what one node has stripped of its types, the next need not.
        NODE_COMPILE_CACHE: join(this.#directory, '..', 'compile-cache'),
        ...(lease === undefined ? {} : { FAULTS_LEASE: lease(host) }),
        ...environment?.(host),
      },
      directory: this.#directory,
    });
    return new GridNode(process);
  }

  #pekkoNode(host: HostNumber, seeds: readonly string[]): PekkoNode {
    return new PekkoNode({
      wrapper: this.network.wrapper(host),
      system: systemName,
      host: this.#place(host),
      port: clusterPort,
      seeds,
      settings: this.#options.pekko?.settings ?? {},
    });
  }

  #isPekko(host: HostNumber): boolean {
    return this.#options.pekko?.hosts.includes(host) === true;
  }

  #place(host: HostNumber): string {
    return this.#options.named === true ? this.network.name(host) : `10.78.0.${host}`;
  }

  node(host: HostNumber): FaultNode {
    const node = this.#nodes.get(host);
    if (node === undefined) throw new Error(`There is no node on host ${host}`);
    return node;
  }

  /** Notes that now comes what the nodes will have to decide about. */
  blow(): void {
    this.#blows.push({ atMs: Date.now() });
  }

  /** How long the decisions of this case took. */
  decisions(): readonly Decision[] {
    const nodes = [...this.#ended.map(({ node }) => node), ...this.#nodes.values()];
    const decided = nodes.flatMap((node) => node.said('SBR took decision'));
    return this.#blows.flatMap(({ atMs, endedAtMs }, i) => {
      const untilMs = this.#blows[i + 1]?.atMs ?? Number.POSITIVE_INFINITY;
      const own = decided.filter((said) => said.atMs >= atMs && said.atMs < untilMs);
      if (own.length === 0) return [];
      const first = Math.min(...own.map((said) => said.atMs));
      return {
        decidedSeconds: (first - atMs) / 1000,
        endedSeconds: endedAtMs === undefined ? undefined : (endedAtMs - atMs) / 1000,
      };
    });
  }

  runningHosts(): HostNumber[] {
    return hostNumbers.filter((host) => this.#nodes.get(host)?.isRunning === true);
  }

  async view(controller: HostNumber): Promise<GridView> {
    return (await this.#get(controller, '/v1/grid')) as GridView;
  }

  /** Waits until every controller and every Pekko node among the hosts sees exactly these hosts, all Up and reachable. */
  async untilWhole(hosts: readonly HostNumber[], timeoutMs = patienceMs): Promise<void> {
    const expected = hosts.map((host) => this.#address(host)).sort();
    const gone = () => hosts.filter((host) => !this.node(host).isRunning);
    for (const host of hosts) {
      const node = this.node(host);
      const isPekko = node instanceof PekkoNode;
      if (!isPekko && !seedHosts.includes(host)) continue;
      let seen: readonly string[] = [];
      await until(
        () => `host ${host} to see hosts ${hosts.join(', ')} Up; it sees ${seen.join(', ')}`,
        async () => {
          if (gone().length > 0) return true;
          seen = isPekko ? membersOf(await node.state()) : nodesOf(await this.view(host));
          return JSON.stringify(seen) === JSON.stringify(expected);
        },
        { timeoutMs, pollMs: 100 },
      );
    }
    if (gone().length > 0) throw new Error(`The nodes on hosts ${gone().join(', ')} have ended`);
  }

  /** Waits until a controller sees so many members as unreachable. */
  untilUnreachable(controller: HostNumber, count: number): Promise<unknown> {
    return until(
      `host ${controller} to see ${count} unreachable members`,
      async () => {
        const { nodes } = await this.view(controller);
        return nodes.filter(({ reachable }) => !reachable).length === count;
      },
      { timeoutMs: patienceMs, pollMs: 100 },
    );
  }

  /** Waits until the processes have ended by themselves, in order. */
  async untilEndedByThemselves(
    hosts: readonly HostNumber[],
    timeoutMs = patienceMs,
  ): Promise<void> {
    for (const host of hosts) {
      const { signal } = await this.node(host).untilExited(timeoutMs);
      if (signal !== null) throw new Error(`The node on host ${host} was ended by ${signal}`);
    }
    const blow = this.#blows.at(-1);
    const ends = hosts.map((host) => this.node(host).endedAtMs ?? Date.now());
    if (blow !== undefined) blow.endedAtMs = Math.max(...ends);
  }

  /** What an operator's supervisor does: starts again what has ended. */
  async restartEnded(): Promise<void> {
    const running = this.runningHosts();
    for (const host of hostNumbers) if (!running.includes(host)) this.startNode(host);
    await this.untilWhole(hostNumbers);
  }

  /** The lease is held by a node on one of those hosts. */
  async expectLeaseWith(directory: string, hosts: readonly HostNumber[]): Promise<void> {
    const owner = await leaseOwner(directory);
    if (hosts.some((host) => owner?.startsWith(`${this.#place(host)}-`) === true)) return;
    throw new Error(`The lease is held by ${owner ?? 'nobody'}`);
  }

  /** A job on the first controller that is under way when this resolves. */
  async submit(trades: number): Promise<string> {
    const url = `${this.#url(this.#keeper)}/v1/jobs?metric=OptionPV&engine=integral`;
    const headers = { 'content-type': 'application/x-ndjson' };
    const response = await fetch(url, { method: 'POST', headers, body: optionLines(trades) });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    const { id } = (await response.json()) as JobView;
    await until('a job that is under way', async () => jobDone(await this.#job(id)) > 0, {
      timeoutMs: patienceMs,
    });
    return id;
  }

  /** Waits for the end of the job and holds that every trade has one price. */
  async expectEachPricedOnce(id: string, trades: number): Promise<JobView> {
    const job = await this.#untilJobEnds(id);
    const { state, priced, failed } = job;
    if (state !== 'completed' || priced !== trades || failed !== 0) {
      throw new Error(`The job is ${state}: ${priced} of ${trades} priced, ${failed} failed`);
    }
    const response = await fetch(`${this.#url(this.#keeper)}/v1/jobs/${id}/results?format=csv`);
    const lines = (await response.text()).trimEnd().split('\n').slice(1);
    const rows = new Set(lines.map((line) => line.slice(0, line.indexOf(','))));
    if (lines.length !== trades || rows.size !== trades) {
      throw new Error(`There are ${lines.length} results for ${rows.size} of ${trades} trades`);
    }
    return job;
  }

  /** Messages of that text in the logs of all nodes that ran. */
  logged(text: string): number {
    const nodes = [...this.#ended.map(({ node }) => node), ...this.#nodes.values()];
    return nodes.reduce((count, node) => count + node.said(text).length, 0);
  }

  async stop(logs: string): Promise<void> {
    const all = [...this.#ended, ...[...this.#nodes].map(([host, node]) => ({ host, node }))];
    for (const { node } of all) node.signal('SIGCONT');
    await Promise.all(all.map(({ node }) => node.kill()));
    for (const [i, { host, node }] of all.entries()) {
      writeFileSync(join(logs, `${i}-host-${host}.log`), node.text);
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** However slow the machine: it must go on, and come to an end. */
  async #untilJobEnds(id: string): Promise<JobView> {
    for (let done = -1; ; ) {
      const before = done;
      const job = await until(
        () => `the job to go on after ${before} trades`,
        async () => {
          const seen = await this.#job(id);
          return hasEnded(seen) || jobDone(seen) > before ? seen : undefined;
        },
        { timeoutMs: 90_000, pollMs: 200 },
      );
      if (hasEnded(job)) return job;
      done = jobDone(job);
    }
  }

  async #job(id: string): Promise<JobView> {
    return (await this.#get(this.#keeper, `/v1/jobs/${id}`)) as JobView;
  }

  async #get(controller: HostNumber, path: string): Promise<unknown> {
    const response = await fetch(this.#url(controller) + path, {
      signal: AbortSignal.timeout(5000),
    });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    return response.json();
  }

  /** Which controller keeps the job of the case. */
  get #keeper(): HostNumber {
    return seedHosts.find((host) => !this.#isPekko(host)) ?? 1;
  }

  #address(host: HostNumber): string {
    return `pekko://${systemName}@${this.#place(host)}:${clusterPort}`;
  }

  #url(controller: HostNumber): string {
    return `http://${this.network.address(controller)}:${httpPort}`;
  }
}

const nodesOf = ({ nodes }: GridView): string[] =>
  nodes.map((node) => (isUp(node) ? node.address : `${node.address} ${node.status}`)).sort();

const membersOf = ({ members, unreachable }: StateLine): string[] =>
  members
    .map(({ address, status }) =>
      status === 'Up' && !unreachable.includes(address) ? address : `${address} ${status}`,
    )
    .sort();
