// What the HTTP routes answer with: one zod schema for each view of the grid, held to the grid's own types by the
// compiler, so that neither can change without the other. OpenAPI is derived from these schemas.

import { z } from 'zod';
import {
  type GridView,
  type HistogramView,
  type JobView,
  jobStates,
  type MemberChange,
  type MemberEventView,
  type NodeLoad,
  type NodeView,
  type ResultPageView,
  type ResultView,
  type SnapshotInfoView,
  type TradeErrorView,
  type WorkerShareView,
} from '../grid/views.ts';

/** A schema that has every field of a view, those that may be left out too, and whose output is that view. */
type SchemaOf<View> = z.ZodType<View> & { readonly shape: Record<keyof View, z.ZodType> };

const memberChanges = [
  'joined',
  'weakly-up',
  'up',
  'leaving',
  'exiting',
  'down',
  'removed',
  'unreachable',
  'reachable',
] as const satisfies readonly MemberChange[];

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
  .meta({ id: 'WorkerShare' }) satisfies SchemaOf<WorkerShareView>;

export const jobView = z
  .object({
    id: z.string(),
    name: z.string().exactOptional(),
    metric: z.string(),
    snapshot: z.string(),
    state: z.enum(jobStates),
    reason: z
      .string()
      .exactOptional()
      .describe('Why the job is in this state, when there is something to say'),
    owner: z.string().describe('Address of the controller that keeps the job'),
    submittedAt: z.string(),
    startedAt: z.string().exactOptional(),
    endedAt: z.string().exactOptional(),
    trades: z.int(),
    priced: z.int(),
    failed: z.int(),
    rejected: z.int().describe('Trades of the input that were refused and never queued'),
    chunksDone: z.int().describe('Chunks whose results are there'),
    chunksTotal: z
      .int()
      .describe(
        'Chunks planned so far: chunks are cut as workers ask for them, so this grows until all trades are handed out',
      ),
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
  .meta({ id: 'Job' }) satisfies SchemaOf<JobView>;

const rowMeaning =
  'Position of the trade in the input, from 1; the header line of a CSV and blank lines are not counted';

export const tradeErrorView = z
  .object({ code: z.string(), field: z.string().exactOptional(), message: z.string() })
  .meta({ id: 'TradeError' }) satisfies SchemaOf<TradeErrorView>;

export const resultView = z
  .object({
    row: z.int().describe(rowMeaning),
    id: z.string(),
    instrument: z.string(),
    metric: z.string(),
    value: z.number().exactOptional(),
    extra: z
      .record(z.string(), z.number())
      .exactOptional()
      .describe('Further figures, such as greeks'),
    error: tradeErrorView.exactOptional(),
    worker: z.string().exactOptional(),
  })
  .meta({ id: 'Result' }) satisfies SchemaOf<ResultView>;

export const resultPageView = z
  .object({
    jobId: z.string(),
    results: z.array(resultView),
    nextCursor: z.string().exactOptional(),
  })
  .meta({ id: 'ResultPage' }) satisfies SchemaOf<ResultPageView>;

export const histogramView = z
  .object({
    from: z.number(),
    to: z.number(),
    counts: z.array(z.int()),
    below: z.int(),
    above: z.int(),
  })
  .meta({ id: 'Histogram' }) satisfies SchemaOf<HistogramView>;

const nodeLoad = z
  .object({
    tradesPerSecond: z.number(),
    busyShare: z.number(),
    loopDelayP99Ms: z.number(),
    rssBytes: z.number(),
    chunksInFlight: z.int(),
  })
  .meta({ id: 'NodeLoad' }) satisfies SchemaOf<NodeLoad>;

export const nodeView = z
  .object({
    address: z.string(),
    roles: z.array(z.string()),
    status: z
      .string()
      .describe('Member status as Pekko names it: Joining, WeaklyUp, Up, Leaving, Exiting, Down'),
    reachable: z.boolean(),
    upSince: z.string().exactOptional(),
    threads: z.int().exactOptional(),
    load: nodeLoad.exactOptional(),
  })
  .meta({ id: 'Node' }) satisfies SchemaOf<NodeView>;

export const gridView = z
  .object({
    at: z.string(),
    cluster: z.object({
      name: z.string(),
      leader: z.string().exactOptional(),
      selfAddress: z.string(),
    }),
    nodes: z.array(nodeView),
    queue: z.object({ jobs: z.int(), trades: z.int() }),
    rate: z.object({ tradesPerSecond: z.number() }),
    totals: z.object({ trades: z.int(), jobs: z.int() }),
  })
  .meta({ id: 'Grid' }) satisfies SchemaOf<GridView>;

export const memberEventView = z
  .object({
    at: z.string(),
    address: z.string(),
    roles: z.array(z.string()),
    change: z.enum(memberChanges),
  })
  .meta({ id: 'MemberEvent' }) satisfies SchemaOf<MemberEventView>;

export const metricInfoView = z
  .object({
    name: z.string(),
    title: z.string(),
    instruments: z.array(z.string()),
    engines: z.array(z.string()),
    columns: z.array(z.string()).describe('Figures that come besides the value'),
  })
  .meta({ id: 'MetricInfo' });

export const snapshotInfoView = z
  .object({ name: z.string(), hash: z.string(), evaluationDate: z.string() })
  .meta({ id: 'SnapshotInfo' }) satisfies SchemaOf<SnapshotInfoView>;

export const problemView = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    field: z.string().exactOptional(),
    row: z.int().exactOptional(),
    column: z.string().exactOptional(),
    hint: z.string().exactOptional(),
    errors: z
      .array(
        z.object({
          row: z.int().exactOptional(),
          id: z.string().exactOptional(),
          instrument: z.string().exactOptional(),
          field: z.string().exactOptional(),
          code: z.string(),
          message: z.string(),
        }),
      )
      .exactOptional(),
  })
  .meta({ id: 'Problem' });

export type MetricInfoView = z.infer<typeof metricInfoView>;
export type ProblemView = z.infer<typeof problemView>;
export type {
  GridView,
  HistogramView,
  JobState,
  JobView,
  MemberEventView,
  NodeView,
  ResultPageView,
  ResultView,
  SnapshotInfoView,
} from '../grid/views.ts';
export { jobStates };
