// Jobs: list them, look at one, follow it, cancel it.

import { z } from 'zod';
import { EventStream } from './event-stream.ts';
import type { GridApi } from './grid-api.ts';
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

function followRoute(server: Routes, { grid, timers }: RouteContext): void {
  server.get(
    '/v1/jobs/:id/events',
    {
      exposeHeadRoute: false,
      schema: {
        operationId: 'followJob',
        tags: ['jobs'],
        summary: 'Follow a job (server-sent events)',
        description:
          'Events `progress` with the job as data, at most five a second, and `end` with the job when it has ended; then the stream ends.',
        params: jobParameters,
        response: { 200: eventStreamOf('Events whose data is a Job'), 404: problemView },
      },
    },
    async (request, reply) => {
      await grid.job(request.params.id);
      const stream = new EventStream(reply, timers);
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
