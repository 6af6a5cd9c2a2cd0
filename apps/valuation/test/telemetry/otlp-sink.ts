// A receiver of traces for tests: OTLP over HTTP with JSON (https://opentelemetry.io/docs/specs/otlp/#otlphttp).

import { createServer, type Server } from 'node:http';
import { gunzipSync } from 'node:zlib';

export interface SinkSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: object }[];
  readonly status: { readonly code?: number; readonly message?: string };
  /** `service.instance.id` of the node that recorded it. */
  readonly instance: string;
  readonly service: string;
}

type Attribute = { readonly key: string; readonly value: { readonly stringValue?: string } };

interface Request {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly Omit<SinkSpan, 'instance'>[] }[];
  }[];
}

export class OtlpSink {
  readonly spans: SinkSpan[] = [];
  readonly #server: Server;
  readonly endpoint: string;

  private constructor(server: Server, endpoint: string) {
    this.#server = server;
    this.endpoint = endpoint;
  }

  static async start(host: string): Promise<OtlpSink> {
    const { promise, resolve } = Promise.withResolvers<void>();
    let sink: OtlpSink | undefined;
    const server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const body = Buffer.concat(parts);
        const zipped = request.headers['content-encoding'] === 'gzip';
        sink?.take(JSON.parse((zipped ? gunzipSync(body) : body).toString('utf8')) as Request);
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    });
    server.listen(0, host, () => resolve());
    await promise;
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    sink = new OtlpSink(server, `http://${host}:${port}/v1/traces`);
    return sink;
  }

  take({ resourceSpans }: Request): void {
    for (const { resource, scopeSpans } of resourceSpans) {
      const named = (key: string): string =>
        resource.attributes.find((one) => one.key === key)?.value.stringValue ?? '';
      const about = { instance: named('service.instance.id'), service: named('service.name') };
      for (const { spans } of scopeSpans) {
        for (const span of spans) this.spans.push({ ...span, ...about });
      }
    }
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
