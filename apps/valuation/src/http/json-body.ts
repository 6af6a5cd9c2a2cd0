// JSON bodies of the small routes: read whole, within a limit of bytes and of time, and parsed with the place of a
// mistake; Fastify's own parser waits for ever, and says only that there is a mistake.

import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Timers } from 'parvi';
import { mistakePlace } from '../intake/index.ts';
import { refuseEncoding } from './media-type.ts';
import { RequestError } from './problems.ts';

/** How long the whole body of a small route may take, however steadily it comes. */
const bodyMsMax = 10_000;

export function useJsonBodies(server: FastifyInstance, timers: Timers): void {
  server.removeContentTypeParser(['application/json', 'text/plain']);
  server.addContentTypeParser(
    'application/json',
    async (request: FastifyRequest, payload: Readable) => {
      refuseEncoding(request.headers);
      const bytesMax = request.routeOptions.bodyLimit;
      if (Number(request.headers['content-length']) > bytesMax) throw tooLarge(bytesMax);
      return parsed(textOf(await bodyOf(payload, bytesMax, timers)));
    },
  );
}

function bodyOf(payload: Readable, bytesMax: number, timers: Timers): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let bytes = 0;
    const take = (part: Buffer): void => {
      parts.push(part);
      bytes += part.length;
      if (bytes > bytesMax) end(() => reject(tooLarge(bytesMax)));
    };
    const end = (settle: () => void): void => {
      timer.cancel();
      payload.off('data', take);
      settle();
    };
    const timer = timers.after(bodyMsMax, () => end(() => reject(tooSlow())));
    payload.on('data', take);
    payload.once('end', () => end(() => resolve(Buffer.concat(parts, bytes))));
    payload.once('error', (error) => end(() => reject(error)));
  });
}

/** Without the byte order mark that some editors put in front. */
function textOf(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch (cause) {
    throw new RequestError(
      'REQUEST_NOT_JSON',
      'The request body is not JSON, since it has bytes that are not UTF-8: save it as UTF-8',
      { fields: { field: 'body' }, cause },
    );
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const { line, column } = mistakePlace(text);
    throw new RequestError(
      'REQUEST_NOT_JSON',
      `The request body is not JSON from line ${line}, column ${column} on: ${(cause as Error).message}`,
      { fields: { field: 'body', row: line, column: String(column) }, cause },
    );
  }
}

const tooLarge = (bytesMax: number): RequestError =>
  new RequestError(
    'BODY_TOO_LARGE',
    `The request body is longer than the ${bytesMax} bytes this route takes: send portfolios to POST /v1/jobs, which takes any length`,
    { fields: { field: 'body' } },
  );

const tooSlow = (): RequestError =>
  new RequestError(
    'REQUEST_TIMEOUT',
    `The request body was not whole after ${bodyMsMax / 1000} s: send it again, faster`,
    { fields: { field: 'body' } },
  );
