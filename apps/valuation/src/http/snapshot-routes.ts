// Market snapshots: list, read, put.

import { z } from 'zod';
import type { RouteContext, Routes } from './routes.ts';
import { problemView, snapshotInfoView } from './views.ts';

const nameParameters = z.object({
  name: z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
      'must have 1 to 64 letters, digits, dots, dashes or underscores',
    ),
});

const snapshotBytesMax = 8 * 1024 * 1024;

export function snapshotRoutes(server: Routes, { grid }: RouteContext): void {
  server.get(
    '/v1/snapshots',
    {
      schema: {
        operationId: 'listSnapshots',
        tags: ['snapshots'],
        summary: 'List market snapshots',
        response: { 200: z.object({ snapshots: z.array(snapshotInfoView) }) },
      },
    },
    async () => ({ snapshots: [...(await grid.snapshots())] }),
  );
  server.get(
    '/v1/snapshots/:name',
    {
      schema: {
        operationId: 'getSnapshot',
        tags: ['snapshots'],
        summary: 'Read a market snapshot',
        params: nameParameters,
        response: {
          200: z.unknown(),
          304: z.undefined().describe('The client has it already, by its `If-None-Match`'),
          404: problemView,
        },
      },
    },
    async (request, reply) => {
      const { hash, bytes } = await grid.snapshot(request.params.name);
      const tag = `"${hash}"`;
      reply.header('etag', tag).header('cache-control', 'no-cache');
      if (request.headers['if-none-match'] === tag) return reply.code(304).send();
      // As it is kept: a snapshot may have megabytes, and many may ask for it.
      const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      return reply.type('application/json; charset=utf-8').send(body);
    },
  );
  server.put(
    '/v1/snapshots/:name',
    {
      bodyLimit: snapshotBytesMax,
      schema: {
        operationId: 'putSnapshot',
        tags: ['snapshots'],
        summary: 'Store a market snapshot under a name',
        description: 'Jobs that run already keep the snapshot they began with.',
        params: nameParameters,
        body: z.record(z.string(), z.unknown()),
        response: {
          200: snapshotInfoView,
          400: problemView,
          408: problemView,
          413: problemView,
          415: problemView,
          422: problemView,
        },
      },
    },
    (request) => grid.putSnapshot(request.params.name, request.body),
  );
}
