// Errors as problem documents (RFC 9457): the code decides the status, the message becomes the detail.

import type { FastifyError, FastifyReply } from 'fastify';
import { errorLine, ParviError } from 'parvi';
import type { GridErrorCode } from '../grid/index.ts';
import { IntakeError, type IntakeFailureCode } from '../intake/index.ts';
import type { MarketErrorCode, MarketProblem } from '../market/index.ts';
import type { ProblemView } from './views.ts';

/** Codes of requests that do not reach the grid. */
export const requestErrorCodes = {
  REQUEST_INVALID: 'A field, parameter or header of the request has a value that cannot be',
  REQUEST_NOT_JSON: 'The request body cannot be read as JSON',
  REQUEST_CROSS_SITE: 'A page of another site made a browser send the request',
  REQUEST_HOST_UNKNOWN: 'The request calls the controller by a name that is not one of its own',
  REQUEST_NOT_HTTP: 'What came cannot be read as an HTTP request',
  REQUEST_TIMEOUT: 'The body of the request comes so slowly that it is not waited for',
  ROUTE_UNKNOWN: 'There is no route of this path',
  METHOD_NOT_ALLOWED: 'The route has other methods than that of the request',
  MEDIA_TYPE_UNSUPPORTED: 'The content type is none that the route takes',
  BODY_TOO_LARGE: 'The request body is longer than the route takes',
  ENGINE_UNKNOWN: 'There is no option engine of this name',
} as const;
export type RequestErrorCode = keyof typeof requestErrorCodes;

type ProblemCode = GridErrorCode | IntakeFailureCode | MarketErrorCode | RequestErrorCode;

/** Status and title of every code that reaches a client. A code that is not here is an internal error. */
export const problemStatuses = {
  REQUEST_INVALID: [400, 'The request is not valid'],
  REQUEST_NOT_JSON: [400, 'The request body is not JSON'],
  REQUEST_NOT_HTTP: [400, 'The request is not HTTP'],
  REQUEST_CROSS_SITE: [403, 'The request comes from another site'],
  REQUEST_HOST_UNKNOWN: [421, 'The host name is not one of this controller'],
  REQUEST_TIMEOUT: [408, 'The request came too slowly'],
  ROUTE_UNKNOWN: [404, 'There is no such route'],
  METHOD_NOT_ALLOWED: [405, 'The route does not have this method'],
  MEDIA_TYPE_UNSUPPORTED: [415, 'The content type is not supported'],
  BODY_TOO_LARGE: [413, 'The request body is too large'],
  UPLOAD_LINE_TOO_LONG: [400, 'A line is too long'],
  UPLOAD_CSV_MALFORMED: [400, 'The CSV cannot be read'],
  UPLOAD_CSV_HEADER: [400, 'The CSV header is not right'],
  UPLOAD_JSON_MALFORMED: [400, 'The JSON cannot be read'],
  UPLOAD_TRUNCATED: [400, 'The upload is not whole'],
  TRADES_REJECTED: [422, 'Some trades are not valid'],
  TRADES_EMPTY: [422, 'There are no trades'],
  METRIC_UNKNOWN: [400, 'There is no such metric'],
  ENGINE_UNKNOWN: [400, 'There is no such engine'],
  SNAPSHOT_UNKNOWN: [404, 'There is no such market snapshot'],
  SNAPSHOT_INVALID: [422, 'The market snapshot is not valid'],
  CURVE_NOT_BUILT: [422, 'A curve of the market snapshot cannot be built'],
  JOB_UNKNOWN: [404, 'There is no such job'],
  JOB_LOST: [410, 'The job is lost'],
  JOB_CANCELLED: [409, 'The job was cancelled'],
  CURSOR_INVALID: [400, 'The cursor is not valid'],
  IDEMPOTENCY_KEY_REUSED: [409, 'The idempotency key was used for another request'],
  IDEMPOTENCY_KEY_BUSY: [503, 'The idempotency key is in use'],
  GRID_TOO_MANY_JOBS: [429, 'Too many jobs'],
  GRID_QUEUE_FULL: [503, 'The queue is full'],
  GRID_STOPPING: [503, 'The controller is stopping'],
  GRID_NO_WORKERS: [503, 'No worker is there'],
  GRID_DISK_FAILED: [503, 'The controller cannot store trades'],
  OWNER_UNREACHABLE: [503, 'The controller that keeps the job does not answer'],
} as const satisfies Readonly<Record<ProblemCode, readonly [status: number, title: string]>>;

