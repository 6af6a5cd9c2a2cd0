// Results of a job: a page by cursor, all of them as a stream, or how they lie.

import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { isMetric } from '../pricing/index.ts';
import type { GridApi } from './grid-api.ts';
import { chooseFormat, contentTypes, formatResults, type StreamFormat } from './result-format.ts';
import { jobParameters, type Routes } from './routes.ts';
import { histogramView, problemView, resultPageView } from './views.ts';

/** A stream of results waits for those still to come; this is how long nothing may come. */
const streamIdleMsMax = 600_000;

const resultsQuery = z.strictObject({
  cursor: z.string().optional().describe('`nextCursor` of the page before'),
  limit: z.coerce.number().int().min(1).max(10_000).default(100),
  failedOnly: z
    .stringbool()
    .default(false)
    .describe('Only trades without a value: those that failed and those refused on input'),
  format: z.enum(['json', 'ndjson', 'csv']).optional().describe('Instead of the Accept header'),
});

export function resultRoutes(server: Routes, grid: GridApi): void {
  server.get(
    '/v1/jobs/:id/results',
    {
      // A page may hold ten thousand results that the grid made itself: they are written as they are.
      serializerCompiler: () => JSON.stringify,
      schema: {
        operationId: 'readResults',
        tags: ['jobs'],
        summary: 'Read results',
        description:
          'In the order of the input, trades refused on input included: a JSON page by cursor; or, with `Accept: application/x-ndjson` or `text/csv` (or `format`), all results as a stream, which waits for those still to come.',
        params: jobParameters,
        querystring: resultsQuery,
        response: {
          200: {
            description: 'Results',
            content: {
              'application/json': { schema: resultPageView },
              'application/x-ndjson': { schema: z.string().describe('One Result as JSON a line') },
              'text/csv': { schema: z.string().describe('A header line, then one result a line') },
            },
          },
          400: problemView,
          404: problemView,
          410: problemView,
          503: problemView,
        },
      },
    },
    async (request, reply) => {
      const { format, cursor, limit, failedOnly } = request.query;
      const { id } = request.params;
      const chosen = chooseFormat(format, request.headers.accept);
      if (chosen !== 'json') {
        await streamResults(grid, { id, format: chosen, failedOnly }, reply);
        return;
      }
      const position = cursor === undefined ? {} : { cursor };
      return grid.results(id, { limit, failedOnly, ...position });
    },
  );
  server.get(
    '/v1/jobs/:id/histogram',
    {
      schema: {
        operationId: 'getHistogram',
        tags: ['jobs'],
        summary: 'How the priced values lie',
        params: jobParameters,
        querystring: z.strictObject({ bins: z.coerce.number().int().min(2).max(200).default(40) }),
        response: { 200: histogramView, 404: problemView, 410: problemView, 503: problemView },
      },
    },
    (request) => grid.histogram(request.params.id, request.query.bins),
  );
}

interface StreamRequest {
  readonly id: string;
  readonly format: StreamFormat;
  readonly failedOnly: boolean;
}

async function streamResults(
  grid: GridApi,
  { id, format, failedOnly }: StreamRequest,
  reply: FastifyReply,
): Promise<void> {
  // Asked for before the first byte, so that an unknown job is a 404 and not a broken stream.
  const { metric } = await grid.job(id);
  await grid.results(id, { limit: 1, failedOnly: false });
  const blocks = grid.resultBlocks(id, { failedOnly });
  const stream = Readable.from(formatResults(blocks, format, isMetric(metric) ? metric : 'NPV'));
  const { socket } = reply.raw;
  if (socket instanceof Socket) socket.setTimeout(streamIdleMsMax);
  reply.type(contentTypes[format]).send(stream);
  // The first result may be long in coming; the client learns at once that there will be some.
  reply.raw.flushHeaders();
  await reply;
}
