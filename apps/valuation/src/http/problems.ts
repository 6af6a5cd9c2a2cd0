// Errors as problem documents (RFC 9457): the code decides the status, the message becomes the detail.

import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { errorLine, ParviError } from 'parvi';
import { IntakeError, type RowProblem } from '../intake/index.ts';
import type { ProblemView } from './views.ts';

/** Status and title of the codes that reach a client. A code that is not here is an internal error. */
export const problemStatuses: Readonly<Record<string, readonly [status: number, title: string]>> = {
  REQUEST_INVALID: [400, 'The request is not valid'],
  REQUEST_NOT_JSON: [400, 'The request body is not JSON'],
  ROUTE_UNKNOWN: [404, 'There is no such route'],
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
  JOB_UNKNOWN: [404, 'There is no such job'],
  JOB_LOST: [410, 'The job is lost'],
  CURSOR_INVALID: [400, 'The cursor is not valid'],
  IDEMPOTENCY_KEY_REUSED: [409, 'The idempotency key was used for another request'],
  GRID_TOO_MANY_JOBS: [429, 'Too many jobs'],
  GRID_QUEUE_FULL: [503, 'The queue is full'],
  GRID_STOPPING: [503, 'The controller is stopping'],
  GRID_NO_WORKERS: [503, 'No worker is there'],
  OWNER_UNREACHABLE: [503, 'The controller that keeps the job does not answer'],
};

/** An error of a request whose code is in {@link problemStatuses}. */
export class RequestError extends ParviError {}

/** The refusal of an upload because of bad trades, with the first of them. */
export function tradesRejected(rows: readonly RowProblem[], total: number): RequestError {
  const first = rows[0];
  const where = first === undefined ? '' : `; the first: row ${first.row}: ${first.message}`;
  return new RequestError(
    'TRADES_REJECTED',
    `${total} ${total === 1 ? 'trade is' : 'trades are'} not valid, so nothing was priced${where}`,
    {
      fields: { errors: rows, hint: 'Correct them, or add onError=skip to price the good trades' },
    },
  );
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined;
const whole = (value: unknown): number | undefined =>
  typeof value === 'number' ? value : undefined;

/** The problem document of anything thrown while a request was answered. */
export function problemOf(thrown: unknown): ProblemView {
  const error = known(thrown);
  const [status, title] = problemStatuses[error.code] ?? [500, 'The controller failed'];
  const { field, row, column, hint, errors } = error.fields as Record<string, unknown>;
  return {
    type: `urn:parvi:valuation:${error.code.toLowerCase().replaceAll('_', '-')}`,
    title,
    status,
    detail: status === 500 ? 'The controller failed to answer; its log says why' : error.message,
    code: status === 500 ? 'INTERNAL' : error.code,
    ...(text(field) === undefined ? {} : { field: text(field) }),
    ...(whole(row) === undefined ? {} : { row: whole(row) }),
    ...(text(column) === undefined ? {} : { column: text(column) }),
    ...(text(hint) === undefined ? {} : { hint: text(hint) }),
    ...(Array.isArray(errors) ? { errors: errors as NonNullable<ProblemView['errors']> } : {}),
  };
}

function known(thrown: unknown): ParviError {
  if (thrown instanceof ParviError) return thrown;
  if (thrown instanceof IntakeError) {
    const fields = thrown.row === undefined ? {} : { row: thrown.row };
    return new RequestError(thrown.code, thrown.message, { fields });
  }
  return ofFastify(thrown as FastifyError);
}

function ofFastify(error: FastifyError): ParviError {
  const issue = error.validation?.[0];
  if (issue !== undefined) {
    const field = issue.instancePath.replaceAll('/', '.').replace(/^\./, '');
    return new RequestError(
      'REQUEST_INVALID',
      `${error.validationContext ?? 'Request'} field "${field}" is not valid: ${issue.message ?? 'wrong value'}`,
      { fields: { field } },
    );
  }
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return new RequestError(
      'MEDIA_TYPE_UNSUPPORTED',
      'Send trades as application/json, application/x-ndjson or text/csv, and say so in the content-type header',
    );
  }
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return new RequestError(
      'BODY_TOO_LARGE',
      'This route takes at most 1 MiB; use POST /v1/jobs for more',
    );
  }
  if (error.statusCode === 400) {
    return new RequestError(
      'REQUEST_NOT_JSON',
      `The request body cannot be read: ${error.message}`,
    );
  }
  return new ParviError('INTERNAL', errorLine(error), { cause: error });
}

export function sendProblem(reply: FastifyReply, thrown: unknown): FastifyReply {
  const problem = problemOf(thrown);
  const retryAfter = thrown instanceof ParviError ? thrown.fields.retryAfterSeconds : undefined;
  if (typeof retryAfter === 'number') reply.header('retry-after', String(Math.ceil(retryAfter)));
  return reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem));
}

/** Makes every error of the server a problem document; internal ones are logged with their causes. */
export function useProblems(server: FastifyInstance, onInternal: (error: unknown) => void): void {
  server.setErrorHandler((error, _request, reply) => {
    if (problemOf(error).status === 500) onInternal(error);
    return sendProblem(reply, error);
  });
  server.setNotFoundHandler((request: FastifyRequest, reply) =>
    sendProblem(
      reply,
      new RequestError('ROUTE_UNKNOWN', `There is no route ${request.method} ${request.url}`, {
        fields: { hint: 'GET /openapi.json lists all routes' },
      }),
    ),
  );
}
