// The snapshots that come with the application: the default market, and the markets of the reference trades.

import { buildDefaultSnapshot } from './internal/default-snapshot.ts';
import {
  referenceBootstrapSnapshot,
  referenceFraSnapshot,
  referenceOptionSnapshot,
  referenceSwapSnapshot,
} from './internal/reference-snapshots.ts';
import type { Snapshot } from './snapshot.ts';

/** Builders, because the default market is worth making only where it is used. */
const builders: Readonly<Record<string, () => Snapshot>> = {
  default: buildDefaultSnapshot,
  'reference-fra': () => referenceFraSnapshot,
  'reference-swap': () => referenceSwapSnapshot,
  'reference-option': () => referenceOptionSnapshot,
  'reference-bootstrap': () => referenceBootstrapSnapshot,
};

const built = new Map<string, Snapshot>();

export const bundledSnapshotNames: readonly string[] = Object.keys(builders);

/** A bundled snapshot, or undefined when none has the name. */
export function bundledSnapshot(name: string): Snapshot | undefined {
  const known = built.get(name);
  if (known !== undefined) return known;
  if (!Object.hasOwn(builders, name)) return undefined;
  const snapshot = builders[name]?.();
  if (snapshot !== undefined) built.set(name, snapshot);
  return snapshot;
}

/** The market for trades that name none. */
export function defaultSnapshot(): Snapshot {
  return bundledSnapshot('default') ?? buildDefaultSnapshot();
}