/** An error of a request that does not reach the grid. */
export class RequestError extends ParviError {
  constructor(
    code: RequestErrorCode | 'METRIC_UNKNOWN',
    message: string,
    options: { readonly fields?: Readonly<Record<string, unknown>>; readonly cause?: unknown } = {},
  ) {
    super(code, message, options);
  }
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined;
const whole = (value: unknown): number | undefined =>
  typeof value === 'number' ? value : undefined;

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The fields that have a value. */
export function definedOnly<T extends object>(value: T): Defined<T> {
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(entries) as Defined<T>;
}

const isProblemCode = (code: string): code is ProblemCode => Object.hasOwn(problemStatuses, code);

/** The problem document of anything thrown while a request was answered. */
export function problemOf(thrown: unknown): ProblemView {
  const error = known(thrown);
  const { code } = error;
  if (!isProblemCode(code)) {
    return {
      type: typeOf('INTERNAL'),
      title: 'The controller failed',
      status: 500,
      detail: 'The controller failed to answer; its log says why',
      code: 'INTERNAL',
    };
  }
  const [status, title] = problemStatuses[code];
  const { field, row, column, hint, errors, problems } = error.fields;
  return {
    type: typeOf(code),
    title,
    status,
    detail: error.message,
    code,
    ...definedOnly({
      field: text(field),
      row: whole(row),
      column: text(column),
      hint: text(hint),
      errors: listOf(code, errors ?? problems),
    }),
  };
}

const typeOf = (code: string): string =>
  `urn:parvi:valuation:${code.toLowerCase().replaceAll('_', '-')}`;

/** The single mistakes of an input; those of a snapshot have no code of their own. */
function listOf(code: ProblemCode, errors: unknown): ProblemView['errors'] {
  if (!Array.isArray(errors)) return undefined;
  return errors.map((error: MarketProblem) => ({ code, ...error }));
}

function known(thrown: unknown): ParviError {
  if (thrown instanceof ParviError) return thrown;
  if (thrown instanceof IntakeError) {
    const fields = thrown.row === undefined ? {} : { row: thrown.row };
    return new ParviError(thrown.code, thrown.message, { fields });
  }
  return ofFastify(thrown as FastifyError);
}

function ofFastify(error: FastifyError): ParviError {
  switch (error.code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new RequestError(
        'MEDIA_TYPE_UNSUPPORTED',
        'Send application/json, and say so in the content-type header',
        { fields: { field: 'content-type' } },
      );
    case 'FST_ERR_BAD_URL':
      return new RequestError(
        'REQUEST_INVALID',
        'The path of the request cannot be read: write "%" as "%25", and other bytes as "%" with two hexadecimal digits',
        { fields: { field: 'path' } },
      );
    default:
  }
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return new RequestError('REQUEST_INVALID', `The request cannot be read: ${error.message}`);
  }
  return new ParviError('INTERNAL', errorLine(error), { cause: error });
}

export function sendProblem(reply: FastifyReply, thrown: unknown): FastifyReply {
  const problem = problemOf(thrown);
  const retryAfter = thrown instanceof ParviError ? thrown.fields.retryAfterSeconds : undefined;
  if (typeof retryAfter === 'number') reply.header('retry-after', String(Math.ceil(retryAfter)));
  // What is still to come of the request would be taken for the next one.
  if (problem.code === 'REQUEST_TIMEOUT') reply.header('connection', 'close');
  return reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem));
}
