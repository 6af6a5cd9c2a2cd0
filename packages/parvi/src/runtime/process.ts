// The port to the operating-system process: environment, signals, exit and standard streams.

import { hostname } from 'node:os';
import { flushOutputsThen } from './line-output.ts';

export type StopSignal = 'SIGTERM' | 'SIGINT';

export interface ProcessPort {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly processId: number;
  /** Calls back on each signal until cancelled; while a handler is set, the signal no longer ends the process by itself. */
  onSignal(signal: StopSignal, callback: () => void): { cancel(): void };
  /** Ends the process a turn of the event loop later, once the lines of its logs are written or their reader has had five seconds for them. */
  exit(code: number): void;
  writeOut(text: string): void;
  writeError(text: string): void;
  /** Whether a person may be looking at that stream. */
  isTerminal(stream: 'stdout' | 'stderr'): boolean;
  /** Resident set size in bytes; the last one known when the system does not tell, as without a free file descriptor. */
  residentBytes(): number;
}

/** Version of the Node.js that runs this process, such as `22.1.0`. */
export const nodeVersion: string = process.versions.node;

/** What the machine calls itself; in a container of Kubernetes the name of the pod. */
export const hostName: string = hostname();

interface SignalHandler {
  readonly callback: () => void;
}

const signalHandlers: Readonly<Record<StopSignal, Set<SignalHandler>>> = {
  SIGTERM: new Set(),
  SIGINT: new Set(),
};
const hear: Readonly<Record<StopSignal, () => void>> = {
  SIGTERM: () => callAll('SIGTERM'),
  SIGINT: () => callAll('SIGINT'),
};

function callAll(signal: StopSignal): void {
  for (const { callback } of signalHandlers[signal]) callback();
}

/** One listener of the process for all handlers: Node takes many of them for a leak. */
function addSignalHandler(signal: StopSignal, callback: () => void): { cancel(): void } {
  const handlers = signalHandlers[signal];
  const handler = { callback };
  if (handlers.size === 0) process.on(signal, hear[signal]);
  handlers.add(handler);
  return {
    cancel: () => {
      if (handlers.delete(handler) && handlers.size === 0) process.off(signal, hear[signal]);
    },
  };
}

/** `read` asks the operating system. Figures about a process in need must not be what ends it. */
export function residentReader(read: () => number): () => number {
  let known = 0;
  return () => {
    try {
      known = read();
    } catch {
      // What was known stays.
    }
    return known;
  };
}

export const systemProcess: ProcessPort = {
  environment: process.env,
  processId: process.pid,
  onSignal: addSignalHandler,
  // A turn later: who awaits the end of the last thing that happened here goes on first.
  exit: (code) => {
    setImmediate(() => flushOutputsThen(() => process.exit(code)));
  },
  writeOut: (text) => {
    process.stdout.write(text);
  },
  writeError: (text) => {
    process.stderr.write(text);
  },
  isTerminal: (stream) => process[stream].isTTY === true,
  residentBytes: residentReader(() => process.memoryUsage.rss()),
};
