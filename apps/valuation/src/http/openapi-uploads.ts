// The request body of uploads in the OpenAPI document. Uploads are streamed and checked row by row, so their schema is
// not one that the server applies to a whole body, but it is the same schema that checks each trade.

import { z } from 'zod';
import { tradeSchema } from '../instruments/index.ts';

type OpenApiDocument = Record<string, unknown>;

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** Adds the body of `POST /v1/jobs` to the document. */
export function documentUploads<Document extends object>(document: Document): Document {
  const trade = z.toJSONSchema(tradeSchema, { io: 'input', unrepresentable: 'any' });
  const { $schema: _dialect, ...schema } = trade;
  const components = record((document as OpenApiDocument).components);
  const schemas = { ...record(components.schemas), Trade: schema };
  const reference = { $ref: '#/components/schemas/Trade' };
  const paths = record((document as OpenApiDocument).paths);
  const jobs = record(paths['/v1/jobs']);
  const post = {
    ...record(jobs.post),
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: {
            anyOf: [
              { type: 'array', items: reference },
              {
                type: 'object',
                properties: {
                  trades: { type: 'array', items: reference },
                },
                required: ['trades'],
              },
            ],
          },
        },
        'application/x-ndjson': {
          schema: { type: 'string', description: 'One trade as JSON a line' },
        },
        'text/csv': {
          schema: {
            type: 'string',
            description: 'A header line with the field names, then one trade a line',
          },
        },
      },
    },
  };
  return {
    ...document,
    components: { ...components, schemas },
    paths: { ...paths, '/v1/jobs': { ...jobs, post } },
  };
}
