// A controller and a worker in one process, joined by a network in memory, behind a real HTTP server: trades that come
// in are really checked, stored and priced. A gate holds pricing back for as long as a test wants.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { MessageChannel } from 'node:worker_threads';
import type { FastifyInstance } from 'fastify';
import { ActorSystem } from 'parvi/actor';
import { type HealthRegistry, memoryLog } from 'parvi/observe';
import { MemoryNetwork, Remoting } from 'parvi/remote';
import { seededRandom, systemRuntime, type Timers } from 'parvi/runtime';
import { spawnController } from '../../src/grid/controller.ts';
import { FixedMembership, type GridMember } from '../../src/grid/membership.ts';
import type { ControllerOptions } from '../../src/grid/options.ts';
import { memorySpoolDisk } from '../../src/grid/storage/spool.ts';
import { serveChunks } from '../../src/grid/threads/serve-chunks.ts';
import type { StartThread } from '../../src/grid/threads/thread-pool.ts';
import type { FromThread, ToThread } from '../../src/grid/threads/thread-protocol.ts';
import { tradePricing } from '../../src/grid/threads/trade-pricing.ts';
import { spawnWorker } from '../../src/grid/worker.ts';
import { buildHttpServer } from '../../src/http/index.ts';
import type { JobView, ProblemView } from '../../src/http/views.ts';
import { IntakePool } from '../../src/intake/index.ts';

/** Holds something back until it is opened. */
export class Gate {
  #open: () => void = () => {};
  passed: Promise<void> = Promise.resolve();

  close(): void {
    this.passed = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  open(): void {
    this.#open();
  }
}

export interface HttpGridOptions {
  readonly controller?: Partial<ControllerOptions>;
  readonly workers?: number;
  readonly pageDirectory?: string;
  /** As of the HTTP server. */
  readonly hostNames?: readonly string[];
  /** Those of the HTTP server; real ones unless a test hands time in. */
  readonly timers?: Timers;
}

const member = (host: string, role: string): GridMember => ({
  address: `pekko://Valuation@${host}:1`,
  roles: [role],
  status: 'Up',
  reachable: true,
  upSinceWallMs: 0,
});

export class HttpGrid {
  readonly pricing = new Gate();
  readonly intake = new IntakePool();
  /** What the server called its own fault. */
  readonly internalErrors: unknown[] = [];
  /** How many clients went before their request was whole. */
  clientsGone = 0;
  readonly #systems: ActorSystem[] = [];
  readonly #channels: MessageChannel[] = [];
  #server: FastifyInstance | undefined;
  #membership: FixedMembership | undefined;

