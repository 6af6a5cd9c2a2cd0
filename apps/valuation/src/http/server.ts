// The HTTP server of a controller: routes, problem documents, OpenAPI and the page, also below the gateway's prefix.

import fastifyStatic from '@fastify/static';
import fastifySwagger from '@fastify/swagger';
import Fastify, { type FastifyInstance } from 'fastify';
import {
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { intakeFormats } from '../intake/index.ts';
import { gridRoutes } from './grid-routes.ts';
import { jobRoutes } from './job-routes.ts';
import { documentUploads } from './openapi-uploads.ts';
import { useProblems } from './problems.ts';
import type { RouteContext } from './routes.ts';
import { snapshotRoutes } from './snapshot-routes.ts';
import { valueRoutes } from './value-routes.ts';

export interface HttpServerOptions extends RouteContext {
  /** Folder of the built page; without it only the routes are served. */
  readonly pageDirectory?: string;
  readonly version: string;
  /** Told of every error that is the controller's own fault. */
  readonly onInternalError: (error: unknown) => void;
}

/** Requests below this prefix are answered as without it, for gateways that do not strip it. */
export const gatewayPrefix = '/ve-svc';

const bodyBytesMax = 1024 * 1024;

function withoutPrefix(url: string): string {
  if (url === gatewayPrefix) return '/';
  return url.startsWith(`${gatewayPrefix}/`) ? url.slice(gatewayPrefix.length) : url;
}

export async function buildHttpServer(options: HttpServerOptions): Promise<FastifyInstance> {
  const server = Fastify({
    logger: false,
    bodyLimit: bodyBytesMax,
    // A listing client may hold a keep-alive connection; closing must not wait for it.
    forceCloseConnections: true,
    rewriteUrl: (request) => withoutPrefix(request.url ?? '/'),
  });
  server.setValidatorCompiler(validatorCompiler);
  server.setSerializerCompiler(serializerCompiler);
  useProblems(server, options.onInternalError);
  await server.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Parvi pricing grid',
        description: 'Submit portfolios, follow them being priced, read the results.',
        version: options.version,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }, { url: gatewayPrefix, description: 'Behind the gateway' }],
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => documentUploads(jsonSchemaTransformObject(document)),
  });
  await server.register(async (scope) => {
    acceptUploads(scope);
    jobRoutes(scope.withTypeProvider<ZodTypeProvider>(), options);
  });
  const typed = server.withTypeProvider<ZodTypeProvider>();
  valueRoutes(typed, options);
  snapshotRoutes(typed, options);
  gridRoutes(typed, options);
  server.get('/openapi.json', { schema: { hide: true } }, async () => server.swagger());
  if (options.pageDirectory !== undefined) {
    await server.register(fastifyStatic, { root: options.pageDirectory, cacheControl: false });
  }
  return server;
}

/** Uploads are handed on as streams; nothing of them is read before the route takes it. */
function acceptUploads(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  for (const type of Object.keys(intakeFormats)) {
    scope.addContentTypeParser(
      type,
      { bodyLimit: Number.MAX_SAFE_INTEGER },
      (_request, payload, done) => {
        done(null, payload);
      },
    );
  }
}
