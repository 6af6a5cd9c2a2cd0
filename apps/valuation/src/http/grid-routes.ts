// The grid itself: members, load, queue and throughput, once or live.

import { z } from 'zod';
import { EventStream } from './event-stream.ts';
import { metricInfos } from './metric-info.ts';
import type { RouteContext, Routes } from './routes.ts';
import { gridView, metricInfoView } from './views.ts';

export function gridRoutes(server: Routes, { grid, timers }: RouteContext): void {
  server.get(
    '/v1/grid',
    {
      schema: {
        tags: ['grid'],
        summary: 'Members, load, queue and throughput',
        response: { 200: gridView },
      },
    },
    async () => grid.grid(),
  );
  server.get(
    '/v1/grid/events',
    {
      schema: {
        tags: ['grid'],
        summary: 'Follow the grid (server-sent events)',
        description:
          'Events `grid` with the whole view each second and on change, `member` for each join, leave and death, `job` for each job that moves.',
      },
    },
    async (request, reply) => {
      const stream = new EventStream(request, reply, timers);
      stream.send('grid', grid.grid());
      const subscription = grid.watchGrid({
        grid: (view) => stream.send('grid', view),
        member: (event) => stream.send('member', event, `member ${event.address} ${event.change}`),
        job: (view) => stream.send('job', view, `job ${view.id}`),
      });
      stream.onClose(() => subscription.cancel());
    },
  );
  server.get(
    '/v1/metrics-info',
    {
      schema: {
        tags: ['grid'],
        summary: 'Metrics, and which instruments and engines they have',
        response: { 200: z.object({ metrics: z.array(metricInfoView) }) },
      },
    },
    async () => ({ metrics: [...metricInfos] }),
  );
}
