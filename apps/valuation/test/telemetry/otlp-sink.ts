// A receiver of traces for tests: OTLP over HTTP with protobuf (https://opentelemetry.io/docs/specs/otlp/#otlphttp).

import { createServer, type Server } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { type ReadSpan, readSpans } from 'parvi/testkit';

export interface SinkSpan extends ReadSpan {
  /** `service.instance.id` of the node that recorded it. */
  readonly instance: string;
  readonly service: string;
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
        sink?.take(zipped ? gunzipSync(body) : body);
        response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
      });
    });
    server.listen(0, host, () => resolve());
    await promise;
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    sink = new OtlpSink(server, `http://${host}:${port}/v1/traces`);
    return sink;
  }

  take(request: Uint8Array): void {
    for (const span of readSpans(request)) {
      const named = (key: string): string => String(span.resource[key] ?? '');
      const about = { instance: named('service.instance.id'), service: named('service.name') };
      this.spans.push({ ...span, ...about });
    }
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
