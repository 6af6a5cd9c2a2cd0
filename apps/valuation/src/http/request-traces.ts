// Requests as the beginning of traces, or as a part of the caller's when it sends a `traceparent`.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { parseTraceParent, type TraceSpan, type Tracing } from 'parvi/observe';

/** Streams live as long as their client; what is traced has an end. */
const untraced = /\/(events|stream)$/;

export class RequestTraces {
  readonly #tracing: Tracing | undefined;
  readonly #spans = new WeakMap<FastifyRequest, TraceSpan>();

  constructor(tracing: Tracing | undefined) {
    this.#tracing = tracing;
  }

  /** Makes each request of the routes a span, for who records traces. */
  watch(server: FastifyInstance): void {
    const tracing = this.#tracing;
    if (tracing === undefined) return;
    server.addHook('onRequest', async (request) => {
      const route = request.routeOptions.url;
      if (route === undefined || untraced.test(route)) return;
      const { traceparent } = request.headers;
      const parent = parseTraceParent(typeof traceparent === 'string' ? traceparent : undefined);
      const name = `${request.method} ${route}`;
      const attributes = { 'http.request.method': request.method, 'http.route': route };
      const span = tracing.start({ name, kind: 'server', parent, attributes, fromOutside: true });
      if (span !== undefined) this.#spans.set(request, span);
    });
    server.addHook('onResponse', async (request, reply) => {
      this.#end(request, reply.statusCode);
    });
    server.addHook('onRequestAbort', async (request) => {
      this.#end(request, undefined);
    });
  }

  /** Does the work, up to its first `await`, within the trace of the request. */
  within<T>(request: FastifyRequest, work: () => T): T {
    const span = this.#spans.get(request);
    if (this.#tracing === undefined || span === undefined) return work();
    return this.#tracing.run(span.context, work);
  }

  #end(request: FastifyRequest, status: number | undefined): void {
    const span = this.#spans.get(request);
    if (span === undefined) return;
    this.#spans.delete(request);
    if (status === undefined) span.fail(new Error('The client went before it had its answer'));
    else {
      span.set({ 'http.response.status_code': status });
      if (status >= 500) span.fail(new Error(`Answered with status ${status}`));
    }
    span.end();
  }
}
