// The life of a pricing thread: it takes chunks and snapshots from its node's event loop, in order, and answers.

import { platform, setPriority } from 'node:os';
import { type Markets, type Pricing, priceChunk } from './price-chunk.ts';
import type { FromThread, ToThread } from './thread-protocol.ts';

/** Markets made ready that a thread keeps; the one used longest ago goes first. */
const marketsMax = 16;
/** A third of the processor share of what runs at the usual niceness of 0, where both want it. */
const pricingNiceness = 5;

/** What a thread needs of its `MessagePort`. */
export interface ThreadPort {
  on(event: 'message', listener: (message: ToThread) => void): unknown;
  postMessage(message: FromThread, transfer: ArrayBuffer[]): void;
}

export interface ServeOptions<M> {
  readonly port: ThreadPort;
  readonly pricing: Pricing<M>;
  readonly nowMs: () => number;
  /** Called before each chunk; for tests that make threads die. */
  readonly before?: (work: Extract<ToThread, { kind: 'price' }>['work']) => void;
}

export function serveChunks<M>(options: ServeOptions<M>): void {
  const { port, pricing, nowMs } = options;
  const snapshots = new Map<string, Uint8Array>();
  const prepared = new Map<string, M>();
  const markets: Markets<M> = (hash) => {
    let market = prepared.get(hash);
    if (market === undefined) {
      const bytes = snapshots.get(hash);
      if (bytes === undefined) throw new Error(`its content "${hash}" did not reach the worker`);
      market = pricing.prepare(JSON.parse(Buffer.from(bytes).toString('utf8')));
    }
    prepared.delete(hash);
    prepared.set(hash, market);
    for (const old of prepared.keys()) {
      if (prepared.size <= marketsMax) break;
      prepared.delete(old);
    }
    return market;
  };
  const answer = (message: FromThread, transfer: ArrayBuffer[] = []): void =>
    port.postMessage(message, transfer);

  port.on('message', (message: ToThread) => {
    if (message.kind === 'snapshot') {
      snapshots.set(message.hash, message.bytes);
      return;
    }
    const { task, work } = message;
    answer({ kind: 'started', task });
    options.before?.(work);
    const { block, figures } = priceChunk(work, pricing, markets, nowMs);
    answer({ kind: 'done', task, block, figures }, [block.buffer as ArrayBuffer]);
  });
  answer({ kind: 'ready' });
}

/**
 * Lets everything else of the process go first when cores are short, above all the event loop that answers heartbeats.
 * On Linux the call is for the calling thread only; elsewhere it would slow the whole process, and is left out.
 */
export function yieldToEventLoop(): void {
  if (platform() === 'linux') setPriority(0, pricingNiceness);
}
