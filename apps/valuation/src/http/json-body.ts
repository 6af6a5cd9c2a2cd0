// JSON bodies of the small routes, with the place of a mistake; Fastify's own parser says only that there is one.

import type { FastifyInstance } from 'fastify';
import { mistakePlace } from '../intake/index.ts';
import { RequestError } from './problems.ts';

export function useJsonBodies(server: FastifyInstance): void {
  server.removeContentTypeParser(['application/json', 'text/plain']);
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    const text = String(body);
    try {
      done(null, JSON.parse(text));
    } catch (error) {
      const { line, column } = mistakePlace(text);
      done(
        new RequestError(
          'REQUEST_NOT_JSON',
          `The request body is not JSON from line ${line}, column ${column} on: ${(error as Error).message}`,
          { fields: { row: line, column: String(column) } },
        ),
      );
    }
  });
}
