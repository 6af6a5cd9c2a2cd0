// Links in memory, for tests and simulations: time and chance are handed in, faults are switched on by the test.
//
// Faults are those of TCP, not of packets: bytes of an open link are late or held back, never lost or reordered; a
// broken link loses what was under way. A cut direction holds its bytes until it is healed, as retransmission does.

import { type Random, type Runtime, randomFloat } from '../runtime/index.ts';
import { bindFailed, RemoteError } from './errors.ts';
import type {
  DialHandlers,
  DialOptions,
  InboundLink,
  ListenHandlers,
  ListenOptions,
  OutboundLink,
  Transport,
} from './transport.ts';

export interface MemoryNetworkOptions {
  readonly runtime: Pick<Runtime, 'timers' | 'clock' | 'turns'>;
  readonly random: Random;
  /** One-way delay of each write, uniform between the two; default none. */
  readonly delayMs?: { readonly min: number; readonly max: number };
  /** Bytes under way from which a link holds its writer back; default 1 MiB. */
  readonly windowBytes?: number;
}

/** A network of hosts by name. `transport(host)` gives the view of one host. */
export class MemoryNetwork {
  readonly #runtime: Pick<Runtime, 'timers' | 'clock' | 'turns'>;
  readonly #random: Random;
  readonly #listeners = new Map<string, ListenOptions>();
  readonly #links = new Set<MemoryLink>();
  readonly #cuts = new Set<string>();
  readonly windowBytes: number;
  #delayMs: { readonly min: number; readonly max: number };
  #nextPort = 49152;

  constructor(options: MemoryNetworkOptions) {
    this.#runtime = options.runtime;
    this.#random = options.random;
    this.#delayMs = options.delayMs ?? { min: 0, max: 0 };
    this.windowBytes = options.windowBytes ?? 1024 * 1024;
  }

  /** The network as seen from `host`. */
  transport(host: string): Transport {
    return {
      listen: async (options) => this.#listen(options),
      dial: (options, handlers) => this.#dial(host, options, handlers),
    };
  }

  /** Sets the delay of writes from now on. */
  delay(delayMs: { readonly min: number; readonly max: number }): void {
    this.#delayMs = delayMs;
  }

  /** Nothing passes from one host to the other until {@link heal}; give both orders for a full partition. */
  cut(fromHost: string, toHost: string): void {
    this.#cuts.add(`${fromHost}>${toHost}`);
  }

