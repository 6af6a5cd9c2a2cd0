// The port to the API server's socket and to the files of the service account. The real one makes a connection for each
// request: requests are rare, and so a new authority, a new address or another of several API servers is found by itself.

import { readFile } from 'node:fs/promises';
import { request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { bareHost } from '../runtime/index.ts';

export interface HttpRequest {
  /** Origin, `https://10.96.0.1:443`. */
  readonly origin: string;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** Authorities in PEM; none for plain HTTP. */
  readonly ca: string | undefined;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** Sends a request and resolves with the whole answer; rejects when there is none, or the signal says so. */
export type HttpDoor = (request: HttpRequest) => Promise<HttpAnswer>;

export type ReadFile = (path: string) => Promise<string>;

/** More than the list of all pods of a large namespace. */
export const answerBytesMax = 64 * 1024 * 1024;

export const nodeHttpDoor: HttpDoor = (asked) =>
  new Promise((resolve, reject) => {
    const { protocol, hostname, port } = new URL(asked.origin);
    const send = protocol === 'https:' ? secureRequest : plainRequest;
    const { body = '' } = asked;
    const request = send({
      host: bareHost(hostname),
      port: port === '' ? (protocol === 'https:' ? 443 : 80) : port,
      method: asked.method,
      path: asked.path,
      headers: { ...asked.headers, 'content-length': Buffer.byteLength(body) },
      ca: asked.ca,
      minVersion: 'TLSv1.2',
      agent: false,
      signal: asked.signal,
    });
    request.on('error', reject);
    request.on('response', (response) => {
      const parts: Buffer[] = [];
      let bytes = 0;
      response.on('error', reject);
      response.on('data', (part: Buffer) => {
        bytes += part.length;
        parts.push(part);
        if (bytes > answerBytesMax) {
          response.destroy(new Error(`the answer is longer than ${answerBytesMax} bytes`));
        }
      });
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString('utf8') });
      });
      response.on('aborted', () => reject(new Error('the connection was cut within the answer')));
    });
    request.end(body);
  });

export const nodeReadFile: ReadFile = (path) => readFile(path, 'utf8');
