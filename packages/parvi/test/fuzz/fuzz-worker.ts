// One target in a thread of its own. The input under test always lies in shared memory, so that it is known even when the
// thread hangs or runs out of memory.

import { parentPort, workerData } from 'node:worker_threads';
import { seededRandom, systemClock } from '../../src/runtime/index.ts';
import type { FuzzOrder, FuzzReport, SharedInput } from './fuzz-thread.ts';
import { hits, instrumentedPlaces, instrumentLoadedModules } from './instrument.ts';

const order = workerData as FuzzOrder;
/** Inputs between two looks at the clock and at what was asked for. */
const group = 64;

instrumentLoadedModules();
const { fuzzTargets } = await import('./targets.ts');
const { Fuzzer, tryInput } = await import('./fuzzer.ts');
const { keptInputs } = await import('./findings.ts');
const { shrunk } = await import('./shrink.ts');

const target = fuzzTargets.find(({ name }) => name === order.target);
if (target === undefined) throw new Error(`There is no target "${order.target}"`);

const shared: SharedInput = order.shared;
const bytes = new Uint8Array(shared.bytes);
const counters = new Int32Array(shared.counters);

function show(input: Uint8Array): void {
  bytes.set(input.subarray(0, bytes.length));
  Atomics.store(counters, 1, Math.min(input.length, bytes.length));
  Atomics.add(counters, 0, 1);
}

const placesMax = Math.ceil(instrumentedPlaces() / 4) * 4;
const fuzzer = new Fuzzer(target, seededRandom(order.seed), hits.subarray(0, placesMax));
const reported = new Set<string>();

function run(input: Uint8Array): void {
  show(input);
  const fault = fuzzer.run(input);
  if (fault === undefined) return;
  const cause = `${fault.kind} ${fault.kind === 'crash' ? fault.text.split('\n', 2).join(' ') : ''}`;
  if (reported.has(cause)) return;
  reported.add(cause);
  const isSame = (candidate: Uint8Array): boolean => {
    show(candidate);
    const other = tryInput(target as NonNullable<typeof target>, candidate);
    return other?.kind === fault.kind;
  };
  const small = shrunk(input, isSame, fault.kind === 'crash' ? 2000 : 60);
  send({ kind: 'finding', fault, input: small });
}

function send(report: FuzzReport): void {
  parentPort?.postMessage(report);
}

await target.prepare?.();
const kept = keptInputs().filter((input) => input.target === target.name);
for (const input of [new Uint8Array(0), ...target.seeds(), ...kept.map((one) => one.bytes)])
  run(input);
const seedPlaces = fuzzer.state.places;
const startedMs = systemClock.nowMs();
const isOver = (): boolean =>
  fuzzer.state.inputs >= order.inputs ||
  systemClock.nowMs() - startedMs >= order.seconds * 1000 ||
  reported.size >= order.findingsMax;
while (!isOver()) {
  await target.prepare?.();
  for (let i = 0; i < group; i++) run(fuzzer.next());
}
const seconds = (systemClock.nowMs() - startedMs) / 1000;
send({ kind: 'done', ...fuzzer.state, seedPlaces, placesInAll: instrumentedPlaces(), seconds });