  /** Lifts all cuts; what was held back goes on its way. */
  heal(): void {
    this.#cuts.clear();
    for (const link of [...this.#links]) link.pump();
  }

  /** Resets every link between the two hosts; bytes under way are lost. Returns how many there were. */
  breakLinks(hostA: string, hostB: string): number {
    const hit = [...this.#links].filter((link) => link.joins(hostA, hostB));
    for (const link of hit) link.break(new Error('connection reset'));
    return hit.length;
  }

  /** The process at the host is gone without a word: nobody listens there, and its links are reset. */
  crash(host: string): void {
    for (const key of [...this.#listeners.keys()]) {
      if (key.startsWith(`${host}:`)) this.#listeners.delete(key);
    }
    for (const link of [...this.#links]) {
      if (link.touches(host)) link.break(new Error('connection reset'));
    }
  }

  /** Open links between any hosts. */
  get linkCount(): number {
    return this.#links.size;
  }

  #listen(options: ListenOptions) {
    const port = options.port === 0 ? this.#nextPort++ : options.port;
    const key = `${options.host}:${port}`;
    if (this.#listeners.has(key)) {
      throw bindFailed(options.host, port, Object.assign(new Error(key), { code: 'EADDRINUSE' }));
    }
    this.#listeners.set(key, options);
    return {
      port,
      close: async () => {
        if (this.#listeners.get(key) === options) this.#listeners.delete(key);
      },
    };
  }

  #dial(fromHost: string, options: DialOptions, handlers: DialHandlers): OutboundLink {
    const link = new MemoryLink(this, fromHost, options, handlers);
    this.#links.add(link);
    link.connect();
    return link;
  }

  /** @internal */
  later(callback: () => void): void {
    const { min, max } = this.#delayMs;
    const delayMs = min + (max - min) * randomFloat(this.#random);
    if (delayMs <= 0) this.#runtime.turns.later(callback);
    else this.#runtime.timers.after(delayMs, callback);
  }

  /** @internal */
  after(delayMs: number, callback: () => void): void {
    this.#runtime.timers.after(delayMs, callback);
  }

  /** @internal */
  isCut(fromHost: string, toHost: string): boolean {
    return this.#cuts.has(`${fromHost}>${toHost}`);
  }

  /** @internal */
  listenerAt(host: string, port: number): ListenOptions | undefined {
    return this.#listeners.get(`${host}:${port}`);
  }

  /** @internal */
  remove(link: MemoryLink): void {
    this.#links.delete(link);
  }
}

class MemoryLink implements OutboundLink {
  readonly #network: MemoryNetwork;
  readonly #from: string;
  readonly #options: DialOptions;
  readonly #dialler: DialHandlers;
  readonly #queue: Uint8Array[] = [];
  #receiver: ListenHandlers | undefined;
  #bytesUnderWay = 0;
  #held = false;
  #paused = false;
  #closed = false;
  #ending = false;
  #pumping = false;

  constructor(network: MemoryNetwork, from: string, options: DialOptions, dialler: DialHandlers) {
    this.#network = network;
    this.#from = from;
    this.#options = options;
    this.#dialler = dialler;
  }

  joins(hostA: string, hostB: string): boolean {
    const to = this.#options.host;
    return (this.#from === hostA && to === hostB) || (this.#from === hostB && to === hostA);
  }

  touches(host: string): boolean {
    return this.#from === host || this.#options.host === host;
  }

  connect(): void {
    const { host, port, timeoutMs } = this.#options;
    this.#network.after(timeoutMs, () => {
      if (this.#receiver === undefined) this.break(new Error('connection timed out'));
    });
    this.#network.later(() => {
      const cut = this.#network.isCut(this.#from, host) || this.#network.isCut(host, this.#from);
      if (this.#closed || cut) return;
      const listener = this.#network.listenerAt(host, port);
      if (listener === undefined) {
        this.break(new RemoteError('REMOTE_DIAL_FAILED', `nobody listens on "${host}:${port}"`));
        return;
      }
      this.#receiver = listener.onLink(this.#inbound());
      if (!this.#closed) this.#dialler.onOpen();
    });
  }

  write(bytes: Uint8Array): boolean {
    if (this.#closed) return true;
    this.#queue.push(new Uint8Array(bytes));
    this.#bytesUnderWay += bytes.length;
    this.#held = this.#bytesUnderWay >= this.#network.windowBytes;
    this.pump();
    return !this.#held;
  }

  close(orderly: boolean): void {
    if (this.#closed || this.#ending) return;
    if (orderly && this.#queue.length > 0) {
      this.#ending = true;
      return;
    }
    this.#end(undefined);
  }

  /** Both sides see the link fail, unless they closed it themselves. */
  break(error: Error): void {
    if (this.#closed) return;
    const ending = this.#ending;
    this.#end(error);
    if (!ending) this.#dialler.onClose(error);
  }

  /** Moves held bytes on, one write after the other, each with its own delay. */
  pump(): void {
    if (this.#pumping || this.#closed || this.#queue.length === 0 || this.#paused) return;
    if (this.#network.isCut(this.#from, this.#options.host)) return;
    this.#pumping = true;
    this.#network.later(() => {
      this.#pumping = false;
      this.#deliverNext();
    });
  }

  #deliverNext(): void {
    if (this.#closed || this.#paused) return;
    if (this.#network.isCut(this.#from, this.#options.host)) return;
    const bytes = this.#queue.shift();
    if (bytes === undefined) return;
    this.#bytesUnderWay -= bytes.length;
    this.#receiver?.onData(bytes);
    if (this.#closed) return;
    if (this.#queue.length === 0 && this.#ending) {
      this.#end(undefined);
      return;
    }
    if (this.#held && this.#bytesUnderWay === 0) {
      this.#held = false;
      this.#dialler.onDrain();
    }
    this.pump();
  }

  #end(error: Error | undefined): void {
    this.#closed = true;
    this.#queue.length = 0;
    this.#network.remove(this);
    this.#receiver?.onClose(error);
  }

  #inbound(): InboundLink {
    return {
      from: `${this.#from}:0`,
      pause: () => {
        this.#paused = true;
      },
      resume: () => {
        this.#paused = false;
        this.pump();
      },
      close: () => {
        if (this.#closed) return;
        this.#receiver = undefined;
        this.break(new Error('connection reset by the listener'));
      },
    };
  }
}
