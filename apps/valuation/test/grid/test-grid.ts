// A whole grid in one process and in time moved by hand: real actors and remoting over a network in memory, the real
// pricing, threads that take as long as the test says and die when it wants.

import { ActorSystem } from 'parvi/actor';
import { type LogLine, memoryLog } from 'parvi/observe';
import { MemoryNetwork, Remoting } from 'parvi/remote';
import { seededRandom } from 'parvi/runtime';
import { ManualTime } from 'parvi/testkit';
import { type ControllerHandle, spawnController } from '../../src/grid/controller.ts';
import { FixedMembership, type GridMember } from '../../src/grid/membership.ts';
import type { ControllerOptions } from '../../src/grid/options.ts';
import type { JobRequest } from '../../src/grid/requests.ts';
import { memorySpoolDisk, type SpoolDisk } from '../../src/grid/storage/spool.ts';
import { serveChunks } from '../../src/grid/threads/serve-chunks.ts';
import type { StartThread } from '../../src/grid/threads/thread-pool.ts';
import type { ChunkWork, FromThread, ToThread } from '../../src/grid/threads/thread-protocol.ts';
import { tradePricing } from '../../src/grid/threads/trade-pricing.ts';
import type { JobView, MemberChange, ResultView } from '../../src/grid/views.ts';
import { spawnWorker, type WorkerHandle } from '../../src/grid/worker.ts';
import type { Trade } from '../../src/instruments/index.ts';
import { BatchBuilder, type IntakeBatch, type RowProblem } from '../../src/intake/index.ts';
import { generatePortfolio } from '../../src/pricing/index.ts';

export interface TestNode {
  readonly host: string;
  readonly system: ActorSystem;
  readonly membership: FixedMembership;
  readonly controller: ControllerHandle | undefined;
  readonly worker: WorkerHandle | undefined;
  alive: boolean;
}

export interface TestGridOptions {
  readonly seed?: number;
  /** Time a thread takes for a trade. */
  readonly msPerTrade?: number;
  /** What a trade does to its thread, by the id of the trade. */
  readonly fate?: (id: string) => 'dies' | 'hangs' | undefined;
  readonly controller?: Partial<ControllerOptions>;
  readonly disk?: () => SpoolDisk;
}

/** More than any controller here waits for its jobs. */
const drainMsMax = 60_000;

export class TestGrid {
  readonly time = new ManualTime();
  readonly nodes: TestNode[] = [];
  readonly #options: TestGridOptions;
  readonly #network: MemoryNetwork;
  readonly #logs: LogLine[][] = [];
  #nextHost = 1;

  constructor(options: TestGridOptions = {}) {
    this.#options = options;
    const random = seededRandom(options.seed ?? 1);
    const runtime = this.time.runtime();
    this.#network = new MemoryNetwork({ runtime, random, delayMs: { min: 0, max: 1 } });
  }

  async start(controllers: number, workers: number): Promise<void> {
    for (let i = 0; i < controllers; i++) await this.addNode('ctrl');
    for (let i = 0; i < workers; i++) await this.addNode('valeng');
    await this.advance(50);
  }

  controller(index: number): ControllerHandle {
    const found = this.nodes.filter(({ controller }) => controller !== undefined)[index];
    if (found?.controller === undefined) throw new Error(`There is no controller ${index}`);
    return found.controller;
  }

  workers(): TestNode[] {
    return this.nodes.filter(({ worker, alive }) => worker !== undefined && alive);
  }

