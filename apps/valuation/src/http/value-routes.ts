// A few trades priced at once, and the request of the well-known Akka pricing engine, kept word for word.

import { z } from 'zod';
import { metricNames, pricingOptionsSchema } from '../pricing/index.ts';
import { jobLocation, type RouteContext, type Routes } from './routes.ts';
import { problemView, resultView } from './views.ts';

const valueBody = z
  .strictObject({
    metric: z.enum(metricNames).default('NPV'),
    snapshot: z.string().default('default'),
    engine: pricingOptionsSchema.shape.engine,
    options: pricingOptionsSchema.omit({ engine: true }).optional(),
    trades: z
      .array(z.unknown())
      .min(1)
      .max(1000)
      .describe('Trades as of POST /v1/jobs; at most 1000'),
  })
  .meta({ id: 'ValueRequest' });

/** The most trades one request in the old form may ask for. */
const referenceTradesMax = 10_000_000;

export function valueRoutes(server: Routes, { grid, traces }: RouteContext): void {
  server.post(
    '/v1/value',
    {
      schema: {
        operationId: 'value',
        tags: ['value'],
        summary: 'Price a few trades and wait for the answer',
        description: 'A bad trade gets its error in its place; the others are priced.',
        body: valueBody,
        response: {
          200: z.object({ results: z.array(resultView) }),
          400: problemView,
          404: problemView,
          408: problemView,
          413: problemView,
          415: problemView,
          503: problemView,
        },
      },
    },
    async (request) => {
      const { engine, options, ...rest } = request.body;
      const asked = {
        ...rest,
        ...(engine === undefined ? {} : { engine }),
        ...(options === undefined ? {} : { options }),
      };
      const results = await traces.within(request, () => grid.value(asked));
      return { results: [...results] };
    },
  );
  server.get(
    '/valQuery',
    {
      exposeHeadRoute: false,
      schema: {
        operationId: 'valQuery',
        tags: ['compatibility'],
        summary: 'Price the metric’s reference trade N times',
        description:
          'The request of the well-known Akka pricing engine. The answer is the text `Job submitted`.',
        querystring: z.object({
          metric: z.enum(metricNames).default('NPV'),
          numTrades: z.coerce.number().int().min(1).max(referenceTradesMax).default(1),
        }),
        response: {
          202: {
            description: 'The text `Job submitted`',
            content: { 'text/plain': { schema: z.string() } },
          },
          400: problemView,
          429: problemView,
          503: problemView,
        },
      },
    },
    async (request, reply) => {
      const { metric, numTrades } = request.query;
      const job = await traces.within(request, () => grid.submitReference(metric, numTrades));
      return reply
        .code(202)
        .header('location', jobLocation(request, job.id))
        .type('text/plain; charset=utf-8')
        .send('Job submitted');
    },
  );
}
