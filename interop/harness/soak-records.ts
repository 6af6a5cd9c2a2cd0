// What a soak looks at afterwards: memory of the nodes that lived all along, and what Pekko nodes had to complain of.

import type { NodeProcess } from './node-process.ts';

const mib = 1024 * 1024;

/** Heap in use of one node, over time. On the JVM after a collection; here the least of some looks. */
export class MemoryRecord {
  readonly #node: NodeProcess;
  readonly #heap: number[] = [];
  readonly #resident: number[] = [];

  constructor(node: NodeProcess) {
    this.#node = node;
  }

  async take(): Promise<void> {
    const { heapBytes = 0 } = await this.#node.do('memory');
    this.#heap.push(heapBytes);
    this.#resident.push(this.#node.residentBytes());
  }

  /** Least of the last third against least of the first third: floors do not depend on when garbage is collected. */
  finding(): string | undefined {
    const [first, last] = floors(this.#heap);
    if (this.#heap.length < 6 || last <= first * 1.25 + 8 * mib) return undefined;
    return `heap of ${this.#node.kind} ${this.#node.host} grew from ${inMib(first)} to ${inMib(last)}`;
  }

  summary(): string {
    const heap = floors(this.#heap).map(inMib);
    const resident = floors(this.#resident).map(inMib);
    return `memory of the ${this.#node.kind} node: heap ${heap.join(' → ')}, resident ${resident.join(' → ')}`;
  }
}

function floors(samples: readonly number[]): [first: number, last: number] {
  const third = Math.max(1, Math.floor(samples.length / 3));
  return [Math.min(...samples.slice(0, third)), Math.min(...samples.slice(-third))];
}

function inMib(bytes: number): string {
  return `${(bytes / mib).toFixed(0)} MiB`;
}

/**
 * Warnings and errors that nodes of a Pekko cluster log by themselves when members join, leave and die: seen with
 * `--pure`.
 */
const ordinary: readonly RegExp[] = [
  /Upstream failed, cause: StreamTcpException/,
  /heartbeat interval is growing too large/,
  /Scheduled sending of heartbeat was delayed/,
  /Marking node as UNREACHABLE/,
  /SBR took decision DownUnreachable and is downing/,
  /irrecoverably failed\. UID is now quarantined .* Reason: Cluster member removed/,
];

/** A Pekko node compresses for a peer that has just restarted; only its own kind may be named here. */
const oldTable = /originUid \[(-?\d+)\] is using unknown compression table version/;

export function unexpectedLogs(nodes: readonly NodeProcess[]): [line: string, times: number][] {
  const counts = new Map<string, number>();
  const isPekko = (uid: string | undefined): boolean =>
    nodes.some((node) => node.uid === uid && node.kind === 'pekko');
  for (const node of nodes) {
    for (const line of node.logLines(['WARN', 'ERROR'])) {
      if (ordinary.some((pattern) => pattern.test(line))) continue;
      if (isPekko(oldTable.exec(line)?.[1])) continue;
      const pattern = logPattern(line);
      counts.set(pattern, (counts.get(pattern) ?? 0) + 1);
    }
  }
  return [...counts];
}

/** The line without what differs from time to time. */
export function logPattern(line: string): string {
  return line
    .replaceAll(/(akka|pekko):\/\/[^\s\]),]+/g, '<address>')
    .replaceAll(/127(\.\d+){3}(:\d+)?/g, '<host>')
    .replaceAll(/-?\d+/g, '<n>')
    .slice(0, 300);
}