  async addNode(role: 'ctrl' | 'valeng'): Promise<TestNode> {
    const host = `host${this.#nextHost++}`;
    const runtime = this.time.runtime({ seed: this.#nextHost });
    const { logger: log, lines } = memoryLog('debug');
    this.#logs.push(lines);
    const shutdown = { phases: { 'before-service-unbind': { timeout: drainMsMax } } };
    const system = ActorSystem.create({ name: 'Valuation', shutdown }, { runtime, log });
    await Remoting.start(system, {
      host,
      port: 1,
      transport: this.#network.transport(host),
      largeMessageDestinations: ['/user/grid-worker', '/user/grid-controller'],
    });
    const self = member(host, role);
    const others = this.nodes.filter(({ alive }) => alive).map((node) => memberOf(node));
    const membership = new FixedMembership('Valuation', self.address, [...others, self]);
    system.coordinatedShutdown.addTask('cluster-shutdown', 'leave', async () => membership.leave());
    const disk = this.#options.disk ?? memorySpoolDisk;
    const startThread = this.#threads();
    const controller =
      role === 'ctrl'
        ? spawnController(system, {
            membership,
            options: this.#options.controller ?? {},
            disk: disk(),
            startThread,
          })
        : undefined;
    const worker =
      role === 'valeng'
        ? spawnWorker(system, { membership, startThread, options: { threads: 2 } })
        : undefined;
    const node = { host, system, membership, controller, worker, alive: true };
    this.#tell(self, 'up');
    this.nodes.push(node);
    return node;
  }

  /** The process is gone without a word. The others hear of it after `detectionMs`. */
  async kill(node: TestNode, detectionMs = 5000): Promise<void> {
    node.alive = false;
    for (const other of this.nodes) {
      this.#network.cut(node.host, other.host);
      this.#network.cut(other.host, node.host);
    }
    await this.advance(detectionMs);
    this.#tell(memberOf(node), 'removed');
  }

  /** The cluster does not reach a node any more, or does again. */
  reach(node: TestNode, reachable: boolean): void {
    this.#tell({ ...memberOf(node), reachable }, reachable ? 'reachable' : 'unreachable');
  }

  /** The cluster has a node as weakly up: it may be talked to, and no jobs go to it. */
  weaken(node: TestNode): void {
    this.#tell({ ...memberOf(node), status: 'WeaklyUp' }, 'weakly-up');
  }

  /** The process stops in order. */
  async stop(node: TestNode): Promise<void> {
    const ended = node.system.terminate();
    let over = false;
    void ended.then(() => {
      over = true;
    });
    while (!over) await this.advance(50);
    node.alive = false;
    this.#tell(memberOf(node), 'removed');
  }

  async advance(ms: number): Promise<void> {
    await this.time.advanceAsync(ms);
  }

  /** Moves time until the promise is settled. */
  async settled<T>(promise: Promise<T>, limitMs = 600_000): Promise<T> {
    let over = false;
    const mark = (): void => {
      over = true;
    };
    promise.then(mark, mark);
    await this.time.settleAsync();
    for (let ms = 0; !over; ms += 50) {
      if (ms > limitMs) throw new Error(`Nothing happened within ${limitMs} ms`);
      await this.advance(50);
    }
    return promise;
  }

  /** Moves time until the job has ended; its last view. */
  async ended(controller: ControllerHandle, id: string): Promise<JobView> {
    for (;;) {
      const view = await this.settled(controller.service.job(id));
      if (view.endedAt !== undefined) return view;
      await this.advance(100);
    }
  }

  async allResults(controller: ControllerHandle, id: string): Promise<ResultView[]> {
    const rows: ResultView[] = [];
    const read = async (): Promise<void> => {
      for await (const block of controller.service.resultBlocks(id)) rows.push(...block);
    };
    await this.settled(read());
    return rows;
  }

  /** What the grid's own parts logged on all nodes. */
  messages(level: string): string[] {
    const lines = this.#logs.flat().filter((line) => line.level === level);
    return lines.filter(({ fields }) => 'role' in fields).map(({ message }) => message);
  }

  /** The reasons in lines of this message on all nodes. */
  reasons(message: string): unknown[] {
    const lines = this.#logs.flat().filter((line) => line.message === message);
    return lines.map(({ fields }) => fields.reason);
  }

  #tell(about: GridMember, change: MemberChange): void {
    for (const node of this.nodes) {
      if (node.alive) node.membership.change(about, change);
    }
  }

  #threads(): StartThread {
    const { time } = this;
    const { msPerTrade = 1, fate = () => undefined } = this.#options;
    return ({ onMessage, onExit }) => {
      let dead = false;
      let handler: (message: ToThread) => void = () => {};
      const queue: ToThread[] = [];
      let busy = false;
      let tookMs = 0;
      const tell = (message: FromThread): void => {
        if (dead || message.kind === 'started') return;
        if (message.kind === 'ready') onMessage(message);
        else {
          const figures = { ...message.figures, busyMs: tookMs, pricingMs: tookMs };
          onMessage({ ...message, figures });
        }
      };
      const next = (): void => {
        const message = queue.shift();
        busy = message !== undefined;
        if (message === undefined) return;
        if (message.kind === 'snapshot') {
          handler(message);
          next();
          return;
        }
        onMessage({ kind: 'started', task: message.task });
        const { ms, end } = courseOf(message.work, msPerTrade, fate);
        if (end === 'hangs') return;
        time.timers.after(ms, () => {
          if (dead) return;
          if (end === 'dies') {
            dead = true;
            onExit(new Error('The thread died'));
            return;
          }
          tookMs = ms;
          handler(message);
          next();
        });
      };
      time.turns.later(() => {
        const port = {
          on: (_event: string, listener: (message: ToThread) => void) => {
            handler = listener;
          },
          postMessage: tell,
        };
        serveChunks({
          port,
          pricing: tradePricing,
          nowMs: () => time.clock.nowMs(),
        });
      });
      return {
        post: (message) => {
          queue.push(message);
          if (!busy) next();
        },
        kill: () => {
          if (dead) return;
          dead = true;
          time.turns.later(() => onExit(undefined));
        },
      };
    };
  }
}

