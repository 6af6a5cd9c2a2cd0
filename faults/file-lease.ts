// A lease on a disk that all nodes of a run share, though their network is cut: what stands in for the store outside the
// cluster (a Kubernetes API, a database) that the strategy lease-majority asks.

import { link, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lease } from 'parvi/cluster';

export interface FileLeaseOptions {
  /** Shared by all owners, and theirs alone. What is not there is a store out of reach. */
  readonly directory: string;
  /** Another for each process. */
  readonly owner: string;
  /** How long an owner that has ended without a word keeps it from others. */
  readonly timeToLiveMs: number;
  /** Time of the day, the same for all owners. */
  readonly nowMs?: () => number;
}

interface Claim {
  /** `null`: given back. */
  readonly owner: string | null;
  readonly expiresAtMs: number;
}

/**
 * Every change is one more numbered file, made whole by a hard link, which only one can do for each number: whoever
 * looked at number 7 and is the first to make number 8 has the lease, or has renewed it, or has given it back. Files
 * stay until the directory is removed, so that no number can be made twice.
 */
export class FileLease implements Lease {
  readonly #options: FileLeaseOptions;
  readonly #nowMs: () => number;
  #renewal: NodeJS.Timeout | undefined;

  constructor(options: FileLeaseOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? Date.now;
  }

  async acquire(onLost: () => void): Promise<boolean> {
    const { number, claim } = await latestClaim(this.#options.directory);
    if (this.#isOthers(claim)) return false;
    if (!(await this.#make(number + 1, this.#options.owner))) return false;
    clearInterval(this.#renewal);
    this.#renewal = setInterval(() => this.#renew(onLost), this.#options.timeToLiveMs / 3);
    this.#renewal.unref();
    return true;
  }

  async release(): Promise<boolean> {
    clearInterval(this.#renewal);
    const { number, claim } = await latestClaim(this.#options.directory);
    if (claim?.owner !== this.#options.owner) return true;
    return this.#make(number + 1, null);
  }

  #renew(onLost: () => void): void {
    const lost = (): void => {
      clearInterval(this.#renewal);
      onLost();
    };
    latestClaim(this.#options.directory)
      .then(async ({ number, claim }) => {
        if (claim?.owner !== this.#options.owner) return false;
        return this.#make(number + 1, this.#options.owner);
      })
      .then(
        (renewed) => {
          if (!renewed) lost();
        },
        // An unreachable store: it may be back before the time is over, but this owner cannot be sure of that.
        lost,
      );
  }

  #isOthers(claim: Claim | undefined): boolean {
    if (claim === undefined || claim.owner === null) return false;
    return claim.owner !== this.#options.owner && this.#nowMs() < claim.expiresAtMs;
  }

  /** `false`: another was faster. */
  async #make(number: number, owner: string | null): Promise<boolean> {
    const { directory, timeToLiveMs } = this.#options;
    const claim: Claim = { owner, expiresAtMs: this.#nowMs() + timeToLiveMs };
    const draft = join(directory, `draft-${number}-${this.#options.owner}`);
    await writeFile(draft, JSON.stringify(claim));
    try {
      await link(draft, join(directory, `claim-${number}`));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    } finally {
      await rm(draft, { force: true });
    }
  }
}

async function latestClaim(
  directory: string,
): Promise<{ readonly number: number; readonly claim: Claim | undefined }> {
  const names = await readdir(directory);
  const numbers = names.map((name) => Number(/^claim-(\d+)$/.exec(name)?.[1] ?? 0));
  const number = Math.max(0, ...numbers);
  if (number === 0) return { number, claim: undefined };
  const text = await readFile(join(directory, `claim-${number}`), 'utf8');
  return { number, claim: JSON.parse(text) as Claim };
}

/** Who has it now, for whoever looks on. */
export async function leaseOwner(directory: string): Promise<string | undefined> {
  const { claim } = await latestClaim(directory);
  if (claim === undefined || claim.owner === null) return undefined;
  return Date.now() < claim.expiresAtMs ? claim.owner : undefined;
}
