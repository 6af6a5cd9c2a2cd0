// The command's way out: requests over HTTP and HTTPS. An implementation of a port; tests of commands hand in another.

import { type ClientRequest, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';

export interface DoorRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** How long the answer may take to begin, and to go on after each part. */
  readonly idleMs: number;
}

export interface DoorAnswer {
  readonly status: number;
  readonly contentType: string;
  /** Parts of the body as text; ends by itself, or when the request is aborted. */
  readonly parts: AsyncIterable<string>;
  /** Breaks the connection off. */
  close(): void;
}

/** Rejects with what the network says when nobody answers. */
export type HttpDoor = (request: DoorRequest) => Promise<DoorAnswer>;

/** Texts in PEM: authorities to trust besides the system's, and what this side shows of itself. */
export interface DoorSecrets {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export function httpDoor(secrets: DoorSecrets = {}): HttpDoor {
  return ({ method, url, headers, body, idleMs }) =>
    new Promise((resolve, reject) => {
      const options = { method, headers, timeout: idleMs };
      const request: ClientRequest =
        url.protocol === 'https:'
          ? secureRequest(url, { ...options, ...secrets })
          : plainRequest(url, options);
      request.once('timeout', () => {
        request.destroy(new Error(`no answer within ${idleMs} ms`));
      });
      request.once('error', reject);
      request.once('response', (response) => {
        response.setEncoding('utf8');
        resolve({
          status: response.statusCode ?? 0,
          contentType: response.headers['content-type'] ?? '',
          parts: response,
          close: () => {
            request.destroy();
          },
        });
      });
      request.end(body);
    });
}
