// A few trades priced at once, and the request of the well-known Akka pricing engine, kept word for word.

import { z } from 'zod';
import type { RouteContext, Routes } from './routes.ts';
import { problemView, resultView } from './views.ts';

const valueBody = z.object({
  metric: z.string().default('NPV'),
  snapshot: z.string().default('default'),
  engine: z.string().optional(),
  options: z.record(z.string(), z.unknown()).optional(),
  trades: z
    .array(z.unknown())
    .min(1)
    .max(1000)
    .describe('Trades as of POST /v1/jobs; at most 1000'),
});

/** The most trades one request in the old form may ask for. */
const referenceTradesMax = 10_000_000;

export function valueRoutes(server: Routes, { grid }: RouteContext): void {
  server.post(
    '/v1/value',
    {
      schema: {
        tags: ['value'],
        summary: 'Price a few trades and wait for the answer',
        description: 'A bad trade gets its error in its place; the others are priced.',
        body: valueBody,
        response: {
          200: z.object({ results: z.array(resultView) }),
          400: problemView,
          503: problemView,
        },
      },
    },
    async (request) => {
      const { engine, options, ...rest } = request.body;
      const results = await grid.value({
        ...rest,
        ...(engine === undefined ? {} : { engine }),
        ...(options === undefined ? {} : { options }),
      });
      return { results: [...results] };
    },
  );
  server.get(
    '/valQuery',
    {
      schema: {
        tags: ['compatibility'],
        summary: 'Price the metric’s reference trade N times',
        description:
          'The request of the well-known Akka pricing engine. The answer is the text `Job submitted`.',
        querystring: z.object({
          metric: z.string().default('NPV'),
          numTrades: z.coerce.number().int().min(1).max(referenceTradesMax).default(1),
        }),
        produces: ['text/plain'],
      },
    },
    async (request, reply) => {
      const job = await grid.submitReference(request.query.metric, request.query.numTrades);
      return reply
        .code(202)
        .header('location', `/v1/jobs/${job.id}`)
        .type('text/plain; charset=utf-8')
        .send('Job submitted');
    },
  );
}
