// Whether a controller may be sent requests, on the port that takes them: what gateways ask again and again.

import type { HealthReport } from 'parvi/observe';
import { z } from 'zod';
import type { Routes } from './routes.ts';

/** Answers about the checks that the node has registered. */
export interface HealthPort {
  run(aspect: 'ready'): Promise<HealthReport>;
}

export function healthRoutes(server: Routes, health: HealthPort): void {
  const text = (description: string) => ({
    description,
    content: { 'text/plain': { schema: z.string() } },
  });
  server.get(
    '/ready',
    {
      schema: {
        operationId: 'getReady',
        tags: ['grid'],
        summary: 'Whether gateways may send requests here',
        description:
          'A controller is ready while it is a member of the cluster and not about to leave. One that leaves answers 503 here first, and goes on answering everything else for `controller.leaveNoticeMs`.',
        response: { 200: text('The text `OK`'), 503: text('Why not') },
      },
    },
    async (_request, reply) => {
      const { checks } = await health.run('ready');
      const refusing = checks.find(({ healthy }) => !healthy);
      reply.header('cache-control', 'no-store').type('text/plain; charset=utf-8');
      return refusing === undefined
        ? reply.code(200).send('OK')
        : reply.code(503).send(`Not ready: ${refusing.name} ${refusing.reason ?? ''}`.trimEnd());
    },
  );
}
