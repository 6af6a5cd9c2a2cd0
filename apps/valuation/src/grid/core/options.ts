// The numbers that steer how work is handed out. Each can be set when a controller is started.

export interface SchedulingOptions {
  /** Pricing time one chunk should take. More is less overhead, and a longer wait for small jobs. */
  readonly chunkTargetMs: number;
  /** The shortest chunk aimed at when the rest of a job is spread over all threads. */
  readonly chunkTargetMsMin: number;
  /** Trades of a chunk with an instrument whose cost nobody has measured yet. */
  readonly firstChunkTrades: number;
  readonly chunkTradesMax: number;
  /** Bytes of trades in one chunk; must fit into one large message with its envelope. */
  readonly chunkBytesMax: number;
  /** A started chunk may take its estimate times this before it goes to another worker. */
  readonly deadlineFactor: number;
  readonly deadlineMsMin: number;
  readonly deadlineMsMax: number;
  /** Deadline of a chunk whose cost nobody has measured yet. */
  readonly deadlineMsUnknown: number;
  /** How long a chunk may lie at a worker unstarted while another worker has nothing to do. */
  readonly startLimitMs: number;
  /** How long a message may be on its way before the worker's own list of chunks is believed. */
  readonly transitMs: number;
  /** A worker that says nothing for this long gets no more work and its chunks go to others. */
  readonly silenceMs: number;
  /** How often a trade alone may kill its worker before it is reported as failed. */
  readonly triesMax: number;
  /** Chunks of one job whose results may wait for the disk before the job is held. */
  readonly storingMax: number;
}

export const schedulingDefaults: SchedulingOptions = {
  chunkTargetMs: 40,
  chunkTargetMsMin: 4,
  firstChunkTrades: 16,
  chunkTradesMax: 5_000,
  chunkBytesMax: 1024 * 1024,
  deadlineFactor: 20,
  deadlineMsMin: 10_000,
  deadlineMsMax: 600_000,
  deadlineMsUnknown: 60_000,
  startLimitMs: 10_000,
  transitMs: 2_000,
  silenceMs: 4_000,
  triesMax: 3,
  storingMax: 64,
};
