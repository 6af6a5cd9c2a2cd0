// Who cannot reach whom, as rows that only their observer may change; every observer's rows carry its version number.

import type { NodeKey } from './node.ts';

export type ReachabilityStatus = 'Reachable' | 'Unreachable' | 'Terminated';

export interface ReachabilityRow {
  readonly observer: NodeKey;
  readonly subject: NodeKey;
  readonly status: ReachabilityStatus;
  readonly version: number;
}

/**
 * An immutable table of observations.
 *
 * No row means reachable; Terminated is final; an observer whose subjects are all reachable again keeps its version
 * number without rows, since a merge with an older table would otherwise bring the old rows back.
 */
export class Reachability {
  static readonly empty: Reachability = new Reachability([], new Map());

  readonly rows: readonly ReachabilityRow[];
  readonly versions: ReadonlyMap<NodeKey, number>;
  #aggregate: ReadonlyMap<NodeKey, ReachabilityStatus> | undefined;
  #unreachableOrTerminated: ReadonlySet<NodeKey> | undefined;

  constructor(rows: readonly ReachabilityRow[], versions: ReadonlyMap<NodeKey, number>) {
    this.rows = rows;
    this.versions = versions;
  }

  /** No rows at all; a leftover Reachable row makes it false. */
  get isAllReachable(): boolean {
    return this.rows.length === 0;
  }

  /** Subjects with the worst that any observer says of them. */
  get aggregate(): ReadonlyMap<NodeKey, ReachabilityStatus> {
    if (this.#aggregate !== undefined) return this.#aggregate;
    const worst = new Map<NodeKey, ReachabilityStatus>();
    for (const row of this.rows) {
      if (row.status === 'Reachable') continue;
      if (worst.get(row.subject) !== 'Terminated') worst.set(row.subject, row.status);
    }
    this.#aggregate = worst;
    return worst;
  }

  get unreachableOrTerminated(): ReadonlySet<NodeKey> {
    this.#unreachableOrTerminated ??= new Set(this.aggregate.keys());
    return this.#unreachableOrTerminated;
  }

  get observers(): ReadonlySet<NodeKey> {
    return new Set(this.rows.map((row) => row.observer));
  }

  isReachable(subject: NodeKey): boolean {
    return !this.aggregate.has(subject);
  }

  isUnreachable(subject: NodeKey): boolean {
    return this.aggregate.get(subject) === 'Unreachable';
  }

  statusBy(observer: NodeKey, subject: NodeKey): ReachabilityStatus {
    for (const row of this.rows) {
      if (row.observer === observer && row.subject === subject) return row.status;
    }
    return 'Reachable';
  }

  isReachableBy(observer: NodeKey, subject: NodeKey): boolean {
    return this.statusBy(observer, subject) === 'Reachable';
  }

  /** Subjects that this observer has marked Unreachable or Terminated. */
  markedBy(observer: NodeKey): ReadonlySet<NodeKey> {
    const marked = new Set<NodeKey>();
    for (const row of this.rows) {
      if (row.observer === observer && row.status !== 'Reachable') marked.add(row.subject);
    }
    return marked;
  }

  unreachable(observer: NodeKey, subject: NodeKey): Reachability {
    return this.#change(observer, subject, 'Unreachable');
  }

  reachable(observer: NodeKey, subject: NodeKey): Reachability {
    return this.#change(observer, subject, 'Reachable');
  }

  terminated(observer: NodeKey, subject: NodeKey): Reachability {
    return this.#change(observer, subject, 'Terminated');
  }

  /** Without rows from or about these nodes, and without their versions. */
  remove(nodes: ReadonlySet<NodeKey>): Reachability {
    return this.#filtered(nodes, (row) => !nodes.has(row.observer) && !nodes.has(row.subject));
  }

  /** Without what these nodes observed. */
  removeObservers(nodes: ReadonlySet<NodeKey>): Reachability {
    return this.#filtered(nodes, (row) => !nodes.has(row.observer));
  }

  filterRows(keep: (row: ReachabilityRow) => boolean): Reachability {
    return new Reachability(this.rows.filter(keep), this.versions);
  }

  /**
   * Per observer, all rows of the side with the larger version; where only one side has rows of an observer, they
   * count only if that side is strictly newer. Rows and versions of nodes outside `allowed` vanish.
   */
  merge(
    allowed: { has(key: NodeKey): boolean; keys(): Iterable<NodeKey> },
    other: Reachability,
  ): Reachability {
    if (this.versions.size === 0 && other.versions.size === 0) return Reachability.empty;
    const versions = new Map<NodeKey, number>();
    const rows: ReachabilityRow[] = [];
    for (const observer of allowed.keys()) {
      const mine = this.versions.get(observer);
      const theirs = other.versions.get(observer);
      if (mine === undefined && theirs === undefined) continue;
      versions.set(observer, Math.max(mine ?? 0, theirs ?? 0));
      if (mine === theirs && !this.rows.some((row) => row.observer === observer)) continue;
      const source = (mine ?? 0) > (theirs ?? 0) ? this : other;
      for (const row of source.rows) {
        if (row.observer === observer && allowed.has(row.subject)) rows.push(row);
      }
    }
    return new Reachability(rows, versions);
  }

  /** Same observers at the same versions, and as many rows; an observer's version stands for its rows. */
  equals(other: Reachability): boolean {
    if (this.rows.length !== other.rows.length) return false;
    if (this.versions.size !== other.versions.size) return false;
    for (const [observer, version] of this.versions) {
      if (other.versions.get(observer) !== version) return false;
    }
    return true;
  }

  #filtered(gone: ReadonlySet<NodeKey>, keep: (row: ReachabilityRow) => boolean): Reachability {
    if (gone.size === 0) return this;
    const rows = this.rows.filter(keep);
    const versions = new Map<NodeKey, number>();
    for (const [observer, version] of this.versions) {
      if (!gone.has(observer)) versions.set(observer, version);
    }
    if (rows.length === this.rows.length && versions.size === this.versions.size) return this;
    return new Reachability(rows, versions);
  }

  #change(observer: NodeKey, subject: NodeKey, status: ReachabilityStatus): Reachability {
    const own = this.rows.filter((row) => row.observer === observer);
    if (status === 'Reachable' && own.length === 0) return this;
    const current = own.find((row) => row.subject === subject)?.status;
    if (current === 'Terminated' || current === status) return this;
    const version = (this.versions.get(observer) ?? 0) + 1;
    const versions = new Map(this.versions).set(observer, version);
    const rest = own.every((row) => row.subject === subject || row.status === 'Reachable');
    if (status === 'Reachable' && rest) {
      return new Reachability(
        this.rows.filter((row) => row.observer !== observer),
        versions,
      );
    }
    const row: ReachabilityRow = { observer, subject, status, version };
    const others = this.rows.filter(
      (each) => each.observer !== observer || each.subject !== subject,
    );
    return new Reachability([...others, row], versions);
  }
}
