// Samples of V8's profiler as shares of the parts of the toolkit that they fell into.

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
}

/** What `node --cpu-prof` writes. */
export interface CpuProfile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame }[];
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

/** First match wins. */
const areas: readonly (readonly [area: string, pattern: RegExp])[] = [
  ['waiting for the socket', /^\(idle\)/],
  ['garbage collection', /^\(garbage collector\)/],
  ['write to the socket', /^(writeBuffer|writev|writeUtf8String|writeLatin1String) /],
  ['payload (CBOR)', / .*\/wire\/(cbor-|jackson|json|internal\/(text-memory|known-text|cbor))/],
  ['text natively', /^(utf8Write|utf8Slice|latin1Slice|asciiSlice|byteLengthUtf8) /],
  ['envelope and frames', / .*\/wire\//],
  ['associations and streams', / .*\/remote\//],
  ['actors', / .*\/actor\//],
  ['timers and clock', / .*\/runtime\//],
  ['the benchmark itself', / .*\/bench\//],
  ["Node's streams, promises, events", /./],
];

/** Start-up and warm-up are left out: the profile counts from this share of its time on. */
const countedFrom = 0.4;

/** Microseconds of each area and the length of what was counted. */
export function timesOf(profile: CpuProfile): { areas: Map<string, number>; totalUs: number } {
  const nameOf = new Map(profile.nodes.map(({ id, callFrame }) => [id, areaOf(callFrame)]));
  const lengthUs = profile.timeDeltas.reduce((sum, delta) => sum + delta, 0);
  const found = new Map<string, number>(areas.map(([area]) => [area, 0]));
  let atUs = 0;
  let totalUs = 0;
  for (const [i, id] of profile.samples.entries()) {
    const delta = profile.timeDeltas[i] ?? 0;
    atUs += delta;
    if (atUs < lengthUs * countedFrom) continue;
    const area = nameOf.get(id) ?? '';
    found.set(area, (found.get(area) ?? 0) + delta);
    totalUs += delta;
  }
  return { areas: found, totalUs };
}

function areaOf({ functionName, url }: CallFrame): string {
  const text = `${functionName} ${url}`;
  return areas.find(([, pattern]) => pattern.test(text))?.[0] ?? '';
}
