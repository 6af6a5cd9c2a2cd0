// The command's way out: requests over HTTP and HTTPS. An implementation of a port; tests of commands hand in another.

import { type LookupAddress, type LookupAllOptions, lookup } from 'node:dns';
import { type ClientRequest, type IncomingMessage, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { systemTimers, type Timers } from '../runtime/index.ts';

export interface DoorRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** How long the whole answer may take; with `idleMs`, no longer than it takes to begin. */
  readonly timeoutMs: number;
  /** For a stream: how long it may take to go on after each part. */
  readonly idleMs?: number;
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

const doorTimers = systemTimers({ keepsProcessAlive: false });

/** As `node:dns` has it. */
type LookupAll = (
  name: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => void,
) => void;

export function httpDoor(secrets: DoorSecrets = {}, timers: Timers = doorTimers): HttpDoor {
  const lookupInTurn = turningLookup();
  return ({ method, url, headers, body, timeoutMs, idleMs, signal }) =>
    new Promise((resolve, reject) => {
      const options = { method, headers, lookup: lookupInTurn, signal };
      const request: ClientRequest =
        url.protocol === 'https:'
          ? secureRequest(url, { ...options, ...secrets })
          : plainRequest(url, options);
      let answer: IncomingMessage | undefined;
      const giveUp = (why: string): void => {
        const isThere = request.socket?.connecting === false;
        const error = isThere ? new SilentAnswer(why) : new Error(why);
        // Of a request that ends, an answer under way says no more than that it broke.
        answer?.destroy(error);
        request.destroy(error);
      };
      const timer = timers.after(timeoutMs, () =>
        giveUp(`no ${answer === undefined ? '' : 'whole '}answer within ${timeoutMs} ms`),
      );
      request.once('close', () => timer.cancel());
      request.once('error', reject);
      request.once('response', (response) => {
        answer = response.setEncoding('utf8');
        if (idleMs !== undefined) {
          timer.cancel();
          request.setTimeout(idleMs, () => giveUp(`no more of the answer within ${idleMs} ms`));
        }
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
