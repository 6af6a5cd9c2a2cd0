// Loaded into a node before its own code: on SIGUSR2 its event loop is full for the given time, as with a computation that
// was forgotten to be given to a thread.

import { isMainThread } from 'node:worker_threads';

const fullMs = Number(process.env.FAULTS_FULL_LOOP_MS);

if (isMainThread) {
  process.on('SIGUSR2', () => {
    const endMs = performance.now() + fullMs;
    while (performance.now() < endMs);
  });
}