  get server(): FastifyInstance {
    if (this.#server === undefined) throw new Error('The grid has not been started');
    return this.#server;
  }

  /** The controller's view of the cluster. */
  get membership(): FixedMembership {
    if (this.#membership === undefined) throw new Error('The grid has not been started');
    return this.#membership;
  }

  /** Of the controller's node. */
  get health(): HealthRegistry {
    const [system] = this.#systems;
    if (system === undefined) throw new Error('The grid has not been started');
    return system.health;
  }

  get port(): number {
    const address = this.server.server.address();
    if (typeof address !== 'object' || address === null) throw new Error('Not listening');
    return address.port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  static async start(options: HttpGridOptions = {}): Promise<HttpGrid> {
    const grid = new HttpGrid();
    await grid.#start(options);
    return grid;
  }

  async close(): Promise<void> {
    this.pricing.open();
    await this.#server?.close();
    await this.intake.close();
    for (const system of this.#systems.toReversed()) await system.terminate();
    for (const { port1 } of this.#channels) port1.close();
  }

  /** A connection of bytes, for clients that do what no library would. */
  async connect(): Promise<Socket> {
    const socket = connect(this.port, '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  }

  async post(
    path: string,
    body: string | Buffer,
    type = 'application/x-ndjson',
    headers: object = {},
  ) {
    return this.server.inject({
      method: 'POST',
      url: path,
      headers: { 'content-type': type, ...headers },
      body,
    });
  }

  /** Submits trades as NDJSON and gives the job taken. */
  async submit(trades: readonly object[], query = ''): Promise<JobView> {
    const body = trades.map((trade) => JSON.stringify(trade)).join('\n');
    const response = await this.post(`/v1/jobs${query}`, body);
    if (response.statusCode !== 202) throw new Error(response.body);
    return response.json<JobView>();
  }

  /** The job when it has ended, as its stream of events tells. */
  async ended(id: string): Promise<JobView> {
    const response = await fetch(`${this.url}/v1/jobs/${id}/events`);
    const text = await response.text();
    const last = text.split('event: end\ndata: ')[1];
    if (last === undefined) throw new Error(`The stream ended without an end: ${text}`);
    return JSON.parse(last) as JobView;
  }

  async problem(url: string): Promise<ProblemView> {
    return (await this.server.inject(url)).json<ProblemView>();
  }

  async #start(options: HttpGridOptions): Promise<void> {
    const { controller, workers = 1, pageDirectory } = options;
    const runtime = systemRuntime();
    const network = new MemoryNetwork({ runtime, random: seededRandom(1) });
    const hosts = ['controller', ...Array.from({ length: workers }, (_, i) => `worker${i + 1}`)];
    const members = hosts.map((host, i) => member(host, i === 0 ? 'ctrl' : 'valeng'));
    for (const [i, self] of members.entries()) {
      const { logger: log } = memoryLog('info');
      const system = ActorSystem.create({ name: 'Valuation' }, { runtime, log });
      this.#systems.push(system);
      const host = hosts[i] ?? '';
      const largeMessageDestinations = ['/user/grid-worker', '/user/grid-controller'];
      const transport = network.transport(host);
      await Remoting.start(system, { host, port: 1, transport, largeMessageDestinations });
      const membership = new FixedMembership('Valuation', self.address, members);
      const setup = { membership, startThread: this.#thread };
      if (i > 0) {
        spawnWorker(system, { ...setup, options: { threads: 1 } });
        continue;
      }
      this.#membership = membership;
      const disk = memorySpoolDisk();
      const { service } = spawnController(system, { ...setup, disk, options: controller ?? {} });
      this.#server = await buildHttpServer({
        grid: service,
        intake: this.intake,
        timers: options.timers ?? runtime.timers,
        version: '1.2.3',
        health: system.health,
        onInternalError: (error) => this.internalErrors.push(error),
        onClientGone: () => {
          this.clientsGone++;
        },
        ...(pageDirectory === undefined ? {} : { pageDirectory }),
        ...(options.hostNames === undefined ? {} : { hostNames: options.hostNames }),
      });
      await this.#server.listen({ host: '127.0.0.1', port: 0 });
    }
  }

  /** A pricing thread that lives in this one, behind the gate. */
  readonly #thread: StartThread = ({ onMessage }) => {
    const channel = new MessageChannel();
    this.#channels.push(channel);
    const { port1: outside, port2: inside } = channel;
    outside.on('message', (message: FromThread) => onMessage(message));
    serveChunks({ port: inside, pricing: tradePricing, nowMs: () => performance.now() });
    const pass = async (message: ToThread): Promise<void> => {
      await this.pricing.passed;
      outside.postMessage(message);
    };
    return {
      post: (message) => {
        pass(message).catch((error) => this.internalErrors.push(error));
      },
      kill: () => outside.close(),
    };
  };
}

export const fra = (id: string, more: object = {}) => ({
  id,
  instrument: 'fra',
  notional: 1_000_000,
  strike: 0.03,
  startDate: '2026-06-01',
  maturityDate: '2026-09-01',
  ...more,
});

export const option = (id: string, more: object = {}) => ({
  id,
  instrument: 'europeanOption',
  optionType: 'call',
  strike: 100,
  spot: 100,
  volatility: 0.2,
  maturityDate: '2027-06-01',
  ...more,
});

export const lines = (trades: readonly object[]): string =>
  trades.map((trade) => `${JSON.stringify(trade)}\n`).join('');
