// Request bodies in the OpenAPI document that Fastify does not see whole: uploads, which are streamed and checked row by
// row, trades priced directly, each of which gets its own answer, and snapshots, whose mistakes are listed. Their
// schemas are those that check each trade, each snapshot and each field.

import { z } from 'zod';
import { submitFields } from './submit-route.ts';

type Part = Record<string, unknown>;

const part = (value: unknown): Part =>
  typeof value === 'object' && value !== null ? (value as Part) : {};

const reference = (name: string): Part => ({ $ref: `#/components/schemas/${name}` });

const instruments = ['Fra', 'Deposit', 'Swap', 'EuropeanOption', 'AmericanOption'] as const;

/** A part of a document, found by the path of its keys; every object on the way is copied. */
function replaced(document: Part, path: readonly string[], make: (old: Part) => Part): Part {
  const [key, ...rest] = path;
  if (key === undefined) return make(document);
  return { ...document, [key]: replaced(part(document[key]), rest, make) };
}

export function documentBodies(document: object): Part {
  const trade = {
    oneOf: instruments.map((name) => reference(`${name}Input`)),
    discriminator: { propertyName: 'instrument' },
  };
  const trades = { type: 'array', items: reference('Trade') };
  const { $schema: _dialect, ...head } = z.toJSONSchema(submitFields, { io: 'input' });
  const withTrades = {
    ...head,
    properties: { ...head.properties, trades },
    required: ['trades'],
  };
  const upload = {
    required: true,
    content: {
      'application/json': { schema: { anyOf: [trades, withTrades] } },
      'application/x-ndjson': {
        schema: { type: 'string', description: 'One Trade as JSON a line' },
      },
      'text/csv': {
        schema: {
          type: 'string',
          description: 'A header line with names of fields, then one trade a line',
        },
      },
    },
  };
  const snapshot = {
    required: true,
    content: { 'application/json': { schema: reference('SnapshotInput') } },
  };
  const changes: readonly (readonly [path: readonly string[], make: (old: Part) => Part])[] = [
    [['components', 'schemas', 'Trade'], () => trade],
    [
      ['components', 'schemas', 'ValueRequestInput', 'properties', 'trades', 'items'],
      () => reference('Trade'),
    ],
    [['paths', '/v1/jobs', 'post', 'requestBody'], () => upload],
    [['paths', '/v1/snapshots/{name}', 'put', 'requestBody'], () => snapshot],
  ];
  return changes.reduce((changed, [path, make]) => replaced(changed, path, make), part(document));
}
