// What every group of routes is given, and what their descriptions share.

import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyRequest,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Timers } from 'parvi';
import { z } from 'zod';
import type { IntakePool } from '../intake/index.ts';
import type { GridApi } from './grid-api.ts';
import type { OpenStreams } from './open-streams.ts';
import type { RequestTraces } from './request-traces.ts';

/** A server whose routes are typed by their zod schemas. */
export type Routes = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

export interface RouteContext {
  readonly grid: GridApi;
  readonly intake: IntakePool;
  readonly timers: Timers;
  readonly streams: OpenStreams;
  readonly traces: RequestTraces;
}

/** Requests below this prefix are answered as without it, for gateways that do not strip it. */
export const gatewayPrefix = '/ve-svc';

export const jobParameters = z.object({ id: z.string().min(1).max(64) });

/** The description of a response of server-sent events. */
export const eventStreamOf = (description: string) => ({
  description,
  content: { 'text/event-stream': { schema: z.string() } },
});

/** Where a job is found, on the path by which the request came. */
export function jobLocation(request: Pick<FastifyRequest, 'originalUrl'>, id: string): string {
  const prefix = request.originalUrl.startsWith(`${gatewayPrefix}/`) ? gatewayPrefix : '';
  return `${prefix}/v1/jobs/${id}`;
}
