// The command's way out: requests over HTTP and HTTPS. An implementation of a port; tests of commands hand in another.

import { type LookupAddress, type LookupAllOptions, lookup } from 'node:dns';
import { type ClientRequest, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { LookupFunction } from 'node:net';

export interface DoorRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** How long the answer may take to begin. */
  readonly beginMs: number;
  /** How long it may take to go on after each part. */
  readonly idleMs: number;
  /** Breaks it off, also while the answer comes. */
  readonly signal: AbortSignal;
}

export interface DoorAnswer {
  readonly status: number;
  readonly contentType: string;
  /** Parts of the body as text; ends by itself, or when the request is aborted. */
  readonly parts: AsyncIterable<string>;
  /** Breaks the connection off. */
  close(): void;
}

/** Somebody is there, and says nothing: a process that hangs or is stopped, or that has too much to do. */
export class SilentAnswer extends Error {}

/** Rejects with what the network says when nobody answers, with {@link SilentAnswer} when somebody might. */
export type HttpDoor = (request: DoorRequest) => Promise<DoorAnswer>;

/** Texts in PEM: authorities to trust besides the system's, and what this side shows of itself. */
export interface DoorSecrets {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** As `node:dns` has it. */
type LookupAll = (
  name: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => void,
) => void;

export function httpDoor(secrets: DoorSecrets = {}): HttpDoor {
  const lookupInTurn = turningLookup();
  return ({ method, url, headers, body, beginMs, idleMs, signal }) =>
    new Promise((resolve, reject) => {
      const options = { method, headers, timeout: beginMs, lookup: lookupInTurn, signal };
      let limitMs = beginMs;
      const request: ClientRequest =
        url.protocol === 'https:'
          ? secureRequest(url, { ...options, ...secrets })
          : plainRequest(url, options);
      request.once('timeout', () => {
        const isThere = request.socket?.connecting === false;
        const why = `no answer within ${limitMs} ms`;
        request.destroy(isThere ? new SilentAnswer(why) : new Error(why));
      });
      request.once('error', reject);
      request.once('response', (response) => {
        response.setEncoding('utf8');
        limitMs = idleMs;
        request.setTimeout(idleMs);
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

/**
 * A name with several addresses leads to another one each time, so that a node that is of no use is not asked for ever.
 * The others follow, for when nobody listens there.
 */
export function turningLookup(lookupAll: LookupAll = lookup): LookupFunction {
  let turn = 0;
  return (name, options, callback) => {
    lookupAll(name, { ...options, all: true }, (error, found) => {
      if (error !== null) {
        callback(error, []);
        return;
      }
      const first = turn++ % Math.max(1, found.length);
      const turned = [...found.slice(first), ...found.slice(0, first)];
      const [one = { address: '', family: 0 }] = turned;
      if (options.all === true) callback(null, turned);
      else callback(null, one.address, one.family);
    });
  };
}
