// The port to the operating-system process: environment, signals, exit and standard streams.

export type StopSignal = 'SIGTERM' | 'SIGINT';

export interface ProcessPort {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly processId: number;
  /** Calls back on each signal until cancelled; while a handler is set, the signal no longer ends the process by itself. */
  onSignal(signal: StopSignal, callback: () => void): { cancel(): void };
  exit(code: number): void;
  writeOut(text: string): void;
  writeError(text: string): void;
  /** Whether a person may be looking at that stream. */
  isTerminal(stream: 'stdout' | 'stderr'): boolean;
  /** Resident set size in bytes. */
  residentBytes(): number;
}

export const systemProcess: ProcessPort = {
  environment: process.env,
  processId: process.pid,
  onSignal(signal, callback) {
    process.on(signal, callback);
    return { cancel: () => process.off(signal, callback) };
  },
  exit: (code) => process.exit(code),
  writeOut: (text) => {
    process.stdout.write(text);
  },
  writeError: (text) => {
    process.stderr.write(text);
  },
  isTerminal: (stream) => process[stream].isTTY === true,
  residentBytes: () => process.memoryUsage.rss(),
};