function courseOf(
  work: ChunkWork,
  msPerTrade: number,
  fate: (id: string) => 'dies' | 'hangs' | undefined,
): { ms: number; end: 'dies' | 'hangs' | undefined } {
  const lines = Buffer.from(work.bytes).toString('utf8').trimEnd().split('\n');
  const ends = lines.map((line) => fate((JSON.parse(line) as { id: string }).id));
  const end = ends.find((one) => one !== undefined);
  return { ms: (work.copies ?? lines.length) * msPerTrade, end };
}

const member = (host: string, role: string): GridMember => ({
  address: `pekko://Valuation@${host}:1`,
  roles: [role],
  status: 'Up',
  reachable: true,
  upSinceWallMs: 0,
});

const memberOf = (node: TestNode): GridMember =>
  member(node.host, node.controller === undefined ? 'valeng' : 'ctrl');

export const request: JobRequest = { metric: 'NPV', snapshot: 'default', onError: 'reject' };

export const portfolio = (trades: number, seed = 1): Trade[] => [
  ...generatePortfolio({ trades, seed }),
];

/** An input of trades, in batches, with bad rows if wanted. */
export async function* input(
  trades: readonly Trade[],
  rejected: readonly RowProblem[] = [],
): AsyncGenerator<IntakeBatch> {
  const per = 100;
  for (let i = 0; i < trades.length; i += per) yield batchOf(trades.slice(i, i + per));
  if (rejected.length > 0) yield { ...batchOf([]), rejected };
}

function batchOf(trades: readonly Trade[]): IntakeBatch {
  const builder = new BatchBuilder();
  for (const trade of trades) builder.addChecked(trade);
  return builder.take();
}

/** An upload of 150 trades that stops after 100 until it is resumed. */
export function pausedInput() {
  const { promise: pause, resolve: resume } = Promise.withResolvers<void>();
  async function* slowly() {
    yield* input(portfolio(100));
    await pause;
    yield* input(portfolio(50, 2));
  }
  return { bytes: slowly(), resume };
}
