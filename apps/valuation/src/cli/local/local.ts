// `npm start`: a cluster of real processes on loopback, the bundled portfolio priced on it, and the live page.

import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { countedText, countText } from 'parvi/cli/terminal';
import { metricInfos } from '../../http/metric-info.ts';
import { ensurePage } from '../../http/page.ts';
import type { GridView, JobView } from '../../http/views.ts';
import { GridClient } from '../client.ts';
import type { CliContext } from '../context.ts';
import { CliError, exitCodes } from '../exit-codes.ts';
import { tradesText } from '../figures.ts';
import { errorLines, metricTable, progressLine, secondsText, workerTable } from '../job-report.ts';
import { ChildNode } from './child-node.ts';
import { endLine } from './end-line.ts';
import { freePort } from './free-port.ts';
import { bundledPortfolio, tradesOf } from './portfolio.ts';

export interface LocalOptions {
  readonly controllers: number;
  readonly workers: number;
  /** First HTTP port; the next controllers take the ports after it. */
  readonly httpPort: number;
  /** First cluster port of the controllers, which are the seed nodes. */
  readonly clusterPort: number;
  /** End when the portfolio is priced. */
  readonly once: boolean;
  readonly directory: string;
}

const host = '127.0.0.1';
const startMsMax = 30_000;
const stopMsMax = 20_000;
const pollMs = 50;

export async function runLocal(context: CliContext, options: LocalOptions): Promise<void> {
  const cluster = new LocalCluster(context, options);
  const interrupted = new Promise<'interrupted'>((resolve) => {
    process.once('SIGINT', () => resolve('interrupted'));
    process.once('SIGTERM', () => resolve('interrupted'));
  });
  try {
    const ended = await Promise.race([cluster.run(), interrupted]);
    if (ended === 'interrupted') throw new CliError('Stopped', exitCodes.interrupted);
    if (!options.once) {
      context.terminal.out(
        `\nThe grid stays up: ${context.terminal.style('bold', cluster.page ?? 'no controller is left')}`,
      );
      for (const page of cluster.otherPages) {
        context.terminal.out(`Another controller, with jobs and a page of the same grid: ${page}`);
      }
      for (const line of nextSteps(options)) context.terminal.out(line);
      const died = cluster.controllersGone();
      if ((await Promise.race([died, interrupted])) === 'gone') {
        throw new CliError(
          'All controllers ended',
          exitCodes.failed,
          `Their logs are in ${cluster.logDirectory}`,
        );
      }
    }
  } finally {
    await cluster.stop();
  }
}

/** What to do in another terminal; with other ports than the usual, commands have to be told of them. */
function nextSteps(options: LocalOptions): readonly string[] {
  const usual = options.clusterPort === 25520 && options.httpPort === 7777;
  const seed = `--cluster.seed-nodes ${host}:${options.clusterPort}`;
  return [
    'Press Ctrl-C to stop it. In another terminal:',
    `  npm run worker${usual ? '' : ` -- ${seed}`}`,
    `  npx valuation ${usual ? '' : `--url http://${host}:${options.httpPort} `}jobs`,
  ];
}

class LocalCluster {
  readonly logDirectory: string;
  readonly #context: CliContext;
  readonly #options: LocalOptions;
  readonly #client: GridClient;
  readonly #controllers: ChildNode[] = [];
  /** Addresses of the page, in the order of the controllers. */
  readonly #pages: readonly string[];
  #stopping = false;
  readonly #workers: ChildNode[] = [];

