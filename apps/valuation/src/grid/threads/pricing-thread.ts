// What a pricing thread runs.

import { parentPort } from 'node:worker_threads';
import { assert, systemClock } from 'parvi/runtime';
import { serveChunks, yieldToEventLoop } from './serve-chunks.ts';
import { tradePricing } from './trade-pricing.ts';

assert(parentPort !== null, 'the pricing thread runs as a worker thread');
yieldToEventLoop();
serveChunks({ port: parentPort, pricing: tradePricing, nowMs: () => systemClock.nowMs() });
