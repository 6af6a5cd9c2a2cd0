// The clients of `programs/gateway-clients.ts` as a test sees them.

import { join } from 'node:path';
import { until } from '../../apps/valuation/test/acceptance/until.ts';
import { bundled } from '../kubernetes/bundle.ts';
import type { GridRelease } from './release.ts';

/** What they have done, and what went wrong with it. */
export interface ClientsStatus {
  /** All that they began has come to its end, and all results have been read again. */
  readonly ended: boolean;
  /** Id of the large job. */
  readonly large: string;
  readonly submissions: number;
  /** Small jobs that were followed to their end. */
  readonly done: number;
  readonly reads: number;
  /** Streams that went on at another place. */
  readonly resumed: number;
  readonly slowestMs: number;
  /** Longest time between two submissions that were taken. */
  readonly longestGapMs: number;
  /** Controllers that have kept the large job. */
  readonly keepers: readonly string[];
  readonly refused: readonly string[];
  readonly failedReads: readonly string[];
  /** Why streams ended that did not end in good order. */
  readonly brokenStreams: readonly string[];
  readonly wrong: readonly string[];
}

const name = 'clients';

export class GatewayClients {
  readonly #release: GridRelease;

  private constructor(release: GridRelease) {
    this.#release = release;
  }

  static async start(release: GridRelease, url: string, trades: number): Promise<GatewayClients> {
    const program = await bundled(join(import.meta.dirname, 'programs', 'gateway-clients.ts'));
    await release.runPod(name, {
      command: ['/usr/local/bin/node', '/files/clients.mjs', url, String(trades)],
      files: { 'clients.mjs': program },
    });
    return new GatewayClients(release);
  }

  async status(path = 'status'): Promise<ClientsStatus> {
    return JSON.parse(await this.#release.askPod(`${name}:8000`, path));
  }

  /** Waits until so many small jobs are done, and the large one is under way. */
  untilDone(jobs: number): Promise<ClientsStatus> {
    return until(
      `${jobs} small jobs`,
      async () => {
        const status = await this.status();
        return status.done >= jobs && status.keepers.length > 0 && status;
      },
      { timeoutMs: 120_000, pollMs: 500 },
    );
  }

  /** No more jobs; the status when all there are have ended. */
  async stop(): Promise<ClientsStatus> {
    await this.status('stop');
    return until(
      'the end of all jobs',
      async () => {
        const status = await this.status();
        return status.ended && status;
      },
      { timeoutMs: 900_000, pollMs: 1000 },
    );
  }
}
