// Named market snapshots, each version known by the hash of its content. Controllers tell each other which version a
// name has; contents travel on demand, to controllers and workers alike. A job keeps the versions it began with.

import { createHash } from 'node:crypto';
import { checkSnapshot, parseSnapshot, type Snapshot } from '../market/index.ts';
import { GridError } from './errors.ts';
import { payloadBytesMax } from './options.ts';
import type { SnapshotVersion } from './protocol.ts';
import type { SnapshotInfoView } from './views.ts';

/** Names there can be, and old versions that are kept for jobs. */
const namesMax = 1000;
const contentsMax = 2000;

/** A version of a snapshot as it is kept and sent. */
export interface SnapshotContent {
  readonly hash: string;
  readonly bytes: Uint8Array;
}

export interface CheckPorts {
  readonly wallMs: () => number;
  /** Resolves when others have had their turn. */
  readonly turn: () => Promise<void>;
}

export class SnapshotCatalogue {
  readonly #versions = new Map<string, SnapshotVersion>();
  readonly #contents = new Map<string, Uint8Array>();

  /**
   * Stores a snapshot under a name once its curves have been built for a check, in several turns where they are many.
   *
   * @throws MarketError `SNAPSHOT_INVALID` with each problem found, `CURVE_NOT_BUILT`
   */
  async put(name: string, input: unknown, ports: CheckPorts): Promise<SnapshotVersion> {
    const given = { ...(input as object), name };
    // Its length before anything else: what is too long costs no check.
    checkLength(name, Buffer.byteLength(JSON.stringify(given)));
    const snapshot = parseSnapshot(given);
    // Curves that cannot be built are found here, not in a thousand chunks. Their tables of days are not made by that.
    await checkSnapshot(snapshot, ports.turn);
    return this.store(snapshot, ports.wallMs());
  }

  /** Stores a snapshot that was checked. */
  store(snapshot: Snapshot, wallMs: number): SnapshotVersion {
    const { name } = snapshot;
    const bytes = new Uint8Array(Buffer.from(JSON.stringify(snapshot)));
    const hash = createHash('sha256').update(bytes).digest('hex');
    const known = this.#versions.get(name);
    if (known === undefined && this.#versions.size >= namesMax) {
      throw new GridError(
        'SNAPSHOT_INVALID',
        `Cannot store "${name}": ${namesMax} names are taken`,
      );
    }
    const { evaluationDate } = snapshot;
    const changedWallMs = Math.max(wallMs, (known?.changedWallMs ?? -1) + 1);
    const version = { name, hash, evaluationDate, changedWallMs };
    this.#versions.set(name, version);
    this.addContent(hash, bytes);
    return version;
  }

  versions(): SnapshotVersion[] {
    return [...this.#versions.values()];
  }

  infos(): SnapshotInfoView[] {
    return this.versions()
      .map(({ name, hash, evaluationDate }) => ({ name, hash, evaluationDate }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  has(name: string): boolean {
    return this.#versions.has(name);
  }

  /** The content hash of every name, as a job takes them along. */
  pinned(): Record<string, string> {
    return Object.fromEntries(this.versions().map(({ name, hash }) => [name, hash]));
  }

  content(hash: string): Uint8Array | undefined {
    return this.#contents.get(hash);
  }

  /** The content as JSON text in UTF-8. @throws GridError `SNAPSHOT_UNKNOWN` */
  read(name: string): SnapshotContent {
    const version = this.#versions.get(name);
    const bytes = version === undefined ? undefined : this.#contents.get(version.hash);
    if (version === undefined || bytes === undefined) throw unknownSnapshot(name, this.infos());
    return { hash: version.hash, bytes };
  }

  /** Takes the versions another controller has; the hashes whose content is missing here. */
  merge(versions: readonly SnapshotVersion[]): string[] {
    const missing: string[] = [];
    for (const version of versions) {
      const known = this.#versions.get(version.name);
      if (known === undefined || isLater(version, known)) {
        if (this.#contents.has(version.hash)) this.#versions.set(version.name, version);
        else missing.push(version.hash);
      }
    }
    return missing;
  }

  /** Keeps content that came from elsewhere, if it is what its hash says. */
  addContent(hash: string, bytes: Uint8Array): void {
    if (createHash('sha256').update(bytes).digest('hex') !== hash) return;
    this.#contents.set(hash, bytes);
    if (this.#contents.size <= contentsMax) return;
    const current = new Set(this.versions().map((version) => version.hash));
    for (const old of this.#contents.keys()) {
      if (this.#contents.size <= contentsMax) return;
      if (!current.has(old)) this.#contents.delete(old);
    }
  }
}

function checkLength(name: string, bytes: number): void {
  if (bytes <= payloadBytesMax) return;
  throw new GridError(
    'SNAPSHOT_INVALID',
    `Cannot store "${name}": it has ${bytes} bytes and ${payloadBytesMax} is the most; leave out what no trade needs`,
  );
}

const isLater = (a: SnapshotVersion, b: SnapshotVersion): boolean =>
  a.changedWallMs > b.changedWallMs || (a.changedWallMs === b.changedWallMs && a.hash > b.hash);

export function unknownSnapshot(name: string, there: readonly SnapshotInfoView[]): GridError {
  const names = there.map((info) => info.name).join(', ');
  return new GridError(
    'SNAPSHOT_UNKNOWN',
    `There is no market snapshot "${name}": there are ${names === '' ? 'none' : names}`,
    { fields: { field: 'snapshot' } },
  );
}
