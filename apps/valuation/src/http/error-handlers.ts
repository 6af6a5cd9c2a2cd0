// Every way in which a request can fail ends in a problem document: errors of routes, paths and methods that are not
// there, and bytes that are no HTTP.

import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { KnownMethods } from './known-methods.ts';
import { problemOf, RequestError, sendProblem } from './problems.ts';

/** How much of an address is repeated in a refusal. */
const addressCharsMax = 200;

export interface FailureListeners {
  /** Told of every error that is the controller's own fault. */
  readonly onInternalError: (error: unknown) => void;
  /** Told of every request whose client went before it was whole. */
  readonly onClientGone?: () => void;
}

/** Makes every error of the server a problem document; internal ones are logged with their causes. */
export function useProblems(server: FastifyInstance, listeners: FailureListeners): void {
  const methods = new KnownMethods(server);
  server.setErrorHandler((error, request, reply) => {
    if (isForbiddenPath(error)) return sendProblem(reply, unknownRoute(request));
    if (isAbort(error)) listeners.onClientGone?.();
    else if (problemOf(error).status === 500) listeners.onInternalError(error);
    return sendProblem(reply, error);
  });
  server.setNotFoundHandler((request: FastifyRequest, reply) => {
    const known = methods.of(request.url);
    if (known.length === 0) return sendProblem(reply, unknownRoute(request));
    reply.header('allow', known.join(', '));
    return sendProblem(reply, wrongMethod(request, known));
  });
}

/** The files of the page refuse paths that lead out of their folder in words of their own. */
const isForbiddenPath = (error: unknown): boolean =>
  error instanceof Error && 'statusCode' in error && error.statusCode === 403;

/** What Node says of a request whose connection broke before its body was whole. */
const isAbort = (error: unknown): boolean =>
  error instanceof Error &&
  error.message === 'aborted' &&
  'code' in error &&
  error.code === 'ECONNRESET';

const unknownRoute = ({ method, originalUrl }: FastifyRequest): RequestError =>
  new RequestError('ROUTE_UNKNOWN', `There is no route ${method} ${shown(originalUrl)}`, {
    fields: { field: 'path', hint: 'GET /openapi.json lists all routes' },
  });

const wrongMethod = (
  { method, originalUrl }: FastifyRequest,
  known: readonly string[],
): RequestError =>
  new RequestError(
    'METHOD_NOT_ALLOWED',
    `${shown(originalUrl)} does not take ${method}: it takes ${known.join(', ')}`,
    { fields: { field: 'method', hint: 'GET /openapi.json lists all routes' } },
  );

const shown = (address: string): string =>
  address.length > addressCharsMax ? `${address.slice(0, addressCharsMax)}…` : address;

/** Answers what is no HTTP at all, or stopped in the middle of its headers, and closes the connection. */
export function refuseBadClient(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem = problemOf(refusalOfBadClient(error));
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

function refusalOfBadClient(error: Error & { readonly code?: string }): RequestError {
  if (error.code !== 'ERR_HTTP_REQUEST_TIMEOUT') {
    const reason = `The request cannot be read as HTTP: ${error.message}`;
    return new RequestError('REQUEST_NOT_HTTP', reason);
  }
  return new RequestError(
    'REQUEST_TIMEOUT',
    'The headers of the request did not come in time: send them at once',
    { fields: { field: 'headers' } },
  );
}
