#!/usr/bin/env node
// Entry of the `parvi` command: the process's own streams and signals, and what the command must know of nodes.

import { createInterface } from 'node:readline/promises';
import { httpDoor, netDoor, runCommand } from './cli/index.ts';
import { readSecretFile, readTextFile } from './config/index.ts';
import { systemProcess, systemRuntime, systemTimers } from './runtime/index.ts';

const interrupted = new AbortController();
const runtime = { ...systemRuntime(), timers: systemTimers({ keepsProcessAlive: true }) };
const environment = systemProcess.environment;

/** Loads all options that nodes have, which most commands do without. */
const plans = () => import('./planned-node.ts');

async function question(text: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question(text, { signal: interrupted.signal });
  } finally {
    lines.close();
  }
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader that has seen enough, such as `head`, closes the pipe: that is no failure.
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});
process.stderr.on('error', () => undefined);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  systemProcess.onSignal(signal, () => {
    // Whatever does not end at the first one ends at the second.
    if (interrupted.signal.aborted) process.exit(130);
    interrupted.abort();
  });
}

process.exitCode = await runCommand(
  process.argv.slice(2),
  {
    out: process.stdout,
    error: process.stderr,
    environment,
    clock: runtime.clock,
    timers: runtime.timers,
    readText: readTextFile,
    readSecret: readSecretFile,
    openDoor: httpDoor,
    interrupted: interrupted.signal,
    ...(process.stdin.isTTY === true ? { question } : {}),
  },
  {
    options: async (words) => (await plans()).checkedOptions(words, { environment, runtime }),
    nodeProblem: async () => (await import('./planned-place.ts')).nodeProblem(),
    net: netDoor,
    plan: async (words) => (await plans()).planOf(words, { environment, runtime }),
  },
);
