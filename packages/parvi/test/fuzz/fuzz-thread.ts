// Starts a target in its thread, watches that it goes on, and collects what it reports.

import { Worker } from 'node:worker_threads';
import { systemTimers } from '../../src/runtime/index.ts';
import type { Fault } from './fuzzer.ts';

export interface SharedInput {
  /** Number of the input under test, and its length. */
  readonly counters: SharedArrayBuffer;
  readonly bytes: SharedArrayBuffer;
}

export interface FuzzOrder {
  readonly target: string;
  readonly seed: number;
  /** The run ends at whichever comes first. */
  readonly inputs: number;
  readonly seconds: number;
  readonly findingsMax: number;
  readonly shared: SharedInput;
}

export interface Finding {
  readonly fault: Omit<Fault, 'kind'> & { readonly kind: Fault['kind'] | 'hang' };
  readonly input: Uint8Array;
}

export interface FuzzFigures {
  readonly inputs: number;
  /** Inputs that reached something new. */
  readonly corpus: number;
  /** Instrumented places that were reached by the seeds, in the end, and that there are. */
  readonly seedPlaces: number;
  readonly places: number;
  readonly placesInAll: number;
  readonly seconds: number;
}

export type FuzzReport = ({ kind: 'finding' } & Finding) | ({ kind: 'done' } & FuzzFigures);

export interface FuzzResult {
  readonly figures: FuzzFigures | undefined;
  readonly findings: readonly Finding[];
}

const inputBytesMax = 131_072;
/** Long, because a thread of a busy machine may not run for seconds. */
const hangMs = 60_000;
const heapMegabytesMax = 512;

/** Runs one target. Resolves also when the target hangs or its thread dies: that is a finding. */
export function fuzz(order: Omit<FuzzOrder, 'shared'>): Promise<FuzzResult> {
  const shared = {
    counters: new SharedArrayBuffer(8),
    bytes: new SharedArrayBuffer(inputBytesMax),
  };
  const worker = new Worker(new URL('./fuzz-worker.ts', import.meta.url), {
    workerData: { ...order, shared } satisfies FuzzOrder,
    execArgv: ['--no-warnings'],
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytesMax },
  });
  const findings: Finding[] = [];
  let figures: FuzzFigures | undefined;
  const { promise, resolve, reject } = Promise.withResolvers<FuzzResult>();
  const counters = new Int32Array(shared.counters);
  let last = -1;
  const watch = systemTimers({ keepsProcessAlive: true }).every(hangMs, () => {
    const now = Atomics.load(counters, 0);
    if (now !== last || now === 0) {
      last = now;
      return;
    }
    // Once: the thread may take its time to end.
    watch.cancel();
    findings.push({
      fault: { kind: 'hang', text: `it took longer than ${hangMs} ms` },
      input: current(),
    });
    void worker.terminate();
  });
  const current = (): Uint8Array =>
    Uint8Array.from(new Uint8Array(shared.bytes, 0, Atomics.load(counters, 1)));
  worker.on('message', (report: FuzzReport) => {
    if (report.kind === 'done') figures = report;
    else findings.push({ fault: report.fault, input: report.input });
  });
  worker.on('error', (error) => {
    // Before the first input it is not the target's fault.
    if (Atomics.load(counters, 0) === 0) {
      reject(error);
      return;
    }
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    findings.push({ fault: { kind: 'crash', text }, input: current() });
  });
  worker.on('exit', () => {
    watch.cancel();
    resolve({ figures, findings });
  });
  return promise;
}
