// Five nodes of a pricing grid, each on a host of its own: two controllers and three workers. What a case does to them
// and what it waits for.

import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GridView, JobView } from '../apps/valuation/src/http/views.ts';
import { NodeProcess } from '../apps/valuation/test/acceptance/node-process.ts';
import { optionLines } from '../apps/valuation/test/acceptance/portfolios.ts';
import { hasEnded, isUp, jobDone } from '../apps/valuation/test/acceptance/process-grid.ts';
import { until } from '../apps/valuation/test/acceptance/until.ts';
import { type FaultNetwork, type HostNumber, hostNumbers } from './fault-network.ts';

/** The controllers, which are the seed nodes. The job of a case is kept by the first. */
const controllers: readonly HostNumber[] = [1, 2];
const clusterPort = 25520;
const httpPort = 7777;
/** Everything waits for an event; this is for a machine that has more to do than is good. */
const patienceMs = 150_000;

export interface WorldOptions {
  /** Options of every node. */
  readonly words?: readonly string[];
  /** Variables of the nodes on those hosts. */
  readonly environment?: (host: HostNumber) => Readonly<Record<string, string>>;
  /** Nodes go by the names of their hosts instead of their addresses. */
  readonly named?: boolean;
}

export class FaultWorld {
  readonly network: FaultNetwork;
  readonly #directory: string;
  readonly #options: WorldOptions;
  readonly #nodes = new Map<HostNumber, NodeProcess>();
  readonly #ended: { readonly host: HostNumber; readonly node: NodeProcess }[] = [];

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
    const isController = controllers.includes(host);
    const own = isController
      ? ['controller', '--http.host', '0.0.0.0', '--http.page', 'false']
      : ['worker', '--worker.threads', '1'];
    const place = (one: HostNumber): string =>
      this.#options.named === true ? this.network.name(one) : `10.78.0.${one}`;
    const seeds = controllers.map((seed) => `${place(seed)}:${clusterPort}`).join(',');
    const { words = [], environment } = this.#options;
    const node = new NodeProcess({
      wrapper: this.network.wrapper(host),
      words: [
        ...own,
        ...['--remote.host', place(host), '--remote.bind-host', '0.0.0.0'],
        ...['--remote.port', String(clusterPort), '--cluster.seed-nodes', seeds],
        ...['--log.format', 'json', ...words],
      ],
      environment: { TMPDIR: this.#directory, ...environment?.(host) },
      directory: this.#directory,
    });
    const before = this.#nodes.get(host);
    if (before !== undefined) this.#ended.push({ host, node: before });
    this.#nodes.set(host, node);
  }

  node(host: HostNumber): NodeProcess {
    const node = this.#nodes.get(host);
    if (node === undefined) throw new Error(`There is no node on host ${host}`);
    return node;
  }

  runningHosts(): HostNumber[] {
    return hostNumbers.filter((host) => this.#nodes.get(host)?.isRunning === true);
  }

  async view(controller: HostNumber): Promise<GridView> {
    return (await this.#get(controller, '/v1/grid')) as GridView;
  }

  /** Waits until every controller among the hosts sees exactly these hosts, all Up and reachable. */
  async untilWhole(hosts: readonly HostNumber[], timeoutMs = patienceMs): Promise<void> {
    for (const controller of controllers.filter((host) => hosts.includes(host))) {
      let seen = 'nothing';
      await until(
        () => `host ${controller} to see hosts ${hosts.join(', ')} Up; it sees ${seen}`,
        async () => {
          const { nodes } = await this.view(controller);
          seen = nodes.map(({ address, status }) => `${address} ${status}`).join(', ');
          return nodes.length === hosts.length && nodes.every(isUp);
        },
        { timeoutMs, pollMs: 100 },
      );
    }
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
  }

  /** What an operator's supervisor does: starts again what has ended. */
  async restartEnded(): Promise<void> {
    const running = this.runningHosts();
    for (const host of hostNumbers) if (!running.includes(host)) this.startNode(host);
    await this.untilWhole(hostNumbers);
  }

  /** A job on the first controller that is under way when this resolves. */
  async submit(trades: number): Promise<string> {
    const url = `${this.#url(1)}/v1/jobs?metric=OptionPV&engine=integral`;
    const headers = { 'content-type': 'application/x-ndjson' };
    const response = await fetch(url, { method: 'POST', headers, body: optionLines(trades) });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    const { id } = (await response.json()) as JobView;
    await until('a job that is under way', async () => jobDone(await this.#job(id)) > 0, {
      timeoutMs: 30_000,
    });
    return id;
  }

  async isUnderWay(id: string): Promise<boolean> {
    return !hasEnded(await this.#job(id));
  }

  /** Waits for the end of the job and holds that every trade has one price. */
  async expectEachPricedOnce(id: string, trades: number): Promise<JobView> {
    const job = await until(
      'the end of the job',
      async () => {
        const seen = await this.#job(id);
        return hasEnded(seen) ? seen : undefined;
      },
      { timeoutMs: 120_000, pollMs: 100 },
    );
    const { state, priced, failed } = job;
    if (state !== 'completed' || priced !== trades || failed !== 0) {
      throw new Error(`The job is ${state}: ${priced} of ${trades} priced, ${failed} failed`);
    }
    const response = await fetch(`${this.#url(1)}/v1/jobs/${id}/results?format=csv`);
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
    return nodes.reduce((count, node) => count + node.logged(text).length, 0);
  }

  async stop(logs: string): Promise<void> {
    const all = [...this.#ended, ...[...this.#nodes].map(([host, node]) => ({ host, node }))];
    for (const { node } of all) node.signal('SIGCONT');
    await Promise.all(all.map(({ node }) => node.kill()));
    for (const [i, { host, node }] of all.entries()) {
      writeFileSync(join(logs, `${i}-host-${host}.log`), node.output + node.errors);
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #job(id: string): Promise<JobView> {
    return (await this.#get(1, `/v1/jobs/${id}`)) as JobView;
  }

  async #get(controller: HostNumber, path: string): Promise<unknown> {
    const response = await fetch(this.#url(controller) + path, {
      signal: AbortSignal.timeout(5000),
    });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    return response.json();
  }

  #url(controller: HostNumber): string {
    return `http://${this.network.address(controller)}:${httpPort}`;
  }
}
