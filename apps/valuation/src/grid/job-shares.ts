// What a worker did of each job, for one line in its log when the job has ended.

import type { Logger } from 'parvi/observe';
import type { Clock } from 'parvi/runtime';
import { addSums, type ExactSum, sumValue, zeroSum } from './core/exact-sum.ts';
import type { ChunkFigures } from './core/totals.ts';

interface JobShare {
  readonly metric: string;
  trades: number;
  failed: number;
  chunks: number;
  pricingMs: number;
  sum: ExactSum;
  readonly sinceMs: number;
}

/** Jobs whose shares are kept; the oldest goes first. */
const sharesMax = 1000;

export class JobShares {
  readonly #ports: { readonly clock: Clock; readonly log: Logger };
  readonly #shares = new Map<string, JobShare>();

  constructor(ports: { readonly clock: Clock; readonly log: Logger }) {
    this.#ports = ports;
  }

  /** A chunk of the job has come. */
  begin(job: string, metric: string): JobShare {
    const known = this.#shares.get(job);
    if (known !== undefined) return known;
    const counts = { trades: 0, failed: 0, chunks: 0, pricingMs: 0, sum: zeroSum };
    const share: JobShare = { metric, ...counts, sinceMs: this.#ports.clock.nowMs() };
    this.#shares.set(job, share);
    for (const old of this.#shares.keys()) {
      if (this.#shares.size <= sharesMax) break;
      this.#shares.delete(old);
    }
    return share;
  }

  add(job: string, metric: string, figures: ChunkFigures): void {
    const share = this.begin(job, metric);
    share.trades += figures.priced + figures.failed;
    share.failed += figures.failed;
    share.chunks++;
    share.pricingMs += figures.pricingMs;
    share.sum = addSums(share.sum, figures.sum);
  }

  /** Says what this worker did of a job that is in this state now. */
  end(job: string, state: string): void {
    const share = this.#shares.get(job);
    if (share === undefined) return;
    this.#shares.delete(job);
    const { metric, trades, failed, chunks, pricingMs, sum, sinceMs } = share;
    const priced = trades - failed;
    const result = priced === 0 ? null : sumValue(sum) / priced;
    const elapsedMs = this.#ports.clock.nowMs() - sinceMs;
    this.#ports.log.info(
      { job, metric, trades, failed, chunks, result, pricingMs, elapsedMs },
      `Priced a share of a job that is ${state}`,
    );
  }
}
