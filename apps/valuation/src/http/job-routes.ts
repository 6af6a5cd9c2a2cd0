// Jobs: list them, look at one, follow it, cancel it.

import { z } from 'zod';
import type { GridApi } from './grid-api.ts';
import { isEnd, JobProgress, positionOfId } from './job-events.ts';
import { resultRoutes } from './result-routes.ts';
import { eventStreamOf, jobParameters, type RouteContext, type Routes } from './routes.ts';
import { jobStates, jobView, problemView } from './views.ts';

export function jobRoutes(server: Routes, context: RouteContext): void {
  readRoutes(server, context.grid);
  resultRoutes(server, context.grid);
  followRoute(server, context);
}

function readRoutes(server: Routes, grid: GridApi): void {
  server.get(
    '/v1/jobs',
    {
      schema: {
        operationId: 'listJobs',
        tags: ['jobs'],
        summary: 'List jobs, newest first',
        querystring: z.strictObject({
          limit: z.coerce.number().int().min(1).max(1000).default(100),
          state: z.enum(jobStates).optional(),
        }),
        response: { 200: z.object({ jobs: z.array(jobView) }), 400: problemView },
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
        operationId: 'getJob',
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
        operationId: 'cancelJob',
        tags: ['jobs'],
        summary: 'Cancel a job',
        description:
          'Results that are there stay readable. Cancelling an ended job changes nothing.',
        params: jobParameters,
        response: { 200: jobView, 404: problemView, 410: problemView, 503: problemView },
      },
    },
    (request) => grid.cancel(request.params.id),
  );
}

function followRoute(server: Routes, { grid, streams }: RouteContext): void {
  server.get(
    '/v1/jobs/:id/events',
    {
      exposeHeadRoute: false,
      schema: {
        operationId: 'followJob',
        tags: ['jobs'],
        summary: 'Follow a job (server-sent events)',
        description:
          'Events `progress` with the job as data, at most five a second, and `end` with the job when it has ended; then the stream ends. A stream that ends before goes on at any controller, with the id of the last event in `Last-Event-ID`: behind it, and without it once more. After `end` there is nothing more to follow, which is 204.',
        params: jobParameters,
        headers: z.looseObject({
          'last-event-id': z.string().optional().describe('Go on behind the event of this id'),
        }),
        response: {
          200: eventStreamOf('Events whose data is a Job'),
          204: z.null().describe('The end was told already'),
          404: problemView,
          503: problemView,
        },
      },
    },
    async (request, reply) => {
      const last = positionOfId(request.headers['last-event-id']);
      const now = await grid.job(request.params.id);
      if (last !== undefined && isEnd(last) && now.endedAt !== undefined) {
        return reply.code(204).send(null);
      }
      const stream = streams.open(reply);
      const progress = new JobProgress(last);
      const subscription = await grid.watchJob(request.params.id, (job) => {
        const id = progress.next(job);
        if (id === undefined) return;
        const ended = job.endedAt !== undefined;
        stream.send(ended ? 'end' : 'progress', job, { id });
        if (ended) stream.close();
      });
      if (stream.open) stream.onClose(() => subscription.cancel());
      else subscription.cancel();
      return undefined;
    },
  );
}
