// The grid itself: members, load, queue and throughput, once or live.

import { z } from 'zod';
import { csvColumns } from '../instruments/index.ts';
import { metricInfos } from './metric-info.ts';
import { eventStreamOf, type RouteContext, type Routes } from './routes.ts';
import { gridView, metricInfoView } from './views.ts';

export function gridRoutes(server: Routes, { grid, streams }: RouteContext): void {
  server.get(
    '/v1/grid',
    {
      schema: {
        operationId: 'getGrid',
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
      exposeHeadRoute: false,
      schema: {
        operationId: 'followGrid',
        tags: ['grid'],
        summary: 'Follow the grid (server-sent events)',
        description:
          'Events `grid` with the whole view each second and on change, `member` for each join, leave and death, `job` for each job that moves.',
        response: {
          200: eventStreamOf('Events whose data is a Grid, a MemberEvent or a Job'),
        },
      },
    },
    async (_request, reply) => {
      const stream = streams.open(reply);
      stream.send('grid', grid.grid());
      const subscription = grid.watchGrid({
        grid: (view) => stream.send('grid', view),
        member: (event) =>
          stream.send('member', event, { slot: `member ${event.address} ${event.change}` }),
        job: (view) => stream.send('job', view, { slot: `job ${view.id}` }),
      });
      stream.onClose(() => subscription.cancel());
    },
  );
  server.get(
    '/v1/metrics-info',
    {
      schema: {
        operationId: 'listMetrics',
        tags: ['grid'],
        summary: 'Metrics with their instruments and engines, and the columns of a CSV portfolio',
        response: {
          200: z.object({ metrics: z.array(metricInfoView), csvColumns: z.array(z.string()) }),
        },
      },
    },
    async () => ({ metrics: [...metricInfos], csvColumns: [...csvColumns] }),
  );
}
