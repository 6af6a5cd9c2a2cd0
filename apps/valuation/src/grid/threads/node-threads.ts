// Pricing threads on `node:worker_threads`.

import { Worker } from 'node:worker_threads';
import { toError } from 'parvi/runtime';
import type { StartThread } from './thread-pool.ts';
import type { FromThread } from './thread-protocol.ts';

/** A trade that needs more memory than this kills its thread, and not its node. */
const heapMbMax = 512;

/** Starts threads that run `script`; by default the one that prices. */
export function nodeThreads(
  script: URL = new URL('./pricing-thread.mjs', import.meta.url),
): StartThread {
  return ({ onMessage, onExit }) => {
    const worker = new Worker(script, { resourceLimits: { maxOldGenerationSizeMb: heapMbMax } });
    // The node lives as long as its sockets, not as long as its threads.
    worker.unref();
    let failure: Error | undefined;
    worker.on('message', (message: FromThread) => onMessage(message));
    worker.on('error', (error) => {
      failure = toError(error);
    });
    worker.on('exit', () => onExit(failure));
    return {
      post: (message) => worker.postMessage(message),
      kill: () => {
        worker.terminate().catch(() => {});
      },
    };
  };
}
