// What a controller keeps of a job beside its scheduling: the request, the trades and results on the spool, and where
// each result lies.

import type { TraceContext } from 'parvi/observe';
import { assert, type Clock, isoTime } from 'parvi/runtime';
import type { Trade } from '../../instruments/index.ts';
import { type IntakeBatch, kindOf } from '../../intake/index.ts';
import { type Portfolio, repeatedTrade, TradeIndex } from '../core/portfolio.ts';
import { writeResultBlock } from '../storage/result-block.ts';
import { ResultIndex } from '../storage/result-index.ts';
import type { SpoolDisk, SpoolFile } from '../storage/spool.ts';
import type { PricingRequest } from '../threads/thread-protocol.ts';
import { RejectedRows } from './rejected-rows.ts';

export interface RecordOptions {
  readonly id: string;
  readonly name: string | undefined;
  /** With the versions of all snapshots as they are now; workers are told of those that are named. */
  readonly pricing: PricingRequest;
  readonly interactive: boolean;
  readonly clock: Clock;
  readonly disk: SpoolDisk;
  /** One trade to be priced this often, instead of trades that are appended. */
  readonly repeated?: { readonly trade: Trade; readonly copies: number };
}

/** The trades of a chunk as they go to a worker. */
export interface ChunkTrades {
  readonly bytes: Uint8Array;
  readonly copies?: number;
}

/** One trade as a line, priced many times. */
export interface RepeatedLine {
  readonly line: Uint8Array;
  readonly kind: string;
  readonly copies: number;
}

/** What a record is made of, however it came here. */
interface RecordContent {
  readonly id: string;
  readonly name: string | undefined;
  readonly pricing: PricingRequest;
  /** Snapshots named by the request and by its trades so far. */
  readonly named: readonly string[];
  readonly interactive: boolean;
  readonly submittedAt: string;
  readonly repeated: RepeatedLine | undefined;
  readonly index: TradeIndex;
  /** Stands for the trades where these are not needed any more. */
  readonly portfolio?: Portfolio;
  readonly trades: SpoolFile | undefined;
  readonly blocks: SpoolFile;
  readonly rejected: RejectedRows;
}

export class JobRecord {
  readonly id: string;
  readonly name: string | undefined;
  readonly interactive: boolean;
  readonly submittedAt: string;
  readonly portfolio: Portfolio;
  readonly results = new ResultIndex();
  readonly rejected: RejectedRows;
  startedAt: string | undefined;
  endedAt: string | undefined;
  endedWallMs: number | undefined;
  reason: string | undefined;
  /** What the request was a part of, where that is recorded; lost when the job goes to another controller. */
  trace: TraceContext | undefined;
  idempotency: { readonly key: string; readonly digest: string } | undefined;
  /** How often the job went from one controller to another. */
  moves = 0;
  readonly #index: TradeIndex;
  readonly #snapshots = new Set<string>();
  #pricing: PricingRequest;
  readonly #pinned: Readonly<Record<string, string>>;
  /** The one trade of the job, where it is priced many times. */
  readonly repeated: RepeatedLine | undefined;
  readonly #trades: SpoolFile | undefined;
  readonly #blocks: SpoolFile;

  static async open(options: RecordOptions): Promise<JobRecord> {
    const { disk, repeated, pricing } = options;
    const trades = repeated === undefined ? await disk.create() : undefined;
    const named = [pricing.snapshot];
    if (repeated?.trade.snapshot !== undefined) named.push(repeated.trade.snapshot);
    try {
      return new JobRecord({
        ...options,
        named,
        submittedAt: isoTime(options.clock.wallMs()),
        repeated: repeated === undefined ? undefined : lineOf(repeated),
        index: new TradeIndex(),
        trades,
        blocks: await disk.create(),
        rejected: new RejectedRows(disk),
      });
    } catch (error) {
      await trades?.close();
      throw error;
    }
  }

  /** A job that began at another controller. */
  static restore(content: RecordContent): JobRecord {
    return new JobRecord(content);
  }

  private constructor(content: RecordContent) {
    const { id, name, pricing, interactive, repeated, index } = content;
    this.id = id;
    this.name = name;
    this.#pricing = { ...pricing, snapshots: {} };
    this.#pinned = pricing.snapshots;
    this.#note(content.named);
    this.interactive = interactive;
    this.submittedAt = content.submittedAt;
    this.rejected = content.rejected;
    this.repeated = repeated;
    this.#index = index;
    this.#trades = content.trades;
    this.#blocks = content.blocks;
    this.portfolio =
      content.portfolio ??
      (repeated === undefined ? index : repeatedTrade(repeated.kind, repeated.copies));
  }

