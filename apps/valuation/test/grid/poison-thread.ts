// A pricing thread that a trade can kill: by what its id says.

import { parentPort } from 'node:worker_threads';
import { serveChunks } from '../../src/grid/threads/serve-chunks.ts';
import { tradePricing } from '../../src/grid/threads/trade-pricing.ts';

const deaths: Readonly<Record<string, () => void>> = {
  'poison-exit': () => process.exit(3),
  'poison-throw': () => {
    throw new Error('Thrown outside of the pricing');
  },
  'poison-memory': () => {
    const kept: number[][] = [];
    for (;;) kept.push(new Array<number>(100_000).fill(kept.length));
  },
  'poison-hang': () => {
    for (;;);
  },
};

if (parentPort !== null) {
  serveChunks({
    port: parentPort,
    pricing: tradePricing,
    nowMs: () => performance.now(),
    before: ({ bytes }) => {
      const text = Buffer.from(bytes).toString('utf8');
      for (const [id, die] of Object.entries(deaths)) if (text.includes(`"${id}"`)) die();
    },
  });
}
