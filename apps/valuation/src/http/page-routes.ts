// The page and its assets. The names of assets hold a hash of their content, so they are kept for ever; the page itself
// is asked for anew each time.

import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { gatewayPrefix } from './routes.ts';

const forEver = 'public, max-age=31536000, immutable';

export async function servePage(server: FastifyInstance, directory: string): Promise<void> {
  await server.register(fastifyStatic, {
    root: directory,
    cacheControl: false,
    schemaHide: true,
    setHeaders: (reply, path) => {
      reply.header('cache-control', /[\\/]assets[\\/]/.test(path) ? forEver : 'no-cache');
    },
  });
  // The page's addresses are relative, so it needs the slash.
  server.get(gatewayPrefix, { schema: { hide: true } }, (_request, reply) =>
    reply.redirect(`${gatewayPrefix}/`, 308),
  );
}
