// POST /v1/jobs: a portfolio of any length, streamed from the socket through the intake thread into the grid.

import { z } from 'zod';
import { metricNames, pricingOptionsSchema } from '../pricing/index.ts';
import { checkedInput } from './checked-input.ts';
import type { JobRequest } from './grid-api.ts';
import { uploadFormat } from './media-type.ts';
import { definedOnly } from './problems.ts';
import { jobLocation, type RouteContext, type Routes } from './routes.ts';
import { uploadBytes } from './upload-bytes.ts';
import { jobView, problemView } from './views.ts';

const { engine, irDelta } = pricingOptionsSchema.shape;

const submitQuery = z.strictObject({
  metric: z.enum(metricNames).optional().describe('Default NPV'),
  snapshot: z
    .string()
    .optional()
    .describe('Market snapshot of trades that name none; default "default"'),
  engine,
  irDelta,
  steps: z.coerce
    .number()
    .pipe(pricingOptionsSchema.shape.steps.unwrap())
    .optional()
    .describe('Steps of options that name none'),
  name: z.string().min(1).max(200).optional().describe('A name for people'),
  onError: z
    .enum(['skip', 'reject'])
    .optional()
    .describe(
      'skip prices the good trades, while others still come in, and lists the bad ones among the results; reject, the default, prices nothing before all are read, and nothing at all when one is bad',
    ),
});

/** What a JSON object may give before its trades. */
export const submitFields = submitQuery
  .omit({ irDelta: true, steps: true })
  .extend({ options: pricingOptionsSchema.omit({ engine: true }).optional() });

const idempotencyKeyMax = 200;

export function submitRoute(server: Routes, { grid, intake, timers, traces }: RouteContext): void {
  server.post(
    '/v1/jobs',
    {
      schema: {
        operationId: 'submitJob',
        tags: ['jobs'],
        summary: 'Submit a portfolio',
        description:
          'Trades as a JSON array, as a JSON object with the fields of the query and last `trades`, as NDJSON or as CSV with a header line; streamed, so that a million trades are no load. Answers when all of the input is read and stored. With `onError=skip` pricing begins while it still comes in, otherwise after that. Meanwhile the job is in `GET /v1/jobs?state=accepting`, under its `name`. `row` in messages and results counts trades from 1, without the header line of a CSV and without blank lines.',
        querystring: submitQuery,
        headers: z.looseObject({
          'idempotency-key': z
            .string()
            .min(1)
            .max(idempotencyKeyMax)
            .optional()
            .describe('The same key with the same input gives the job that the first request made'),
        }),
        response: {
          202: jobView,
          400: problemView,
          404: problemView,
          408: problemView,
          409: problemView,
          415: problemView,
          422: problemView,
          429: problemView,
          503: problemView,
        },
      },
    },
    async (request, reply) => {
      const format = uploadFormat(request.headers);
      const upload = await intake.open(uploadBytes(request.raw, timers), format);
      try {
        const key = request.headers['idempotency-key'];
        const asked = requestOf(request.query, upload.fields);
        const job = await traces.within(request, () =>
          grid.submit({ ...asked, ...definedOnly({ idempotencyKey: key }) }, upload.batches),
        );
        return reply.code(202).header('location', jobLocation(request, job.id)).send(job);
      } finally {
        await upload.close();
      }
    },
  );
}

/** Query parameters first; what they leave out may be given by the fields of a JSON object. */
function requestOf(
  query: z.infer<typeof submitQuery>,
  fields: Readonly<Record<string, unknown>>,
): JobRequest {
  const { trades: _trades, ...others } = fields;
  const { irDelta: method, steps, ...inQuery } = query;
  const given = { ...checkedInput(submitFields, others, 'body'), ...definedOnly(inQuery) };
  const options = { ...given.options, ...definedOnly({ irDelta: method, steps }) };
  return {
    ...definedOnly({ engine: given.engine, name: given.name }),
    ...(Object.keys(options).length === 0 ? {} : { options }),
    metric: given.metric ?? 'NPV',
    snapshot: given.snapshot ?? 'default',
    onError: given.onError ?? 'reject',
  };
}
