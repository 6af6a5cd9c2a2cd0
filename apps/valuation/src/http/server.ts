// The HTTP server of a controller: routes, problem documents, OpenAPI and the page, also below the gateway's prefix.

import { createServer, type RequestListener, type Server } from 'node:http';
import fastifySwagger from '@fastify/swagger';
import Fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import {
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  serializerCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import type { Tracing } from 'parvi/observe';
import { intakeFormats } from '../intake/index.ts';
import { inputValidator } from './checked-input.ts';
import { type FailureListeners, refuseBadClient, useProblems } from './error-handlers.ts';
import { gridRoutes } from './grid-routes.ts';
import { type HealthPort, healthRoutes } from './health-routes.ts';
import { jobRoutes } from './job-routes.ts';
import { useJsonBodies } from './json-body.ts';
import { OpenStreams } from './open-streams.ts';
import { documentBodies } from './openapi-bodies.ts';
import { documentResponses } from './openapi-responses.ts';
import { servePage } from './page-routes.ts';
import { sendProblem } from './problems.ts';
import { useProtection } from './protection.ts';
import { RequestTraces } from './request-traces.ts';
import { RequestTurns } from './request-turns.ts';
import { gatewayPrefix, type RouteContext } from './routes.ts';
import { snapshotRoutes } from './snapshot-routes.ts';
import { submitRoute } from './submit-route.ts';
import { endUnreadBodies } from './unread-body.ts';
import { valueRoutes } from './value-routes.ts';

export interface HttpServerOptions
  extends Omit<RouteContext, 'streams' | 'traces'>,
    FailureListeners {
  /** Folder of the built page; without it only the routes are served. */
  readonly pageDirectory?: string;
  readonly version: string;
  /** Where traces are recorded. */
  readonly tracing?: Tracing | undefined;
  readonly health: HealthPort;
  /** Names by which requests may call the server, besides addresses and localhost; without it any name is taken. */
  readonly hostNames?: readonly string[];
}

const bodyBytesMax = 1024 * 1024;
/** A client that neither sends nor takes anything for so long is gone. Event streams say something more often. */
const idleMsMax = 60_000;
const headersMsMax = 15_000;
/** How long a connection without a request is kept. */
const keepAliveMs = 72_000;
/** As long as any header may be: what is too long for a parameter is refused by its schema. */
const parameterCharsMax = 16 * 1024;

function withoutPrefix(url: string): string {
  return url.startsWith(`${gatewayPrefix}/`) ? url.slice(gatewayPrefix.length) : url;
}

/** Called for each address that is listened on. */
function nodeServer(begin: RequestListener): Server {
  const server = createServer(
    {
      headersTimeout: headersMsMax,
      // How long a body may take is up to the routes: small ones are timed as a whole, uploads by what keeps coming.
      requestTimeout: 0,
      keepAliveTimeout: keepAliveMs,
      requireHostHeader: false,
    },
    new RequestTurns(begin).take,
  );
  server.setTimeout(idleMsMax);
  // What a client expects beside "100-continue" is up to it (RFC 9110, section 10.1.1): it gets its answer all the same.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  return server;
}

export async function buildHttpServer(options: HttpServerOptions): Promise<FastifyInstance> {
  const server = Fastify({
    logger: false,
    bodyLimit: bodyBytesMax,
    serverFactory: nodeServer,
    routerOptions: { maxParamLength: parameterCharsMax },
    // A client may hold a keep-alive connection or an event stream; closing must not wait for it.
    forceCloseConnections: true,
    rewriteUrl: (request) => withoutPrefix(request.url ?? '/'),
    clientErrorHandler: refuseBadClient,
    frameworkErrors: (error: FastifyError, _request, reply) => void sendProblem(reply, error),
  });
  server.setValidatorCompiler(inputValidator);
  server.setSerializerCompiler(serializerCompiler);
  useProblems(server, options);
  useProtection(server, options.hostNames);
  useJsonBodies(server, options.timers);
  endUnreadBodies(server, options.timers);
  const streams = new OpenStreams(options.timers);
  server.addHook('preClose', () => streams.leave());
  const traces = new RequestTraces(options.tracing);
  traces.watch(server);
  const context: RouteContext = { ...options, streams, traces };
  await describeRoutes(server, options.version);
  await server.register(async (scope) => {
    acceptUploads(scope);
    submitRoute(scope.withTypeProvider<ZodTypeProvider>(), context);
  });
  const typed = server.withTypeProvider<ZodTypeProvider>();
  jobRoutes(typed, context);
  valueRoutes(typed, context);
  snapshotRoutes(typed, context);
  gridRoutes(typed, context);
  healthRoutes(typed, options.health);
  if (options.pageDirectory !== undefined) await servePage(server, options.pageDirectory);
  return server;
}

async function describeRoutes(server: FastifyInstance, version: string): Promise<void> {
  await server.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Parvi pricing grid',
        description: 'Submit portfolios, follow them being priced, read the results.',
        version,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }, { url: gatewayPrefix, description: 'Behind the gateway' }],
    },
    transform: jsonSchemaTransform,
    transformObject: (document) =>
      documentResponses(documentBodies(jsonSchemaTransformObject(document))),
  });
  let document: string | undefined;
  server.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) => {
    document ??= JSON.stringify(server.swagger());
    return reply.type('application/json; charset=utf-8').send(document);
  });
}

/** Uploads are left on the socket; nothing of them is read before the route takes it. */
function acceptUploads(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  for (const type of [...Object.keys(intakeFormats), '*']) {
    const anyLength = { bodyLimit: Number.MAX_SAFE_INTEGER };
    scope.addContentTypeParser(type, anyLength, (_request, _payload, done) => done(null));
  }
}
