// Actor systems with remoting over a network in memory and hand-moved time; what the tests of this folder start from.

import {
  type ActorRef,
  ActorSystem,
  actor,
  type DeadLetter,
  deadLetterEvent,
  type Termination,
} from '../../src/actor/index.ts';
import { type MemoryLog, memoryLog } from '../../src/observe/index.ts';
import {
  MemoryNetwork,
  Remoting,
  type RemotingEvent,
  type RemotingOptions,
} from '../../src/remote/index.ts';
import { seededRandom } from '../../src/runtime/index.ts';
import { ManualTime } from '../../src/testkit/manual-time.ts';

export interface TestNode {
  readonly system: ActorSystem;
  readonly remoting: Remoting;
  readonly log: MemoryLog;
  readonly deadLetters: DeadLetter[];
  readonly events: RemotingEvent[];
}

/** What a node's log may hold in a test that expects no trouble. */
export function troubles(node: TestNode): string[] {
  return node.log.lines
    .filter((line) => line.level === 'warn' || line.level === 'error')
    .map((line) => `${line.level} ${line.message}`);
}

export class TestNetwork {
  readonly time = new ManualTime();
  readonly net: MemoryNetwork;
  #nextSeed: number;

  constructor(seed = 1) {
    this.#nextSeed = seed;
    this.net = new MemoryNetwork({ runtime: this.time.runtime(), random: seededRandom(seed) });
  }

  /** Starts a node whose host has that name; started again, it is another incarnation at the same address. */
  async start(host: string, options: Partial<RemotingOptions> = {}): Promise<TestNode> {
    const runtime = this.time.runtime({ seed: this.#nextSeed++ });
    const transport = this.net.transport(host);
    return startNode(runtime, { host, port: 2550, transport, ...options });
  }

  /** Moves time forward in small steps, with promises resolving in between. */
  async pass(ms: number): Promise<void> {
    await this.time.advanceAsync(ms);
    await this.time.settleAsync();
  }

  /** The process is gone without a word: its links break and nobody listens any more. */
  async kill(node: TestNode, others: readonly string[]): Promise<void> {
    const { host } = node.remoting.address;
    for (const other of others) {
      this.net.cut(host, other);
      this.net.breakLinks(host, other);
    }
    const down = node.remoting.shutdown();
    await this.pass(1100);
    await down;
    this.net.heal();
  }
}

export async function startNode(
  runtime: ReturnType<ManualTime['runtime']> | undefined,
  options: RemotingOptions,
): Promise<TestNode> {
  const log = memoryLog('debug');
  const ports = runtime === undefined ? { log: log.logger } : { runtime, log: log.logger };
  const system = ActorSystem.create({ name: 'sys', deadLetters: { logMax: 0 } }, ports);
  const deadLetters: DeadLetter[] = [];
  system.eventStream.subscribe(deadLetterEvent, (letter) => {
    deadLetters.push(letter);
  });
  const remoting = await Remoting.start(system, options);
  const events: RemotingEvent[] = [];
  remoting.onEvent((event) => events.push(event));
  return { system, remoting, log, deadLetters, events };
}

export type Ping = { type: 'ping'; n: number; replyTo: ActorRef<number> };

/** Answers a number with the next one. */
export const pinger = actor<Ping>(() => ({
  ping({ n, replyTo }) {
    replyTo.tell(n + 1);
  },
}));

export interface Heard {
  readonly messages: unknown[];
  readonly senders: (string | undefined)[];
  readonly terminated: { readonly path: string; readonly how: Termination }[];
}

/** An actor that keeps what it is told, and the ends of what it watches. */
export function listener(
  system: ActorSystem,
  name: string,
  watched: readonly ActorRef<never>[] = [],
): { readonly ref: ActorRef<unknown>; readonly heard: Heard } {
  const heard: Heard = { messages: [], senders: [], terminated: [] };
  const definition = actor<unknown>((context) => {
    for (const ref of watched) context.watch(ref);
    return {
      onMessage(message) {
        heard.messages.push(message);
        heard.senders.push(context.sender?.path);
      },
      onTerminated(ref, how) {
        heard.terminated.push({ path: ref.path, how });
      },
    };
  });
  return { ref: system.spawn(definition, name), heard };
}

/** The ref that a node has of an actor of another. */
export function farRef<M>(node: TestNode, ref: ActorRef<M>): ActorRef<M> {
  return node.system.resolve(ref.path) as ActorRef<M>;
}

/** Two nodes, `alpha` and `beta`, that have not spoken yet. */
export async function pair(options: Partial<RemotingOptions> = {}) {
  const network = new TestNetwork();
  const alpha = await network.start('alpha', options);
  const beta = await network.start('beta', options);
  return { network, alpha, beta };
}

/** An actor of beta that one of alpha watches. */
export function watched(alpha: TestNode, beta: TestNode, name = 'mortal') {
  const mortal = beta.system.spawn(pinger, name);
  const far = farRef(alpha, mortal);
  return { mortal, far, ...listener(alpha.system, `watcher-of-${name}`, [far]) };
}

/** A connection to alpha of somebody who is no node. */
export function strangerAt(network: TestNetwork, onClose: () => void) {
  return network.net
    .transport('stranger')
    .dial(
      { host: 'alpha', port: 2550, timeoutMs: 1000 },
      { onOpen: () => undefined, onDrain: () => undefined, onClose },
    );
}

/** One that says 0 to 4 to whom it is told, and one elsewhere that watches it and keeps what it hears, the end included. */
export function speakerAndKeeper(there: TestNode, here: TestNode) {
  const order: unknown[] = [];
  const speaker = there.system.spawn(
    actor<{ type: 'go'; to: ActorRef<unknown> }>(() => ({
      go({ to }) {
        for (let i = 0; i < 5; i++) to.tell(i);
      },
    })),
    'speaker',
  );
  const far = farRef(here, speaker);
  const keeper = here.system.spawn(
    actor<unknown>((context) => {
      context.watch(far);
      return {
        onMessage: (message) => void order.push(message),
        onTerminated: () => void order.push('end'),
      };
    }),
    'keeper',
  );
  return { speaker, keeper, order };
}
