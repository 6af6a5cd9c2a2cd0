// Jobs: submit, look at, follow, read the results of, cancel.

import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type IntakeFormat, intakeFormats } from '../intake/index.ts';
import { EventStream } from './event-stream.ts';
import type { GridApi, JobRequest } from './grid-api.ts';
import { metricExtras } from './metric-info.ts';
import { RequestError } from './problems.ts';
import { chooseFormat, contentTypes, formatResults } from './result-format.ts';
import type { RouteContext, Routes } from './routes.ts';
import { histogramView, jobStates, jobView, problemView, resultPageView } from './views.ts';

const jobParameters = z.object({ id: z.string().min(1).max(64) });

const submitQuery = z.object({
  metric: z
    .string()
    .optional()
    .describe('NPV, ParRate, FwdRate, IRDelta or OptionPV; or a field of a JSON body'),
  snapshot: z
    .string()
    .optional()
    .describe('Market snapshot of trades that name none; default "default"'),
  engine: z.string().optional().describe('Engine of all options in the job'),
  name: z.string().max(200).optional().describe('A name for people'),
  onError: z
    .enum(['skip', 'reject'])
    .optional()
    .describe(
      'skip prices the good trades and lists the bad ones; reject, the default, prices nothing',
    ),
});

/** What a JSON object may give beside its trades. */
const submitFields = submitQuery
  .extend({
    options: z.record(z.string(), z.unknown()).optional(),
  })
  .strict();

const idempotencyKeyMax = 200;

export function jobRoutes(server: Routes, context: RouteContext): void {
  submitRoute(server, context);
  readRoutes(server, context.grid);
  resultRoutes(server, context.grid);
  followRoute(server, context);
}

function submitRoute(server: Routes, { grid, intake }: RouteContext): void {
  server.post(
    '/v1/jobs',
    {
      schema: {
        tags: ['jobs'],
        summary: 'Submit a portfolio',
        description:
          'Trades as a JSON array (or an object with the field `trades`), as NDJSON or as CSV with a header line; streamed, so that a million trades are no load. Answers when the input is stored, before it is priced.',
        querystring: submitQuery,
        response: {
          202: jobView,
          400: problemView,
          409: problemView,
          422: problemView,
          429: problemView,
          503: problemView,
        },
      },
      config: { upload: true },
    },
    async (request, reply) => {
      const format = formatOf(request);
      const upload = await intake.open(request.body as AsyncIterable<Uint8Array>, format);
      const job = await grid.submit(requestOf(request, upload.fields), upload.batches);
      return reply.code(202).header('location', `/v1/jobs/${job.id}`).send(job);
    },
  );
}

function formatOf(request: FastifyRequest): IntakeFormat {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
  const format = intakeFormats[type];
  if (format === undefined) {
    throw new RequestError(
      'MEDIA_TYPE_UNSUPPORTED',
      `Content type "${type}" is not supported: send application/json, application/x-ndjson or text/csv`,
    );
  }
  return format;
}

/** Query parameters first; what they leave out may be given by the fields of a JSON object. */
function requestOf(
  request: FastifyRequest & { readonly query: z.infer<typeof submitQuery> },
  fields: Readonly<Record<string, unknown>>,
): JobRequest {
  const { trades: _trades, ...others } = fields;
  const body = submitFields.safeParse(others);
  if (!body.success) {
    const issue = body.error.issues[0];
    const field = String(issue?.path[0] ?? '');
    throw new RequestError(
      'REQUEST_INVALID',
      `Body field "${field}" is not valid: ${issue?.message}`,
      {
        fields: { field },
      },
    );
  }
  const given = { ...body.data, ...definedOnly(request.query) };
  const key = idempotencyKeyOf(request);
  return {
    ...definedOnly({ engine: given.engine, name: given.name, options: given.options }),
    metric: given.metric ?? 'NPV',
    snapshot: given.snapshot ?? 'default',
    onError: given.onError ?? 'reject',
    ...(key === undefined ? {} : { idempotencyKey: key }),
  };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The fields that have a value. */
function definedOnly<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(
    Object.entries(value).filter(([, field]) => field !== undefined),
  ) as Defined<T>;
}

