// Named market snapshots, each version known by the hash of its content. Controllers tell each other which version a
// name has; contents travel on demand, to controllers and workers alike. A job keeps the versions it began with.

import { createHash } from 'node:crypto';
import { parseSnapshot, prepareSnapshot } from '../market/index.ts';
import { GridError } from './errors.ts';
import { payloadBytesMax } from './options.ts';
import type { SnapshotVersion } from './protocol.ts';
import type { SnapshotInfoView } from './views.ts';

/** Names there can be, and old versions that are kept for jobs. */
const namesMax = 1000;
const contentsMax = 2000;

export class SnapshotCatalogue {
  readonly #versions = new Map<string, SnapshotVersion>();
  readonly #contents = new Map<string, Uint8Array>();

  /** Stores a snapshot under a name. @throws MarketError `SNAPSHOT_INVALID` with each problem found */
  put(name: string, input: unknown, wallMs: number): SnapshotVersion {
    const snapshot = parseSnapshot({ ...(input as object), name });
    // Curves that cannot be built are found here, not in a thousand chunks.
    prepareSnapshot(snapshot);
    const bytes = new Uint8Array(Buffer.from(JSON.stringify(snapshot)));
    if (bytes.length > payloadBytesMax) {
      throw new GridError(
        'SNAPSHOT_INVALID',
        `Cannot store "${name}": it has ${bytes.length} bytes and ${payloadBytesMax} is the most; leave out what no trade needs`,
      );
    }
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

  /** @throws GridError `SNAPSHOT_UNKNOWN` */
  read(name: string): unknown {
    const version = this.#versions.get(name);
    const bytes = version === undefined ? undefined : this.#contents.get(version.hash);
    if (bytes === undefined) throw unknownSnapshot(name, this.infos());
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
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
