// A grid of real processes on loopback: controllers that are the seed nodes, workers, and their HTTP routes as a client
// sees them.

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { GridView, JobView, NodeView, ResultView } from '../../src/http/views.ts';
import { NodeProcess } from './node-process.ts';
import { claimPorts, type PortBlock } from './port-block.ts';
import { until } from './until.ts';

export interface ProcessGridOptions {
  /** Where this grid's block of ports is looked for first; each test file has its own place. */
  readonly ports: number;
  readonly controllers?: number;
  /** Options for every node, such as `['--log.level', 'debug']`. */
  readonly words?: readonly string[];
  /** How long nodes may take to be Up. Default 25 s. */
  readonly startMsMax?: number;
}

const host = '127.0.0.1';
/** Shared by all grids, as it is by all starts of a person. */
const compileCache = join(tmpdir(), 'node-compile-cache');
/** Ignored by git: logs and screenshots of the last run. */
export const artifacts = fileURLToPath(new URL('../../../../artifacts', import.meta.url));
const startMsMaxDefault = 25_000;

export class ProcessGrid {
  readonly directory = mkdtempSync(join(tmpdir(), 'valuation-acceptance-'));
  readonly nodes: NodeProcess[] = [];
  readonly #options: ProcessGridOptions;
  readonly #ports: PortBlock;

  private constructor(options: ProcessGridOptions, ports: PortBlock) {
    this.#options = options;
    this.#ports = ports;
  }

  /** A grid that has its ports and no node yet. */
  static async create(options: ProcessGridOptions): Promise<ProcessGrid> {
    return new ProcessGrid(options, await claimPorts(options.ports));
  }

  /** A grid whose controllers and workers all are Up. */
  static async start(options: ProcessGridOptions & { readonly workers: number }) {
    const grid = await ProcessGrid.create(options);
    try {
      const controllers = [];
      for (let i = 0; i < grid.controllerCount; i++) controllers.push(grid.startController(i));
      const workers = [];
      for (let i = 0; i < options.workers; i++) workers.push(grid.startWorker());
      await grid.untilUp(controllers.length + workers.length);
      return { grid, controllers, workers };
    } catch (error) {
      await grid.stop();
      throw error;
    }
  }

  get controllerCount(): number {
    return this.#options.controllers ?? 2;
  }

  get seeds(): string {
    return Array.from({ length: this.controllerCount }, (_, i) => this.clusterAddress(i)).join(',');
  }

  clusterPort(controller: number): number {
    return this.#ports.first + controller;
  }

  httpPort(controller: number): number {
    return this.#ports.first + 10 + controller;
  }

  clusterAddress(controller: number): string {
    return `${host}:${this.clusterPort(controller)}`;
  }

  url(controller: number): string {
    return `http://${host}:${this.httpPort(controller)}`;
  }

  startController(index: number, words: readonly string[] = []): NodeProcess {
    const httpPort = String(this.httpPort(index));
    const own = ['--remote.port', String(this.clusterPort(index)), '--http.port', httpPort];
    return this.startNode('controller', [...own, ...words]);
  }

  startWorker(words: readonly string[] = []): NodeProcess {
    return this.startNode('worker', ['--remote.port', '0', '--worker.threads', '1', ...words]);
  }