function idempotencyKeyOf(request: FastifyRequest): string | undefined {
  const key = request.headers['idempotency-key'];
  if (typeof key !== 'string') return undefined;
  if (key.length > 0 && key.length <= idempotencyKeyMax) return key;
  throw new RequestError(
    'REQUEST_INVALID',
    `The Idempotency-Key header must have 1 to ${idempotencyKeyMax} characters, not ${key.length}`,
    { fields: { field: 'Idempotency-Key' } },
  );
}

function readRoutes(server: Routes, grid: GridApi): void {
  server.get(
    '/v1/jobs',
    {
      schema: {
        tags: ['jobs'],
        summary: 'List jobs, newest first',
        querystring: z.object({
          limit: z.coerce.number().int().min(1).max(1000).default(100),
          state: z.enum(jobStates).optional(),
        }),
        response: { 200: z.object({ jobs: z.array(jobView) }) },
      },
    },
    async (request) => {
      const { limit, state } = request.query;
      return { jobs: [...(await grid.jobs({ limit, ...(state === undefined ? {} : { state }) }))] };
    },
  );
  server.get(
    '/v1/jobs/:id',
    {
      schema: {
        tags: ['jobs'],
        summary: 'Look at a job',
        params: jobParameters,
        response: { 200: jobView, 404: problemView },
      },
    },
    (request) => grid.job(request.params.id),
  );
  server.delete(
    '/v1/jobs/:id',
    {
      schema: {
        tags: ['jobs'],
        summary: 'Cancel a job',
        description:
          'Results that are there stay readable. Cancelling an ended job changes nothing.',
        params: jobParameters,
        response: { 200: jobView, 404: problemView },
      },
    },
    (request) => grid.cancel(request.params.id),
  );
}

function resultRoutes(server: Routes, grid: GridApi): void {
  server.get(
    '/v1/jobs/:id/results',
    {
      schema: {
        tags: ['jobs'],
        summary: 'Read results',
        description:
          'A JSON page by cursor; or, with `Accept: application/x-ndjson` or `text/csv` (or `format`), all results as a stream in the order of the input.',
        params: jobParameters,
        querystring: z.object({
          cursor: z.string().optional(),
          limit: z.coerce.number().int().min(1).max(10_000).default(100),
          failedOnly: z.stringbool().default(false),
          format: z.enum(['json', 'ndjson', 'csv']).optional(),
        }),
        response: { 200: resultPageView, 404: problemView },
      },
    },
    async (request, reply) => {
      const { format, cursor, limit, failedOnly } = request.query;
      const chosen = chooseFormat(format, request.headers.accept);
      if (chosen !== 'json') return streamResults(grid, request.params.id, chosen, reply);
      return grid.results(request.params.id, {
        limit,
        failedOnly,
        ...(cursor === undefined ? {} : { cursor }),
      });
    },
  );
  server.get(
    '/v1/jobs/:id/histogram',
    {
      schema: {
        tags: ['jobs'],
        summary: 'How the priced values lie',
        params: jobParameters,
        querystring: z.object({ bins: z.coerce.number().int().min(2).max(200).default(40) }),
        response: { 200: histogramView, 404: problemView },
      },
    },
    (request) => grid.histogram(request.params.id, request.query.bins),
  );
}

async function streamResults(
  grid: GridApi,
  id: string,
  format: 'ndjson' | 'csv',
  reply: FastifyReply,
): Promise<never> {
  // Asked for before the first byte, so that an unknown job is a 404 and not a broken stream.
  const job = await grid.job(id);
  const text = formatResults(grid.resultBlocks(id), format, metricExtras(job.metric));
  const stream = Readable.from(text);
  return reply.type(contentTypes[format]).send(stream) as unknown as never;
}

function followRoute(server: Routes, { grid, timers }: RouteContext): void {
  server.get(
    '/v1/jobs/:id/events',
    {
      schema: {
        tags: ['jobs'],
        summary: 'Follow a job (server-sent events)',
        description:
          'Events `progress` with the job, at most five a second, and `end` with the job when it has ended.',
        params: jobParameters,
      },
    },
    async (request, reply) => {
      await grid.job(request.params.id);
      const stream = new EventStream(request, reply, timers);
      const subscription = await grid.watchJob(request.params.id, (job) => {
        const ended = job.endedAt !== undefined;
        stream.send(ended ? 'end' : 'progress', job);
        if (ended) stream.close();
      });
      if (stream.open) stream.onClose(() => subscription.cancel());
      else subscription.cancel();
    },
  );
}
