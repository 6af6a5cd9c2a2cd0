// What the HTTP routes answer with: one zod schema a view. OpenAPI, the page and the command line are derived from these.

import { z } from 'zod';

export const jobStates = [
  'accepting',
  'waiting-for-workers',
  'running',
  'completed',
  'cancelled',
  'failed',
  'lost',
] as const;

export const workerShareView = z
  .object({
    address: z.string(),
    trades: z.int(),
    chunks: z.int(),
    busyMs: z.number(),
    busyShare: z
      .number()
      .describe('Part of the job’s time that this worker’s threads were busy with it, 0 to 1'),
  })
  .meta({ id: 'WorkerShare' });

export const jobView = z
  .object({
    id: z.string(),
    name: z.string().optional(),
    metric: z.string(),
    snapshot: z.string(),
    state: z.enum(jobStates),
    reason: z
      .string()
      .optional()
      .describe('Why the job is in this state, when there is something to say'),
    owner: z.string().describe('Address of the controller that keeps the job'),
    submittedAt: z.string(),
    startedAt: z.string().optional(),
    endedAt: z.string().optional(),
    trades: z.int(),
    priced: z.int(),
    failed: z.int(),
    rejected: z.int().describe('Trades of the input that were refused and never queued'),
    chunksDone: z.int(),
    chunksTotal: z.int(),
    sum: z.number().nullable(),
    mean: z.number().nullable(),
    min: z.number().nullable(),
    max: z.number().nullable(),
    elapsedMs: z.number(),
    pricingMs: z.number().describe('Time that worker threads spent pricing, added up'),
    tradesPerSecond: z.number(),
    errors: z.record(z.string(), z.int()).describe('Failed trades by error code'),
    workers: z.array(workerShareView),
  })
  .meta({ id: 'Job' });

export const tradeErrorView = z
  .object({ code: z.string(), field: z.string().optional(), message: z.string() })
  .meta({ id: 'TradeError' });

export const resultView = z
  .object({
    row: z.int().describe('Position of the trade in the input, from 1'),
    id: z.string(),
    instrument: z.string(),
    metric: z.string(),
    value: z.number().optional(),
    extra: z.record(z.string(), z.number()).optional().describe('Further figures, such as greeks'),
    error: tradeErrorView.optional(),
    worker: z.string().optional(),
  })
  .meta({ id: 'Result' });

export const resultPageView = z
  .object({ jobId: z.string(), results: z.array(resultView), nextCursor: z.string().optional() })
  .meta({ id: 'ResultPage' });

export const histogramView = z
  .object({
    from: z.number(),
    to: z.number(),
    counts: z.array(z.int()),
    below: z.int(),
    above: z.int(),
  })
  .meta({ id: 'Histogram' });

export const nodeView = z
  .object({
    address: z.string(),
    roles: z.array(z.string()),
    status: z
      .string()
      .describe('Member status as Pekko names it: Joining, WeaklyUp, Up, Leaving, Exiting, Down'),
    reachable: z.boolean(),
    upSince: z.string().optional(),
    threads: z.int().optional(),
    load: z
      .object({
        tradesPerSecond: z.number(),
        busyShare: z.number(),
        loopDelayP99Ms: z.number(),
        rssBytes: z.number(),
        chunksInFlight: z.int(),
      })
      .optional(),
  })
  .meta({ id: 'Node' });

export const gridView = z
  .object({
    at: z.string(),
    cluster: z.object({ name: z.string(), leader: z.string().optional(), selfAddress: z.string() }),
    nodes: z.array(nodeView),
    queue: z.object({ jobs: z.int(), trades: z.int() }),
    rate: z.object({ tradesPerSecond: z.number() }),
    totals: z.object({ trades: z.int(), jobs: z.int() }),
  })
  .meta({ id: 'Grid' });

export const memberEventView = z
  .object({
    at: z.string(),
    address: z.string(),
    roles: z.array(z.string()),
    change: z.enum([
      'joined',
      'weakly-up',
      'up',
      'leaving',
      'exiting',
      'down',
      'removed',
      'unreachable',
      'reachable',
    ]),
  })
  .meta({ id: 'MemberEvent' });

export const metricInfoView = z
  .object({
    name: z.string(),
    title: z.string(),
    instruments: z.array(z.string()),
    engines: z.array(z.string()),
  })
  .meta({ id: 'MetricInfo' });

export const snapshotInfoView = z
  .object({ name: z.string(), hash: z.string(), evaluationDate: z.string() })
  .meta({ id: 'SnapshotInfo' });

export const problemView = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    field: z.string().optional(),
    row: z.int().optional(),
    column: z.string().optional(),
    hint: z.string().optional(),
    errors: z
      .array(
        z.object({
          row: z.int().optional(),
          id: z.string().optional(),
          field: z.string().optional(),
          code: z.string(),
          message: z.string(),
        }),
      )
      .optional(),
  })
  .meta({ id: 'Problem' });

export type JobState = (typeof jobStates)[number];
export type JobView = z.infer<typeof jobView>;
export type ResultView = z.infer<typeof resultView>;
export type ResultPageView = z.infer<typeof resultPageView>;
export type HistogramView = z.infer<typeof histogramView>;
export type NodeView = z.infer<typeof nodeView>;
export type GridView = z.infer<typeof gridView>;
export type MemberEventView = z.infer<typeof memberEventView>;
export type MetricInfoView = z.infer<typeof metricInfoView>;
export type SnapshotInfoView = z.infer<typeof snapshotInfoView>;
export type ProblemView = z.infer<typeof problemView>;