  /** Bytes of all trades, 0 where one is priced many times. */
  get tradeBytes(): number {
    return this.#trades === undefined ? 0 : this.#index.bytes;
  }

  /** Bytes of results that can be read. */
  get resultBytes(): number {
    return this.#blocks.readableBytes;
  }

  /** What workers are asked for, with the versions of the snapshots that trades have named so far. */
  get pricing(): PricingRequest {
    if (Object.keys(this.#pricing.snapshots).length < this.#snapshots.size) {
      const named = [...this.#snapshots];
      const snapshots = Object.fromEntries(named.map((name) => [name, this.#pinned[name] ?? '']));
      this.#pricing = { ...this.#pricing, snapshots };
    }
    return this.#pricing;
  }

  /** Keeps what was read of the input; the number of trades there are now. */
  async append(batch: IntakeBatch): Promise<number> {
    await this.rejected.append(batch.rejected);
    if (batch.lines.length > 0) {
      await this.#trades?.append(batch.lines);
      assert(
        batch.ends.at(-1) === batch.lines.length,
        'the last trade of a batch ends where its bytes do',
      );
      this.#index.appendAll(batch.ends, batch.kinds, batch.kindNames);
      this.#note(batch.snapshots);
    }
    return this.#index.length;
  }

  /** Names that no snapshot has are not kept: each of millions of trades may have one of its own. */
  #note(snapshots: readonly string[]): void {
    for (const name of snapshots) if (Object.hasOwn(this.#pinned, name)) this.#snapshots.add(name);
  }

  async read(from: number, count: number): Promise<ChunkTrades> {
    if (this.repeated !== undefined) return { bytes: this.repeated.line, copies: count };
    const start = this.#index.startOf(from);
    return { bytes: await this.readTrades(start, this.#index.startOf(from + count) - start) };
  }

  async readTrades(offset: number, length: number): Promise<Uint8Array> {
    assert(this.#trades !== undefined, 'a job has a spool of trades or one trade many times');
    return this.#trades.read(offset, length);
  }

  /** Keeps the results of a chunk; they can be read when the promise resolves. */
  async store(
    entry: {
      readonly from: number;
      readonly count: number;
      readonly failed: number;
      readonly worker: string | undefined;
    },
    block: Uint8Array,
  ): Promise<void> {
    const offset = await this.#blocks.append(block);
    this.results.add({ ...entry, offset, length: block.length });
  }

  /** Keeps the same failure for each trade of a chunk. */
  async storeFailed(
    chunk: { readonly from: number; readonly count: number },
    error: { readonly code: string; readonly message: string },
  ): Promise<void> {
    const { from, count } = chunk;
    const { bytes } = await this.read(from, count);
    const lines = Buffer.from(bytes).toString('utf8').trimEnd().split('\n');
    const trades = lines.map((line) => JSON.parse(line) as { id: string; instrument: string });
    const repeated = this.repeated !== undefined;
    const columns = {
      ids: Array.from({ length: count }, (_, i) =>
        repeated ? `${trades[0]?.id}-${from + i + 1}` : (trades[i]?.id ?? ''),
      ),
      instruments: Array.from(
        { length: count },
        (_, i) => trades[repeated ? 0 : i]?.instrument ?? '',
      ),
      values: new Float64Array(count).fill(Number.NaN),
      extras: {},
      errors: new Map(Array.from({ length: count }, (_, i) => [i, error])),
    };
    await this.store({ from, count, failed: count, worker: undefined }, writeResultBlock(columns));
  }

  readBlock(entry: { readonly offset: number; readonly length: number }): Promise<Uint8Array> {
    return this.#blocks.read(entry.offset, entry.length);
  }

  /** The job has ended: its trades are not needed any more, only its results. */
  async freeTrades(): Promise<void> {
    await this.#trades?.close();
  }

  async close(): Promise<void> {
    await Promise.all([this.#trades?.close(), this.#blocks.close(), this.rejected.close()]);
  }
}

function lineOf({
  trade,
  copies,
}: {
  readonly trade: Trade;
  readonly copies: number;
}): RepeatedLine {
  const line = new Uint8Array(Buffer.from(`${JSON.stringify(trade)}\n`));
  return { line, kind: kindOf(trade), copies };
}