  startNode(command: string, words: readonly string[]): NodeProcess {
    const common = ['--log.format', 'json', ...(this.#options.words ?? [])];
    const seeds = words.includes('--cluster.seed-nodes')
      ? []
      : ['--cluster.seed-nodes', this.seeds];
    const node = new NodeProcess({
      words: [command, ...common, ...seeds, ...words],
      environment: { TMPDIR: this.directory, NODE_COMPILE_CACHE: compileCache },
      directory: this.directory,
    });
    this.nodes.push(node);
    return node;
  }

  /** What nodes have in the temporary directory, such as spools of trades and results. */
  leftBehind(): string[] {
    return readdirSync(this.directory);
  }

  async json<T>(controller: number, path: string, init?: RequestInit): Promise<T> {
    const response = await fetch(this.url(controller) + path, init);
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  view(controller = 0): Promise<GridView> {
    return this.json(controller, '/v1/grid');
  }

  /**
   * The view of a controller in which so many members are Up and reachable.
   *
   * @throws Error at once when a node has failed
   */
  async untilUp(count: number, controller = 0): Promise<GridView> {
    let last: GridView | undefined;
    const view = await until(
      () =>
        `${count} members that are up: ${last === undefined ? 'the controller does not answer' : `there are ${JSON.stringify(last.nodes)}`}`,
      async () => {
        if (this.nodes.some((node) => node.hasFailed)) return 'failed';
        last = await this.view(controller);
        return last.nodes.filter(isUp).length === count ? last : undefined;
      },
      { timeoutMs: this.#options.startMsMax ?? startMsMaxDefault },
    );
    if (view !== 'failed') return view;
    const failed = this.nodes.filter((node) => node.hasFailed);
    const words = failed.map(({ command, errors }) => `${command}: ${errors.slice(0, 2000)}`);
    throw new Error(`Nodes ended by themselves:\n${words.join('\n')}`);
  }

  submit(controller: number, query: string, trades: string): Promise<JobView> {
    const headers = { 'content-type': 'application/x-ndjson' };
    return this.json(controller, `/v1/jobs?${query}`, { method: 'POST', headers, body: trades });
  }

  /** The reference trade of the metric so many times; the id of the job. */
  async valQuery(controller: number, metric: string, trades: number): Promise<string> {
    const path = `/valQuery?metric=${metric}&numTrades=${trades}`;
    const response = await fetch(this.url(controller) + path);
    const location = response.headers.get('location');
    if (response.status !== 202 || location === null) throw new Error(await response.text());
    return location.slice(location.lastIndexOf('/') + 1);
  }

  job(controller: number, id: string): Promise<JobView> {
    return this.json(controller, `/v1/jobs/${id}`);
  }

  /** The job as that controller sees it, once the condition holds. */
  untilJob(
    [controller, id]: readonly [controller: number, id: string],
    what: string,
    condition: (job: JobView) => boolean,
    timeoutMs = 30_000,
  ): Promise<JobView> {
    let last: JobView | undefined;
    return until(
      () => `a job that ${what}, not ${JSON.stringify(last)}`,
      async () => {
        const job = await this.job(controller, id);
        last = job;
        return condition(job) ? job : undefined;
      },
      { timeoutMs },
    );
  }

  untilEnded(controller: number, id: string, timeoutMs?: number): Promise<JobView> {
    return this.untilJob([controller, id], 'has ended', hasEnded, timeoutMs);
  }

  /** All results of a job in the order they come. */
  async results(controller: number, id: string): Promise<ResultView[]> {
    const response = await fetch(`${this.url(controller)}/v1/jobs/${id}/results?format=ndjson`);
    const lines = (await response.text()).trimEnd().split('\n');
    return lines.map((line) => JSON.parse(line) as ResultView);
  }

  /** Kills every process and removes what they wrote; their logs stay in the ignored folder of artifacts. */
  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.kill()));
    const logs = join(artifacts, 'acceptance', String(this.#options.ports));
    mkdirSync(logs, { recursive: true });
    for (const [i, node] of this.nodes.entries()) {
      writeFileSync(join(logs, `${i}-${node.command}.log`), node.output + node.errors);
    }
    await this.#ports.release();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export const isUp = (node: NodeView): boolean => node.status === 'Up' && node.reachable;

export const hasEnded = (job: JobView): boolean => job.endedAt !== undefined;

export const jobDone = (job: JobView): number => job.priced + job.failed;

/** Address under which a worker is a member, from its log. */
export async function addressOf(node: NodeProcess): Promise<string> {
  return String((await node.untilLogged('Remoting started')).address);
}
