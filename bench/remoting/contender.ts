// What is measured of each system: a sink that counts what it is told, and an echo that answers, in another process.

export interface AskFigures {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Processor time of the asking process for each; tells also where others use the machine. */
  readonly cpuMicros: number;
}

/** One system under measurement, connected to its own server process. */
export interface Contender {
  readonly name: string;
  /** Share of a round's messages that is enough for one that takes long for them; all of them by default. */
  readonly share?: number;
  /** Sends one-way messages of about 100 bytes until the other process has seen them all; messages a second. */
  tell(count: number): Promise<number>;
  /** Asks with so many questions under way at a time. */
  ask(concurrency: number, count: number): Promise<AskFigures>;
  /** One message one way and a question right behind it; how long the answer takes. */
  tellThenAsk(count: number): Promise<AskFigures>;
  close(): Promise<void>;
}

/** About 100 bytes with the fields around it. */
export const text = 'x'.repeat(60);

/** Times `count` calls with `concurrency` of them pending. */
export async function timeCalls(
  concurrency: number,
  count: number,
  call: (n: number) => Promise<unknown>,
): Promise<AskFigures> {
  const took = new Float64Array(count);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      const n = next++;
      const startMs = performance.now();
      await call(n);
      took[n] = performance.now() - startMs;
    }
  };
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  await Promise.all(Array.from({ length: concurrency }, worker));
  const seconds = (performance.now() - startMs) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  took.sort();
  const at = (share: number): number => took[Math.floor((count - 1) * share)] ?? Number.NaN;
  return {
    perSecond: count / seconds,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    cpuMicros: (user + system) / count,
  };
}

export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