  constructor(context: CliContext, options: LocalOptions) {
    this.#context = context;
    this.#options = options;
    this.logDirectory = join(options.directory, 'logs');
    this.#pages = Array.from(
      { length: options.controllers },
      (_, i) => `http://${host}:${options.httpPort + i}/`,
    );
    this.#client = new GridClient({ url: `http://${host}:${options.httpPort}` });
  }

  async run(): Promise<void> {
    const { terminal } = this.#context;
    const startedMs = performance.now();
    const { controllers, workers } = this.#options;
    // Progress is for people; in JSON mode standard output is the jobs alone.
    const tell = this.#context.json() ? terminal.error : terminal.out;
    const nodes = [countedText(controllers, 'controller'), countedText(workers, 'worker')];
    tell(`Starting ${nodes.join(' and ')} on ${host}`);
    await this.#start();
    this.#tellEnds(tell);
    tell(
      `The cluster of ${controllers + workers} is up after ${secondsText(performance.now() - startedMs)}\n`,
    );
    const pricingMs = performance.now();
    const jobs = await this.#price();
    this.#report(jobs, performance.now() - pricingMs);
    const unfinished = jobs.filter((job) => job.priced + job.failed !== job.trades);
    if (unfinished.length > 0) {
      throw new CliError(
        `${unfinished.map((job) => job.metric).join(', ')}: not every trade has a result or a stated error`,
        exitCodes.jobNotCompleted,
      );
    }
  }

  /** Where the page is: the first controller that runs. */
  get page(): string | undefined {
    return this.#pagesUp()[0];
  }

  get otherPages(): readonly string[] {
    return this.#pagesUp().slice(1);
  }

  async controllersGone(): Promise<'gone'> {
    await Promise.all(this.#controllers.map((node) => node.exited));
    return 'gone';
  }

  /** Workers first, so that they give their work back to controllers that are still there. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const group of [this.#workers, this.#controllers]) {
      for (const node of group) node.signal('SIGTERM');
      const all = Promise.all(group.map((node) => node.exited));
      await Promise.race([all, pause(stopMsMax, undefined, { ref: false })]);
      for (const node of group) node.signal('SIGKILL');
    }
  }

  #pagesUp(): string[] {
    return this.#pages.filter((_, i) => this.#controllers[i]?.running === true);
  }

  /** One line for each process that ends before it is asked to. */
  #tellEnds(tell: (text: string) => void): void {
    let pageBefore = this.page;
    const watch = (node: ChildNode, role: 'controller' | 'worker', name: string): void => {
      void node.exited.then((how) => {
        if (this.#stopping) return;
        const workers = this.#workers.filter(({ running }) => running).length;
        tell(endLine({ name, role, how }, { workers, pageBefore, page: this.page }));
        pageBefore = this.page;
      });
    };
    for (const [i, node] of this.#controllers.entries()) {
      watch(node, 'controller', `controller ${host}:${this.#options.clusterPort + i}`);
    }
    for (const node of this.#workers) watch(node, 'worker', node.name);
  }

  async #start(): Promise<void> {
    const { controllers, workers, clusterPort, httpPort, directory } = this.#options;
    mkdirSync(this.logDirectory, { recursive: true });
    const clusterPorts = Array.from({ length: controllers }, (_, i) => clusterPort + i);
    const httpPorts = Array.from({ length: controllers }, (_, i) => httpPort + i);
    await requireFree(clusterPorts, '--cluster-port');
    await requireFree(httpPorts, '--http-port');
    const page = ensurePage();
    const seeds = clusterPorts.map((port) => `${host}:${port}`).join(',');
    const common = ['--remote.host', host, '--cluster.seed-nodes', seeds];
    for (const [i, port] of clusterPorts.entries()) {
      const spool = join(directory, 'spool', String(port));
      this.#controllers.push(
        this.#node(`controller-${i + 1}`, [
          'controller',
          ...common,
          ...[
            '--remote.port',
            String(port),
            '--http.port',
            String(httpPorts[i]),
            '--controller.spool-directory',
            spool,
          ],
        ]),
      );
    }
    const threads = Math.max(1, Math.floor((await coreCount()) / workers));
    for (let i = 0; i < workers; i++) {
      this.#workers.push(
        this.#node(`worker-${i + 1}`, [
          'worker',
          ...common,
          '--remote.port',
          '0',
          '--worker.threads',
          String(threads),
        ]),
      );
    }
    await page;
    await this.#allUp();
  }

  #node(name: string, commandLine: readonly string[]): ChildNode {
    return new ChildNode({
      name,
      arguments: commandLine,
      logDirectory: this.logDirectory,
      environment: this.#context.environment,
    });
  }

  async #allUp(): Promise<void> {
    const wanted = this.#options.controllers + this.#options.workers;
    const deadlineMs = performance.now() + startMsMax;
    while (performance.now() < deadlineMs) {
      for (const node of [...this.#controllers, ...this.#workers]) {
        if (!node.running)
          throw new CliError(
            `The process ${node.name} ended while starting:\n${tail(node.logFile)}`,
            exitCodes.failed,
          );
      }
      const view = await this.#client.json<GridView>('/v1/grid').catch(() => undefined);
      const up = view?.nodes.filter((node) => node.status === 'Up' && node.reachable).length ?? 0;
      this.#context.terminal.status([`  ${up} of ${wanted} members are up`]);
      if (up === wanted) return;
      await pause(pollMs);
    }
    throw new CliError(
      `The cluster did not form within ${startMsMax / 1000} s`,
      exitCodes.failed,
      `The logs of its nodes are in ${this.logDirectory}`,
    );
  }

  async #price(): Promise<readonly JobView[]> {
    const { terminal } = this.#context;
    const latest = new Map<string, JobView>();
    const draw = (): void =>
      terminal.status([...latest.values()].map((job) => progressLine(terminal, job)));
    const jobs: JobView[] = [];
    for (const info of metricInfos) {
      const job = await this.#client.json<JobView>(
        `/v1/jobs?${new URLSearchParams({ metric: info.name, name: `bundled ${info.name}` })}`,
        {
          method: 'POST',
          headers: { 'content-type': 'application/x-ndjson' },
          body: Readable.toWeb(Readable.from(tradesOf(bundledPortfolio, info.instruments))),
          duplex: 'half',
        } as RequestInit,
      );
      latest.set(job.id, job);
      draw();
      jobs.push(job);
    }
    const followed = jobs.map((job) =>
      this.#client.follow(job.id, {
        onJob: (now) => {
          latest.set(now.id, now);
          draw();
        },
      }),
    );
    return Promise.all(followed);
  }

  #report(jobs: readonly JobView[], tookMs: number): void {
    const { terminal } = this.#context;
    if (this.#context.json()) {
      this.#context.printJson(jobs);
      return;
    }
    terminal.out(metricTable(jobs));
    terminal.out(`\n${workerTable(jobs)}`);
    for (const line of errorLines(jobs)) terminal.out(terminal.style('yellow', line));
    const trades = jobs.reduce((sum, job) => sum + job.trades, 0);
    terminal.out(
      `\n${tradesText(trades)} in ${secondsText(tookMs)}: ${terminal.style('bold', `${countText(trades / (tookMs / 1000))} trades a second`)}`,
    );
  }
}

async function requireFree(ports: readonly number[], flag: string): Promise<void> {
  for (const port of ports) {
    if ((await freePort(host, port)) === port) continue;
    throw new CliError(
      `Port ${port} of ${host} is in use`,
      exitCodes.failed,
      `Stop what uses it (another "npm start"?), or choose another first port with ${flag}`,
    );
  }
}

async function coreCount(): Promise<number> {
  const { availableParallelism } = await import('node:os');
  return availableParallelism();
}

function tail(file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-5).join('\n');
}
