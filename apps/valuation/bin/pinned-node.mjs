// What commands of a checkout do on a Node that is too old for them: the pinned one runs in their place, with the same
// streams, and does not outlive them.

import { spawn } from 'node:child_process';

/** Runs a program with its words, and ends as it ends. */
export function runPinned(node, words) {
  const preload = new URL('./end-with-launcher.mjs', import.meta.url);
  // Nothing is said over the channel; it breaks when this process is gone, even by kill -9.
  const stdio = ['inherit', 'inherit', 'inherit', 'ipc'];
  const child = spawn(node, ['--import', preload.href, ...words], { stdio });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 130)));
}
