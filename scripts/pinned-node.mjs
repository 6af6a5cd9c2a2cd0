// The Node that this repository is run with, and what its commands do on an older one: the pinned one runs in their place,
// with the same streams, and does not outlive them.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** There once packages are installed. */
export const pinnedNode = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));

/** Runs a program with its words by it, and ends as it ends. */
export function runPinned(words) {
  const preload = new URL('./end-with-launcher.mjs', import.meta.url);
  // Nothing is said over the channel; it breaks when this process is gone, even by kill -9.
  const stdio = ['inherit', 'inherit', 'inherit', 'ipc'];
  const child = spawn(pinnedNode, ['--import', preload.href, ...words], { stdio });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 130)));
}
